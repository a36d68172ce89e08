"""Tables of polls and votes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime


class PollRow(Base):
    """options: JSON of Option, with its votes, so that a poll is one row to read; each vote changes it under the row's
    lock. voters_count: rows of its votes. told: those who wait for its end know of it.
    """

    __tablename__ = "polls"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), unique=True)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    options: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    multiple: Mapped[bool] = mapped_column(Boolean)
    hide_totals: Mapped[bool] = mapped_column(Boolean)
    voters_count: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index("ix_polls_untold", "expires_at", sqlite_where=sql("told = 0"), postgresql_where=sql("NOT told")),
    )


class PollVoteRow(Base):
    """Who has voted, once. choices: a bit for each chosen option. id: made with the first vote, for their order."""

    __tablename__ = "poll_votes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    poll_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("polls.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    choices: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        Index("uq_poll_votes_voter", "poll_id", "account_id", unique=True),
        Index("ix_poll_votes_poll_id", "poll_id", "id"),
    )
