"""Tables of the moderators' desk: notes for colleagues, what somebody looked at, what was decided together,
reasons that are written often, kinds of cases that are not offered to somebody.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime


class CaseNoteRow(Base):
    """What a moderator wrote for the others. Only ever added to."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)
    by: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseLookRow(Base):
    """What somebody opened; kept for two days, for the counter of the shift alone. case_id: null for the queue."""

    __tablename__ = "case_looks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_case_looks_account_id", "account_id", "looked_at"),)


class BulkActRow(Base):
    """An act on several cases; its decisions name it."""

    __tablename__ = "bulk_acts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_bulk_acts_by", "by", "made_at"),)


class ReasonTemplateRow(Base):
    """Reasons in one language; see Template."""

    __tablename__ = "reason_templates"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(8))
    ground_text: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(BigInteger)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("uq_reason_templates_name", "name", "language", unique=True),)


class LeftOutRow(Base):
    """A kind of cases that is not offered to somebody, by their own choice."""

    __tablename__ = "moderators_left_out"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
