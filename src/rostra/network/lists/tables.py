"""Tables of lists and of who is in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId


class ListRow(Base):
    __tablename__ = "lists"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(256))
    replies_policy: Mapped[str] = mapped_column(String(10))
    exclusive: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (Index("ix_lists_account_id", "account_id", "id"),)


class ListMemberRow(Base):
    """account_id: a member, whom the list's owner follows: the transaction that ends the follow removes it."""

    __tablename__ = "list_members"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    list_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lists.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))

    __table_args__ = (
        Index("uq_list_members_edge", "list_id", "account_id", unique=True),
        Index("ix_list_members_list_id", "list_id", "id"),
        Index("ix_list_members_account_id", "account_id", "list_id"),
    )
