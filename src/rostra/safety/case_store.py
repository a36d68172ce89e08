"""Queries over cases and their logs: what is open, whom it concerns, what time has to look at. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new_rows, table_of
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.safety.case_rows import Case, case_of, standing_columns
from rostra.safety.cases import UNDECIDED, CaseId, DecisionId, Event, Standing, after, begin, standing
from rostra.safety.decisions import Source
from rostra.safety.recusal import Parties
from rostra.safety.subjects import Subject
from rostra.safety.tables import CaseEventRow, CaseRow, NoticeItemRow, NoticeRow

LISTED: Final = 100
_json: Final = msgspec.json.Encoder()
_event: Final = msgspec.json.Decoder(Event)


class NoSuchCase(NotFound):
    code = "no_such_case"
    user_message = "There is no such case."


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What happened beside the decision to a case that stood at `was`, and its place in the queue from then on."""

    case_id: CaseId
    was: Standing
    events: tuple[Event, ...]
    source: Source
    weight: int
    answer_by: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """What the clock has found: when to look next, and the place in the queue until then."""

    case_id: CaseId
    due_at: datetime | None
    stuck: bool
    weight: int


_DUE: Final = (
    update(table_of(CaseRow))
    .where(table_of(CaseRow).c.id == bindparam("new_case_id"))
    .values(due_at=bindparam("new_due_at"), stuck=bindparam("new_stuck"), weight=bindparam("new_weight"))
)
_BESIDE: Final = (
    update(table_of(CaseRow))
    .where(table_of(CaseRow).c.id == bindparam("of_case"))
    .values(
        events=bindparam("new_events"),
        notices=bindparam("new_notices"),
        answer_by=bindparam("new_answer_by"),
        due_at=bindparam("new_due_at"),
        source=bindparam("new_source"),
        weight=bindparam("new_weight"),
    )
)


class CaseStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # reading

    async def get(self, case_id: CaseId, *, lock: bool = False) -> Case:
        """lock: nobody else writes to it until this transaction ends. Raises NoSuchCase."""
        query = select(CaseRow).where(CaseRow.id == case_id).execution_options(populate_existing=True)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            raise NoSuchCase(f"case {case_id}")
        return case_of(row)

    async def by_numbers(self, numbers: Sequence[CaseId]) -> list[Case]:
        """Those of them that are there, oldest first."""
        query = select(CaseRow).where(CaseRow.id.in_(numbers)).order_by(CaseRow.id)
        return [case_of(row) for row in await self._session.scalars(query)]

    async def log(self, case_id: CaseId) -> list[Event]:
        """What happened, in its order."""
        query = select(CaseEventRow.body).where(CaseEventRow.case_id == case_id).order_by(CaseEventRow.number)
        return [_event.decode(body) for body in await self._session.scalars(query)]

    async def standings(self, case_ids: Sequence[CaseId]) -> dict[CaseId, Standing]:
        """Where several stand, from their logs: one query."""
        query = select(CaseEventRow.case_id, CaseEventRow.body).where(CaseEventRow.case_id.in_(case_ids))
        logs: dict[CaseId, list[Event]] = {}
        for row in await self._session.execute(query.order_by(CaseEventRow.case_id, CaseEventRow.number)):
            logs.setdefault(CaseId(row.case_id), []).append(_event.decode(row.body))
        return {case_id: standing(events) for case_id, events in logs.items()}

    async def standing(self, case_id: CaseId) -> Standing:
        """Where it stands, from its log. Raises NoSuchCase."""
        events = await self.log(case_id)
        if not events:
            raise NoSuchCase(f"case {case_id}")
        return standing(events)

    async def waiting_about(self, subjects: Collection[str]) -> list[Case]:
        """The cases that wait for a decision about just these, locked, oldest first. Index: uq_cases_undecided."""
        query = select(CaseRow).where(CaseRow.subject.in_(subjects), CaseRow.status.in_(UNDECIDED))
        query = query.order_by(CaseRow.id).with_for_update().execution_options(populate_existing=True)
        return [case_of(row) for row in await self._session.scalars(query)]

    async def undecided(self, subject: Subject) -> CaseId | None:
        """The case that waits for a decision about just this. Index: uq_cases_undecided."""
        query = select(CaseRow.id).where(CaseRow.subject == subject.key, CaseRow.status.in_(UNDECIDED))
        found = await self._session.scalar(query)
        return None if found is None else CaseId(found)

    async def judged(self, subjects: Collection[str]) -> list[tuple[str, DecisionId]]:
        """What has been decided about each of these, newest first. Index: ix_cases_subject."""
        query = (
            select(CaseRow.subject, CaseRow.decision_id)
            .where(CaseRow.subject.in_(subjects), CaseRow.decision_id.is_not(None), CaseRow.status.not_in(UNDECIDED))
            .order_by(CaseRow.id.desc())
            .limit(LISTED * len(subjects))
        )
        return [(subject, DecisionId(cast("int", made))) for subject, made in await self._session.execute(query)]

    async def parties(self, case: Case) -> Parties:
        """Whom it concerns. Index: ix_notice_items_case_id."""
        query = (
            select(NoticeRow.account_id)
            .join(NoticeItemRow, NoticeItemRow.notice_id == NoticeRow.id)
            .where(NoticeItemRow.case_id == case.id, NoticeRow.account_id.is_not(None))
            .distinct()
        )
        found = frozenset(AccountId(cast("int", each)) for each in await self._session.scalars(query))
        return Parties(affected=case.affected, notifiers=found)

    async def notifiers_among(
        self, case_ids: Sequence[CaseId], accounts: Collection[AccountId]
    ) -> dict[CaseId, set[AccountId]]:
        """Who of these accounts has reported which of these cases: one query. Index: ix_notice_items_case_id."""
        query = (
            select(NoticeItemRow.case_id, NoticeRow.account_id)
            .join(NoticeRow, NoticeItemRow.notice_id == NoticeRow.id)
            .where(NoticeItemRow.case_id.in_(case_ids), NoticeRow.account_id.in_(accounts))
            .distinct()
        )
        found: dict[CaseId, set[AccountId]] = {}
        for case_id, account_id in await self._session.execute(query):
            found.setdefault(CaseId(cast("int", case_id)), set()).add(AccountId(cast("int", account_id)))
        return found

    # writing

    async def open(self, cases: Sequence[tuple[Case, Event]]) -> set[CaseId]:
        """Add cases with their first events; which of them. The others have an undecided one about the same subject."""
        rows = [
            {
                "id": case.id,
                "subject": case.subject.key,
                "broadcast_id": case.subject.broadcast_id,
                "affected_id": case.affected,
                "weight": case.weight,
                "source": case.source.value,
                "category": case.category,
                "keyword": case.keyword,
                "language": case.language,
                "country": case.country or None,
                "opened_at": case.opened_at,
                "answer_by": case.answer_by,
                "due_at": case.due_at,
                "stuck": False,
                **standing_columns(begin(event)),
            }
            for case, event in cases
        ]
        new = {CaseId(each) for each in await insert_new_rows(self._session, CaseRow, rows, CaseRow.id)}
        await self._write([(case.id, 1, event) for case, event in cases if case.id in new])
        return new

    async def add_beside(self, additions: Sequence[Beside]) -> None:
        """Add what changes nothing about what there is to decide to cases that this transaction has locked.

        Two statements, whatever the number of cases. Raises IllegalEvent.
        """
        events: list[tuple[CaseId, int, Event]] = []
        rows: list[dict[str, Any]] = []
        for each in additions:
            stands = each.was
            for event in each.events:
                stands = after(stands, event)
                events.append((each.case_id, stands.events, event))
            rows.append(
                {
                    "of_case": each.case_id,
                    "new_events": stands.events,
                    "new_notices": stands.notices,
                    "new_answer_by": each.answer_by,
                    "new_due_at": each.due_at,
                    "new_source": each.source.value,
                    "new_weight": each.weight,
                }
            )
        if not events:
            return
        await self._write(events)
        await (await self._session.connection()).execute(_BESIDE, rows)

    async def add(
        self, case_id: CaseId, was: Standing, event: Event, *, answer_by: datetime | None, due_at: datetime | None
    ) -> Standing:
        """Add an event to a case that this transaction has locked; where it stands then. Ends its claim if it decides.

        Raises IllegalEvent.
        """
        new = after(was, event)
        values: dict[str, Any] = standing_columns(new) | {"answer_by": answer_by, "due_at": due_at}
        if new.version != was.version:
            values |= {"claimed_by": None, "claimed_until": None}
        await self._write([(case_id, new.events, event)])
        await self._session.execute(update(CaseRow).where(CaseRow.id == case_id).values(**values))
        return new

    async def set_answer_by(self, case_id: CaseId, answer_by: datetime | None) -> None:
        await self._session.execute(update(CaseRow).where(CaseRow.id == case_id).values(answer_by=answer_by))

    async def set_due(self, looked_at: Sequence[LookedAt]) -> None:
        """One statement for all of them."""
        if looked_at:
            rows = [{f"new_{name}": value for name, value in asdict(each).items()} for each in looked_at]
            await (await self._session.connection()).execute(_DUE, rows)

    async def is_due(self, now: datetime) -> bool:
        """Whether `due` could find something."""
        return await self._session.scalar(select(CaseRow.id).where(CaseRow.due_at <= now).limit(1)) is not None

    async def due(self, now: datetime, *, limit: int) -> list[Case]:
        """Cases that the clock has to look at, locked, those that waited longest first; what others have locked is
        skipped. Index: ix_cases_due_at.
        """
        query = select(CaseRow).where(CaseRow.due_at <= now).order_by(CaseRow.due_at).limit(limit)
        query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        return [case_of(row) for row in await self._session.scalars(query)]

    async def _write(self, events: Sequence[tuple[CaseId, int, Event]]) -> None:
        rows = [
            {"case_id": case_id, "number": number, "body": _json.encode(event).decode()}
            for case_id, number, event in events
        ]
        if rows:
            await self._session.execute(insert(table_of(CaseEventRow)), rows)
