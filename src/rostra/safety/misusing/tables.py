"""Tables of misuse. who: `account:<id>`, or `mark:<hex>` of an address, which tells nobody the address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime

WHO_CHARACTERS = 80


class UnfoundedRow(Base):
    """A notice that a person has called manifestly unfounded; once for each case that it led to."""

    __tablename__ = "unfounded_notices"

    notice_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    who: Mapped[str] = mapped_column(String(WHO_CHARACTERS))
    found_by: Mapped[int] = mapped_column(BigInteger)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_unfounded_notices_who", "who", "found_at"),)


class MisuseStepRow(Base):
    """What was done about somebody; only ever added to."""

    __tablename__ = "misuse_steps"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    who: Mapped[str] = mapped_column(String(WHO_CHARACTERS), index=True)
    step: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
