"""A case as its row says it: enough for lists and the queue, which read no logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, and_, literal_column, not_, or_, select

from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, DecisionId, Standing, Status
from rostra.safety.decisions import Source
from rostra.safety.subjects import Subject
from rostra.safety.tables import CaseRow, NoticeItemRow, NoticeRow
from rostra.safety.weights import LIGHTEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as lists show it. See CaseRow. version: what a decision has to name, so that nobody decides unread.

    country: empty where nobody knows.
    """

    id: CaseId
    subject: Subject
    affected: AccountId | None
    source: Source
    category: str
    keyword: str
    language: str
    country: str = ""
    opened_at: datetime
    status: Status
    version: int = 1
    events: int = 1
    notices: int = 0
    decision_id: DecisionId | None = None
    weight: int = LIGHTEST
    answer_by: datetime | None = None
    due_at: datetime | None = None
    stuck: bool = False
    claimed_by: AccountId | None = None
    claimed_until: datetime | None = None

    @property
    def beside(self) -> Standing:
        """Where it stands, as far as its columns say: enough for what changes nothing about what there is to decide.

        A flood of notices about one thing would read a log again and again that grows with each of them.
        """
        return Standing(
            status=self.status,
            opened_at=self.opened_at,
            version=self.version,
            events=self.events,
            notices=self.notices,
            decision_id=self.decision_id,
        )

    def is_claimed(self, now: datetime) -> bool:
        return self.claimed_by is not None and self.claimed_until is not None and now < self.claimed_until


CASE_COLUMNS: Final = (
    CaseRow.id,
    CaseRow.subject,
    CaseRow.affected_id,
    CaseRow.source,
    CaseRow.category,
    CaseRow.keyword,
    CaseRow.language,
    CaseRow.country,
    CaseRow.opened_at,
    CaseRow.status,
    CaseRow.version,
    CaseRow.events,
    CaseRow.notices,
    CaseRow.decision_id,
    CaseRow.weight,
    CaseRow.answer_by,
    CaseRow.due_at,
    CaseRow.stuck,
    CaseRow.claimed_by,
    CaseRow.claimed_until,
)
"""What `case_from` wants, in the order of the fields of `Case`."""
_NAMES: Final = tuple(each.key for each in CASE_COLUMNS)


def case_of(row: CaseRow) -> Case:
    return case_from([getattr(row, name) for name in _NAMES])


def case_from(values: Sequence[Any]) -> Case:
    """values: of CASE_COLUMNS."""
    case_id, subject, affected, source, category, keyword, language, country, opened_at, status, *numbers = values
    version, events, notices, decision_id, weight, answer_by, due_at, stuck, claimed_by, claimed_until = numbers
    return Case(
        id=CaseId(case_id),
        subject=Subject.parse(subject),
        affected=None if affected is None else AccountId(affected),
        source=Source(source),
        category=category,
        keyword=keyword,
        language=language,
        country=country or "",
        opened_at=opened_at,
        status=Status(status),
        version=version,
        events=events,
        notices=notices,
        decision_id=None if decision_id is None else DecisionId(decision_id),
        weight=weight,
        answer_by=answer_by,
        due_at=due_at,
        stuck=stuck,
        claimed_by=None if claimed_by is None else AccountId(claimed_by),
        claimed_until=claimed_until,
    )


def standing_columns(stands: Standing) -> dict[str, Any]:
    return {
        "status": stands.status.value,
        "version": stands.version,
        "events": stands.events,
        "notices": stands.notices,
        "decision_id": stands.decision_id,
    }


def unbiased(who: AccountId | BindParameter[int]) -> ColumnElement[bool]:
    """Cases that are neither about something of `who`'s nor reported by them.

    Asked for each case that a page might show, in the order of the queue. Without the OFFSET, which changes nothing,
    PostgreSQL would join: it would look at all that waits first, and then put it in order.
    """
    reported = (
        select(NoticeItemRow.case_id)
        .join(NoticeRow, NoticeItemRow.notice_id == NoticeRow.id)
        .where(NoticeItemRow.case_id == CaseRow.id, NoticeRow.account_id == who)
        .offset(literal_column("0"))
        .correlate(CaseRow)
        .exists()
    )
    return and_(or_(CaseRow.affected_id.is_(None), CaseRow.affected_id != who), not_(reported))
