"""Tables of cases and their logs, notices, decisions, complaints and snapshots of evidence.

Accounts have no foreign keys here: what was done and by whom stays known when an account is gone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, SmallInteger, String, Text, TextClause
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime
from rostra.platform.leases import Leased
from rostra.safety.subjects import KEY_CHARACTERS
from rostra.safety.weights import LIGHTEST

_UNDECIDED = sql("status IN ('open', 'proposed')")
TO_DO = sql("status IN ('open', 'proposed', 'in_complaint')")
"""What waits. Queries say it in just these words, so that both engines know the indexes of the queue."""
_OF_BROADCAST = sql("status IN ('open', 'proposed', 'in_complaint') AND broadcast_id IS NOT NULL")
_OF_COUNTRY = sql("status IN ('open', 'proposed', 'in_complaint') AND country IS NOT NULL")
_CLAIMED = sql("claimed_by IS NOT NULL")
"""With all the others in it, statistics say that one claim is half of all cases, and SQLite reads the whole queue."""
_STUCK = sql("stuck AND status IN ('open', 'proposed', 'in_complaint')")


def _queue(name: str, *narrowed_by: str, where: TextClause = TO_DO) -> Index:
    """What waits, in the order of the queue. Whoever narrows it by country or by how long it has waited walks through
    the index alone, and the table is read for what fits.
    """
    beside = () if "country" in narrowed_by else ("country",)
    order = (*narrowed_by, "weight", "answer_by", "id", "opened_at", *beside)
    return Index(name, *order, sqlite_where=where, postgresql_where=where)


class CaseRow(Base):
    """What lists of cases are sorted by: status, version, notices and decision_id are copies of what the log says.

    subject: a key of `Subject`. broadcast_id: of what is about a broadcast. affected_id: whose it is. country: ISO
    3166-1 alpha-2, whose law the first notice names, or from where it came; null where nobody knows. weight: where
    it stands in the queue, see weights.py; what waits has a target for the next decision, answer_by. due_at: when
    the clock looks at the case next. stuck: nobody here may decide it. claimed_by has it to themselves until
    claimed_until.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(KEY_CHARACTERS))
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    affected_id: Mapped[int | None] = mapped_column(BigInteger)
    weight: Mapped[int] = mapped_column(SmallInteger, server_default=sql(str(LIGHTEST)))
    source: Mapped[str] = mapped_column(String(24))
    category: Mapped[str] = mapped_column(String(60))
    keyword: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(2))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer)
    events: Mapped[int] = mapped_column(Integer)
    notices: Mapped[int] = mapped_column(Integer)
    decision_id: Mapped[int | None] = mapped_column(BigInteger)
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stuck: Mapped[bool] = mapped_column(Boolean)
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_cases_subject", "subject", "id"),
        Index("uq_cases_undecided", "subject", unique=True, sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
        _queue("ix_cases_queue"),
        _queue("ix_cases_queue_language", "language"),
        _queue("ix_cases_queue_category", "category"),
        _queue("ix_cases_queue_both", "category", "language"),
        _queue("ix_cases_queue_status", "status"),
        _queue("ix_cases_queue_country", "country", where=_OF_COUNTRY),
        Index(
            "ix_cases_queue_broadcast",
            "broadcast_id",
            "weight",
            "answer_by",
            "id",
            sqlite_where=_OF_BROADCAST,
            postgresql_where=_OF_BROADCAST,
        ),
        Index("ix_cases_stuck", "opened_at", sqlite_where=_STUCK, postgresql_where=_STUCK),
        Index("ix_cases_due_at", "due_at"),
        Index("ix_cases_affected_id", "affected_id", "id"),
        Index("ix_cases_claimed_by", "claimed_by", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
    )


class CaseEventRow(Base):
    """The log of a case. number: from 1 on, without a gap. body: JSON of an Event."""

    __tablename__ = "case_events"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class NoticeRow(Base):
    """sealed: who told us, encrypted; email_mark: the same for the same address. attachments: JSON.

    fingerprint: of the secret in the link to its page. flagger_id: whose it is, where it came first for being a trusted
    flagger's. country: whose law it names, ISO 3166-1 alpha-2; null where it names none.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    receipt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    sealed: Mapped[str] = mapped_column(Text)
    email_mark: Mapped[str] = mapped_column(String(64))
    is_illegal: Mapped[bool] = mapped_column(Boolean)
    category: Mapped[str] = mapped_column(String(60))
    keyword: Mapped[str] = mapped_column(String(80))
    law: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    attachments: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    flagger_id: Mapped[int | None] = mapped_column(BigInteger)
    country: Mapped[str | None] = mapped_column(String(2))

    __table_args__ = (
        Index("ix_notices_account_id", "account_id", "id"),
        Index("ix_notices_email_mark", "email_mark", "received_at"),
    )


class NoticeItemRow(Base):
    """One location of a notice. case_id: null for what had been removed before."""

    __tablename__ = "notice_items"

    notice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("notices.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    location: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(KEY_CHARACTERS))
    found: Mapped[str] = mapped_column(String(8))
    case_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)


class DecisionRow(Base):
    """wish: JSON of a DecisionWish. statement: JSON of what the person was told; empty while it is only proposed.

    bulk_id: of the act on several cases that it was part of. undone_at: when it was taken back.
    """

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(BigInteger)
    second_by: Mapped[int | None] = mapped_column(BigInteger)
    affected: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(24))
    wish: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)
    in_force_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    informed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    complaints_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_by: Mapped[int | None] = mapped_column(BigInteger)
    replaces: Mapped[int | None] = mapped_column(BigInteger)
    bulk_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_decisions_affected", "affected", "id"),)


class ComplaintRow(Base):
    """who: one complaint for each of these and each decision; see `Complaint.who`."""

    __tablename__ = "complaints"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)
    decision_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("decisions.id"))
    who: Mapped[str] = mapped_column(String(32))
    side: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    notice_id: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    reasons: Mapped[str] = mapped_column(Text)
    new_decision_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("uq_complaints_who", "decision_id", "who", unique=True),)


class EvidenceRow(Base):
    """A sealed snapshot in the file store. kind: what it is of. digest: SHA-256 of what is in it. gone_at: when it was
    deleted, on time.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default="content", server_default=sql("'content'"))
    file: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MomentRow(Base, Leased):
    """The sound around a flagged moment that is still to be kept. The parts `first_part … end_part - 1` of the
    broadcast; due_at: when the last of them has been heard. The row goes when it is done.
    """

    __tablename__ = "moments"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    broadcast_id: Mapped[int] = mapped_column(BigInteger)
    first_part: Mapped[int] = mapped_column(Integer)
    end_part: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(Integer, default=0)
