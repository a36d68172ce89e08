"""The table of conversations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base


class ConversationRow(Base):
    """A conversation of an account that has direct posts; thread_id names it on the wire.

    last_post_id: the newest direct post when it was written, which gives the place in the list and is no reference:
    that post may have gone since. hidden: the account has put it away, until somebody writes again.
    """

    __tablename__ = "conversations"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    thread_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_post_id: Mapped[int] = mapped_column(BigInteger)
    unread: Mapped[bool] = mapped_column(Boolean)
    hidden: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index("ix_conversations_account_id", "account_id", "last_post_id"),
        Index("ix_conversations_thread_id", "thread_id"),
    )
