"""Queries over the queue: what waits, in its order. Stores never commit.

Measured with 200,000 cases that wait among a million: putting the 500 most urgent in order in Python took 60 ms, most
of it for rows that no page shows. The order is an index instead, so a page reads its own rows, and counting ends where
nobody counts on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rostra.platform.ids import AccountId
from rostra.safety.attention import Only
from rostra.safety.cases import Status
from rostra.safety.store import Case, case_of, unbiased
from rostra.safety.tables import TO_DO, CaseRow, DecisionRow
from rostra.safety.weights import on_air

COUNTED: Final = 200
"""So many are counted; who has more is told that there are more."""
STUCK_COUNTED: Final = 10_000
_NOTHING_LIVE: Final[Mapping[int, int | None]] = MappingProxyType({})
_OF_BROADCAST: Final = text("broadcast_id IS NOT NULL")
"""As the index says it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """waiting, second_looks: COUNTED + 1 for more; the second are proposals of others that who asks may agree to.
    stuck: how many cases nobody here may decide, STUCK_COUNTED for more; stuck_since: of the oldest.
    """

    waiting: int
    second_looks: int
    stuck: int
    stuck_since: datetime | None


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
        kinds: Collection[str] | None = None,
        skip: int = 0,
        limit: int,
    ) -> list[Case]:
        """What waits and `who` may see, the most urgent first. live: the broadcasts that are on the air, with
        how many listen to each, None where nobody counts.
        kinds: the categories that are offered to them, None for whichever there are.

        Those that are about a broadcast on the air are read apart, and both are merged by what they weigh now. Indexes:
        ix_cases_queue, ix_cases_queue_broadcast.
        """
        most = skip + limit
        order = CaseRow.weight, CaseRow.answer_by, CaseRow.id
        rows = await self._session.execute(_in_order(_wanted(who, only, now), kinds, most))
        found = {case_id: (weighs, due, case_id) for weighs, due, case_id in rows}
        if live:
            of_live = select(*order, CaseRow.broadcast_id).where(CaseRow.broadcast_id.in_(live), _OF_BROADCAST)
            offered = [] if kinds is None else [CaseRow.category.in_(kinds)]
            wanted = of_live.where(*offered, *_wanted(who, only, now)).order_by(*order).limit(max(most, COUNTED))
            rows = await self._session.execute(wanted)
            found |= {case_id: (on_air(weighs, live.get(of or 0)), due, case_id) for weighs, due, case_id, of in rows}
        ids = [case_id for _, _, case_id in sorted(found.values())[skip:most]]
        of_page = select(CaseRow).where(CaseRow.id.in_(ids)).execution_options(populate_existing=True)
        cases = {row.id: case_of(row) for row in await self._session.scalars(of_page)}
        return [cases[each] for each in ids if each in cases]

    async def counts(
        self, who: AccountId, only: Only, *, now: datetime, kinds: Collection[str] | None = None
    ) -> Counts:
        """Beside a page of the queue, in one statement. kinds: as `page`.

        What waits is counted in the order of the queue, which nobody needs here: without it PostgreSQL reads the table
        from its beginning, and what waits lies at its end, behind years of what is closed. What is stuck is counted in
        its order: otherwise SQLite walks through all that waits. Indexes: those of `page`, ix_cases_queue_status,
        ix_cases_stuck.
        """
        waiting = _in_order(_wanted(who, only, now), kinds, COUNTED + 1)
        theirs = or_(DecisionRow.by.is_(None), DecisionRow.by != who)
        proposed = select(CaseRow.id).join(DecisionRow, DecisionRow.id == CaseRow.decision_id)
        seconds = proposed.where(CaseRow.status == Status.PROPOSED, TO_DO, theirs, unbiased(who)).limit(COUNTED + 1)
        columns = (_count(waiting), _count(seconds), *_stuck())
        row = (await self._session.execute(select(*(each.scalar_subquery() for each in columns)))).one()
        return Counts(*row)

    async def values(self) -> tuple[list[str], list[str]]:
        """The languages and categories of all that waits. Indexes: ix_cases_queue_language, ix_cases_queue_category."""
        walks = union_all(_walk(CaseRow.language, "languages"), _walk(CaseRow.category, "categories"))
        found = sorted((what, value) for what, value in await self._session.execute(walks))
        languages = [value for what, value in found if what == "languages" and value]
        return languages, [value for what, value in found if what == "categories"]

    async def stuck(self) -> tuple[int, datetime | None]:
        """How many cases nobody here may decide, and since when the oldest has waited. Index: ix_cases_stuck."""
        columns = (each.scalar_subquery() for each in _stuck())
        count, oldest_at = (await self._session.execute(select(*columns))).one()
        return count, oldest_at


def kinds_of(only: Only, without: Collection[str], categories: Collection[str]) -> list[str] | None:
    """The kinds to look for; None for whichever there are. What somebody has claimed is theirs, of whatever kind.

    without: not offered to them. categories: of all that waits.
    """
    if not without or only.mine:
        return None
    if only.category:
        return [] if only.category in without else None
    return [each for each in categories if each not in without]


def _count(some: Select[*tuple[Any, ...]]) -> Select[int]:
    return select(func.count()).select_from(some.subquery())


def _stuck() -> tuple[Select[int], Select[datetime]]:
    """How many, and since when."""
    some = select(CaseRow.opened_at).where(text("stuck"), TO_DO).order_by(CaseRow.opened_at)
    return _count(some.limit(STUCK_COUNTED)), some.limit(1)


def _walk(column: InstrumentedAttribute[str], name: str) -> Select[*tuple[Any, ...]]:
    """The different values of a column, from one to the next through its index: neither engine skips by itself."""
    walk = select(func.min(column).label("value")).where(TO_DO).cte(name, recursive=True)
    following = select(func.min(column)).where(TO_DO, column > walk.c.value).scalar_subquery()
    walk = walk.union_all(select(following).where(walk.c.value.is_not(None)))
    return select(literal_column(f"'{name}'"), walk.c.value).where(walk.c.value.is_not(None))


def _in_order(
    wanted: Sequence[ColumnElement[bool]], kinds: Collection[str] | None, limit: int
) -> Select[*tuple[Any, ...]]:
    """The first of what is wanted, in the order of the queue.

    Kinds are read one by one and merged: whoever leaves out what is most urgent would otherwise have all of that looked
    at before the first case that is theirs.
    """
    order = CaseRow.weight, CaseRow.answer_by, CaseRow.id
    if kinds is None:
        return select(*order).where(*wanted).order_by(*order).limit(limit)
    if not kinds:
        return select(*order).where(false())
    of_each = (select(*order).where(CaseRow.category == kind, *wanted).order_by(*order).limit(limit) for kind in kinds)
    merged = union_all(*(select(each.subquery()) for each in of_each)).subquery()
    found: Select[*tuple[Any, ...]] = select(merged).order_by(*merged.c).limit(limit)
    return found


def _wanted(who: AccountId, only: Only, now: datetime) -> Sequence[ColumnElement[bool]]:
    """The narrowest first: SQLite takes the first that an index knows, and would walk through all that waits."""
    pairs = ((CaseRow.language, only.language), (CaseRow.category, only.category), (CaseRow.status, only.status))
    chosen: list[Any] = [column == asked for column, asked in pairs if asked]
    if only.mine:
        chosen += [CaseRow.claimed_by == who, CaseRow.claimed_until > now]
    return [*chosen, TO_DO, unbiased(who)]
