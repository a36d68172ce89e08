"""The register of trusted flaggers. Rows are added and ended, never deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime

_HERE = sql("gone_at IS NULL")


class FlaggerRow(Base):
    """areas: codes joined by commas. The rest as `Flagger` says it."""

    __tablename__ = "flaggers"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(200))
    areas: Mapped[str] = mapped_column(Text)
    named_by: Mapped[str] = mapped_column(String(200))
    since: Mapped[date] = mapped_column(Date)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_why: Mapped[str] = mapped_column(Text)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("uq_flaggers_account_id", "account_id", unique=True, sqlite_where=_HERE, postgresql_where=_HERE),
    )
