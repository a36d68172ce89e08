"""Tables of exports and imports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime
from rostra.platform.leases import Leased


class ExportRow(Leased, Base):
    """One of an account at a time. file: its name in the folder of exports once it is ready. progress: 0 … 100.

    tries: how often somebody has begun it. problem: why it could not be made, in words.
    """

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8))
    progress: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str] = mapped_column(String(300))
    file: Mapped[str | None] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_exports_account_id", "account_id", unique=True),
        Index("ix_exports_state", "state", "asked_at"),
    )


class ImportRow(Leased, Base):
    """lines: JSON, a list of lists of text, as the sheet had them. done: how many of them are through."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lines: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_imports_account_id", "account_id", "id"),)


class ImportMissRow(Base):
    """A line that could not be done. line: counted from 0."""

    __tablename__ = "import_misses"

    import_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(200))
