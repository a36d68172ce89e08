"""The table of restrictions. Rows are added and lifted, never deleted: what was done to somebody stays known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime

_STANDING = sql("lifted_at IS NULL")


class RestrictionRow(Base):
    """territories: codes joined by commas, empty for everywhere. span_start, span_end: samples of the media clock.

    lifted_at: when somebody lifted it; None while it stands, also when its time is over. settle_at: when what is in
    force of it changes by itself the next time. state_before: of an account that it suspends, to come back to.
    """

    __tablename__ = "restrictions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    measure: Mapped[str] = mapped_column(String(20))
    territories: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    span_start: Mapped[int | None] = mapped_column(BigInteger)
    span_end: Mapped[int | None] = mapped_column(BigInteger)
    decision_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    reason: Mapped[str] = mapped_column(Text)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settle_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state_before: Mapped[str | None] = mapped_column(String(10))

    __table_args__ = (
        Index("ix_restrictions_kind", "kind", "subject_id", "id"),
        Index("ix_restrictions_standing", "id", sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index(
            "ix_restrictions_settle_at",
            "settle_at",
            sqlite_where=sql("settle_at IS NOT NULL"),
            postgresql_where=sql("settle_at IS NOT NULL"),
        ),
    )
