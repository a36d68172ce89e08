"""Queries over the queue: what waits, in its order. Stores never commit.

Measured with 200,000 cases that wait among a million: putting the 500 most urgent in order in Python took 60 ms, most
of it for rows that no page shows. The order is an index instead, so a page reads its own rows, and counting ends where
nobody counts on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rostra.platform.ids import AccountId
from rostra.safety.attention import Only
from rostra.safety.cases import Status
from rostra.safety.store import Case, case_of, unbiased
from rostra.safety.tables import TO_DO, CaseRow, DecisionRow
from rostra.safety.weights import on_air

COUNTED: Final = 500
"""So many are counted; who has more is told that there are more."""
_NOTHING_LIVE: Final[Mapping[int, int | None]] = MappingProxyType({})
_OF_BROADCAST: Final = text("broadcast_id IS NOT NULL")
"""As the index says it."""


class QueueStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self,
        who: AccountId,
        only: Only,
        *,
        now: datetime,
        live: Mapping[int, int | None] = _NOTHING_LIVE,
        without: Collection[str] = (),
        skip: int = 0,
        limit: int,
    ) -> list[Case]:
        """What waits and `who` may see, the most urgent first. live: the broadcasts that are on the air, with
        how many listen to each, None where nobody counts.
        without: categories that are not offered to them.

        Those that are about a broadcast on the air are read apart, and both are merged by what they weigh now. Indexes:
        ix_cases_queue, ix_cases_queue_broadcast.
        """
        most = skip + limit
        order = CaseRow.weight, CaseRow.answer_by, CaseRow.id
        query = select(*order).where(*_wanted(who, only, now, without)).order_by(*order).limit(most)
        found = {case_id: (weighs, due, case_id) for weighs, due, case_id in await self._session.execute(query)}
        if live:
            of_live = query.add_columns(CaseRow.broadcast_id).limit(max(most, COUNTED))
            rows = await self._session.execute(of_live.where(CaseRow.broadcast_id.in_(live), _OF_BROADCAST))
            found |= {case_id: (on_air(weighs, live.get(of or 0)), due, case_id) for weighs, due, case_id, of in rows}
        ids = [case_id for _, _, case_id in sorted(found.values())[skip:most]]
        of_page = select(CaseRow).where(CaseRow.id.in_(ids)).execution_options(populate_existing=True)
        cases = {row.id: case_of(row) for row in await self._session.scalars(of_page)}
        return [cases[each] for each in ids if each in cases]

    async def count(self, who: AccountId, only: Only, *, now: datetime, without: Collection[str] = ()) -> int:
        """How many wait, COUNTED + 1 for more.

        In the order of the queue, which nobody needs here: without it PostgreSQL reads the table from its beginning,
        and what waits lies at its end, behind years of what is closed.
        """
        order = CaseRow.weight, CaseRow.answer_by, CaseRow.id
        wanted = select(CaseRow.id).where(*_wanted(who, only, now, without)).order_by(*order)
        some = wanted.limit(COUNTED + 1).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    async def second_looks(self, who: AccountId) -> int:
        """How many proposals of others `who` may agree to, COUNTED + 1 for more. Index: ix_cases_queue_status."""
        theirs = or_(DecisionRow.by.is_(None), DecisionRow.by != who)
        proposed = select(CaseRow.id).join(DecisionRow, DecisionRow.id == CaseRow.decision_id)
        some = proposed.where(TO_DO, CaseRow.status == Status.PROPOSED, theirs, unbiased(who)).limit(COUNTED + 1)
        return await self._session.scalar(select(func.count()).select_from(some.subquery())) or 0

    async def languages(self) -> list[str]:
        """Of all that waits. Index: ix_cases_queue_language."""
        return [each for each in await self._values(CaseRow.language) if each]

    async def categories(self) -> list[str]:
        """Of all that waits. Index: ix_cases_queue_category."""
        return await self._values(CaseRow.category)

    async def stuck(self) -> tuple[int, datetime | None]:
        """How many cases nobody here may decide, and since when the oldest has waited. Index: ix_cases_stuck."""
        query = select(func.count(), func.min(CaseRow.opened_at)).where(text("stuck"), TO_DO)
        count, oldest_at = (await self._session.execute(query)).one()
        return count, oldest_at

    async def _values(self, column: InstrumentedAttribute[str]) -> list[str]:
        """The different values of a column, from one to the next through its index: neither engine skips by itself."""
        walk = select(func.min(column).label("value")).where(TO_DO).cte("walk", recursive=True)
        following = select(func.min(column)).where(TO_DO, column > walk.c.value).scalar_subquery()
        walk = walk.union_all(select(following).where(walk.c.value.is_not(None)))
        query = select(walk.c.value).where(walk.c.value.is_not(None))
        return sorted(await self._session.scalars(query))


def _wanted(who: AccountId, only: Only, now: datetime, without: Collection[str]) -> Sequence[ColumnElement[bool]]:
    chosen: list[Any] = [TO_DO, unbiased(who)]
    pairs = ((CaseRow.language, only.language), (CaseRow.category, only.category), (CaseRow.status, only.status))
    chosen += [column == asked for column, asked in pairs if asked]
    if without:
        chosen.append(CaseRow.category.not_in(without))
    if only.mine:
        chosen.append(and_(CaseRow.claimed_by == who, CaseRow.claimed_until > now))
    return chosen
