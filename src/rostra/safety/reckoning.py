"""Whether the columns of cases are what their logs say. Lists and the queue are read from these columns alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.safety.case_rows import case_of, standing_columns
from rostra.safety.cases import CaseId, Event, standing
from rostra.safety.deadlines import SafetyRules
from rostra.safety.tables import CaseEventRow, CaseRow
from rostra.safety.weights import but_for_reach, weight

_event: Final = msgspec.json.Decoder(Event)


class ReckoningStore:
    def __init__(self, session: AsyncSession, rules: SafetyRules) -> None:
        self._session = session
        self._rules = rules

    async def page(self, above: int, *, limit: int) -> tuple[int | None, list[CaseId]]:
        """Of the next cases by their ids: the last one's, None for none, and those whose columns are wrong."""
        query = select(CaseRow).where(CaseRow.id > above).order_by(CaseRow.id).limit(limit)
        rows = (await self._session.scalars(query)).all()
        logs = await self._logs([row.id for row in rows])
        wrong = [CaseId(row.id) for row in rows if self._wrong(row, logs.get(row.id, []))]
        return (rows[-1].id if rows else None), wrong

    async def put_right(self, case_id: CaseId) -> Mapping[str, Any]:
        """Under the lock of the case; what was wrong, as it is now."""
        locked = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
        row = (await self._session.scalars(locked.execution_options(populate_existing=True))).one()
        logs = await self._logs([case_id])
        if right := self._wrong(row, logs.get(case_id, [])):
            await self._session.execute(update(CaseRow).where(CaseRow.id == case_id).values(**right))
        return right

    def _wrong(self, row: CaseRow, log: list[Event]) -> dict[str, Any]:
        """What the columns should be, of those that are not. How far it reaches the log does not say."""
        case = case_of(row)
        should = standing_columns(standing(log)) if log else {}
        should["broadcast_id"] = case.subject.broadcast_id
        wrong = {name: value for name, value in should.items() if getattr(row, name) != value}
        weighs = weight(case.category, case.source, self._rules)
        if but_for_reach(weighs) != but_for_reach(row.weight):
            wrong["weight"] = weighs
        return wrong

    async def _logs(self, ids: list[int]) -> dict[int, list[Event]]:
        query = select(CaseEventRow.case_id, CaseEventRow.body).where(CaseEventRow.case_id.in_(ids))
        found: dict[int, list[Event]] = {}
        for case_id, body in await self._session.execute(query.order_by(CaseEventRow.case_id, CaseEventRow.number)):
            found.setdefault(case_id, []).append(_event.decode(body))
        return found
