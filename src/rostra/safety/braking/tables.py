"""Tables of brakes and of the posts that they touch. Brakes are never deleted: each has its public statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime

_OPEN = sql("closed_at IS NULL")


class BrakeRow(Base):
    """terms: JSON list. The rest as `Brake` says it."""

    __tablename__ = "brakes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    authority: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[int] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_by: Mapped[int | None] = mapped_column(BigInteger)
    in_force_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_by: Mapped[int | None] = mapped_column(BigInteger)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_why: Mapped[str] = mapped_column(Text)
    swept_to: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_brakes_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),)


class BrakedPostRow(Base):
    """A post that a brake touches. No foreign key to posts: the row of one that was deleted leaves with the brake."""

    __tablename__ = "braked_posts"

    brake_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("brakes.id"), primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_braked_posts_post_id", "post_id"),
        Index("ix_braked_posts_author_id", "brake_id", "author_id"),
    )
