"""Queries over the queue: what waits, in its order. Stores never commit.

Measured with 200,000 cases that wait among a million: putting the 500 most urgent in order in Python took 60 ms, most
of it for rows that no page shows. The order is an index instead, so a page reads its own rows, and counting ends where
nobody counts on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rostra.platform.database import UtcDateTime
from rostra.platform.ids import AccountId
from rostra.platform.prepared import Prepared, among
from rostra.safety.attention import Only
from rostra.safety.case_rows import CASE_COLUMNS, Case, case_from, unbiased
from rostra.safety.cases import Status
from rostra.safety.tables import TO_DO, CaseRow, DecisionRow
from rostra.safety.weights import on_air

COUNTED: Final = 200
"""So many are counted; who has more is told that there are more."""
STUCK_COUNTED: Final = 10_000
_NOTHING_LIVE: Final[Mapping[int, int | None]] = MappingProxyType({})
_OF_BROADCAST: Final = text("broadcast_id IS NOT NULL")
"""As the index says it."""
_WHO: Final = bindparam("who", type_=BigInteger)
_ORDER: Final = (CaseRow.weight, CaseRow.answer_by, CaseRow.id)


@dataclass(frozen=True, slots=True)
class Found:
    """cases: of a page, in order. waiting: how many there are on all pages, COUNTED + 1 for more."""

    cases: list[Case]
    waiting: int


@dataclass(frozen=True, slots=True)
class Counts:
    """second_looks: proposals of others that who asks may agree to, COUNTED + 1 for more.
    stuck: how many cases nobody here may decide, STUCK_COUNTED for more; stuck_since: of the oldest.
    """

    second_looks: int
    stuck: int
    stuck_since: datetime | None


class Values(NamedTuple):
    """What a queue can be narrowed to, each in order. countries: those that are known."""

    languages: list[str]
    countries: list[str]
    categories: list[str]


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
    ) -> Found:
        """What waits and `who` may see, the most urgent first. live: the broadcasts that are on the air, with
        how many listen to each, None where nobody counts.
        kinds: the categories that are offered to them, None for whichever there are.

        Those that are about a broadcast on the air are read apart, and both are merged by what they weigh now. What
        waits is counted along the way, in the order of the queue, for PostgreSQL would read the table from its
        beginning otherwise, and what waits lies at its end, behind years of what is closed. Indexes: ix_cases_queue,
        ix_cases_queue_broadcast.
        """
        most = skip + limit
        shape = _Shape.of(only, kinds, max(most, COUNTED + 1))
        statement = _first(shape)
        rows = await statement.rows(self._session, _given(who, only, now, kinds))
        ids = [case_id for _, _, case_id in rows[skip:most]]
        if live:
            first = (statement.converted(self._session, each) for each in rows)
            found = {case_id: (weighs, due, case_id) for weighs, due, case_id in first}
            of_live = select(*_ORDER, CaseRow.broadcast_id).where(CaseRow.broadcast_id.in_(live), _OF_BROADCAST)
            offered = [] if kinds is None else [CaseRow.category.in_(kinds)]
            narrowed = of_live.where(*offered, *_wanted(shape)).order_by(*_ORDER).limit(shape.most)
            of_air = await self._session.execute(narrowed, _given(who, only, now, None))
            found |= {case_id: (on_air(weighs, live.get(of or 0)), due, case_id) for weighs, due, case_id, of in of_air}
            ids = [case_id for _, _, case_id in sorted(found.values())[skip:most]]
        return Found(cases=await self._cases(ids), waiting=min(len(rows), COUNTED + 1))

    async def _cases(self, ids: Sequence[int]) -> list[Case]:
        """In this order, without those that are gone."""
        if not ids:
            return []
        rows = await _CASES.rows(self._session, {"ids": list(ids)})
        cases = {row[0]: case_from(_CASES.converted(self._session, row)) for row in rows}
        return [cases[each] for each in ids if each in cases]

    async def counts(self, who: AccountId) -> Counts:
        """Beside a page of the queue. What is stuck is counted in its order: otherwise SQLite walks through all that
        waits. Indexes: ix_cases_queue_status, ix_cases_stuck.
        """
        row = (await _COUNTS.rows(self._session, {"who": who}))[0]
        return Counts(*_COUNTS.converted(self._session, row))

    async def values(self) -> Values:
        """Of all that waits. Indexes: ix_cases_queue_language, ix_cases_queue_country, ix_cases_queue_category."""
        found = sorted((what, value) for what, value in await _VALUES.rows(self._session, {}) if value)
        of = {name: [value for what, value in found if what == name] for name in Values._fields}
        return Values(**of)

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


def _at_most(number: int) -> ColumnElement[int]:
    """A limit that stands in the statement. PostgreSQL plans a statement anew each time whose limit it does not know,
    and planning took longer than reading.
    """
    return literal_column(str(number), type_=Integer)


def _stuck() -> tuple[Select[int], Select[datetime]]:
    """How many, and since when."""
    some = select(CaseRow.opened_at).where(text("stuck"), TO_DO).order_by(CaseRow.opened_at)
    return _count(some.limit(_at_most(STUCK_COUNTED))), some.limit(_at_most(1))


def _walk(column: InstrumentedAttribute[Any], name: str) -> Select[*tuple[Any, ...]]:
    """The different values of a column, from one to the next through its index: neither engine skips by itself."""
    walk = select(func.min(column).label("value")).where(TO_DO, column.is_not(None)).cte(name, recursive=True)
    following = select(func.min(column)).where(TO_DO, column > walk.c.value).scalar_subquery()
    walk = walk.union_all(select(following).where(walk.c.value.is_not(None)))
    return select(literal_column(f"'{name}'"), walk.c.value).where(walk.c.value.is_not(None))


class _Shape(NamedTuple):
    """What a statement depends on: by what it is narrowed, how many kinds are read one by one, None for all, and how
    many rows at most.
    """

    language: bool
    country: bool
    category: bool
    status: bool
    age: bool
    mine: bool
    kinds: int | None
    most: int

    @classmethod
    def of(cls, only: Only, kinds: Collection[str] | None, least: int) -> _Shape:
        """Of at least so many rows. There are few different limits, for each is a statement that is kept."""
        many, most = None if kinds is None else len(kinds), COUNTED + 1
        while most < least:
            most += most // 2
        return cls(
            language=bool(only.language),
            country=bool(only.country),
            category=bool(only.category),
            status=bool(only.status),
            age=only.age is not None,
            mine=only.mine,
            kinds=many,
            most=most,
        )


def _given(who: AccountId, only: Only, now: datetime, kinds: Collection[str] | None) -> dict[str, object]:
    """The values of a statement."""
    named = {"language": only.language, "country": only.country, "category": only.category, "status": only.status}
    opened_until = now if only.age is None else now - only.age.time
    return {
        "who": who,
        "now": now,
        "opened_until": opened_until,
        **named,
        **{f"kind_{at}": each for at, each in enumerate(kinds or ())},
    }


@cache
def _first(shape: _Shape) -> Prepared:
    return Prepared(_in_order(shape))


def _in_order(shape: _Shape) -> Select[*tuple[Any, ...]]:
    """The first of what is wanted, in the order of the queue.

    Kinds are read one by one and merged: whoever leaves out what is most urgent would otherwise have all of that looked
    at before the first case that is theirs.
    """
    wanted, most = _wanted(shape), _at_most(shape.most)
    if shape.kinds is None:
        return select(*_ORDER).where(*wanted).order_by(*_ORDER).limit(most)
    if not shape.kinds:
        return select(*_ORDER).where(false())
    kinds = (CaseRow.category == bindparam(f"kind_{at}", type_=String) for at in range(shape.kinds))
    of_each = (select(*_ORDER).where(kind, *wanted).order_by(*_ORDER).limit(most) for kind in kinds)
    merged = union_all(*(select(each.subquery()) for each in of_each)).subquery()
    found: Select[*tuple[Any, ...]] = select(merged).order_by(*merged.c).limit(most)
    return found


def _wanted(shape: _Shape) -> Sequence[ColumnElement[bool]]:
    """The narrowest first: SQLite takes the first that an index knows, and would walk through all that waits.

    The country and the age are looked up in whichever index is walked through: each of them ends with both.
    """
    names = (
        ("language", shape.language),
        ("category", shape.category),
        ("country", shape.country),
        ("status", shape.status),
    )
    chosen: list[Any] = [
        getattr(CaseRow, name) == bindparam(name, type_=String) for name, is_asked in names if is_asked
    ]
    if shape.age:
        chosen.append(CaseRow.opened_at <= bindparam("opened_until", type_=UtcDateTime))
    if shape.mine:
        chosen += [CaseRow.claimed_by == _WHO, CaseRow.claimed_until > bindparam("now", type_=UtcDateTime)]
    return [*chosen, TO_DO, unbiased(_WHO)]


def _beside() -> Select[*tuple[Any, ...]]:
    theirs = or_(DecisionRow.by.is_(None), DecisionRow.by != _WHO)
    proposed = select(CaseRow.id).join(DecisionRow, DecisionRow.id == CaseRow.decision_id)
    is_proposed = CaseRow.status == literal_column(f"'{Status.PROPOSED.value}'")
    seconds = proposed.where(is_proposed, TO_DO, theirs, unbiased(_WHO)).limit(_at_most(COUNTED + 1))
    return select(*(each.scalar_subquery() for each in (_count(seconds), *_stuck())))


def _cases(*, sqlite: bool) -> Select[*tuple[Any, ...]]:
    return select(*CASE_COLUMNS).where(among(CaseRow.id, "ids", sqlite=sqlite))


_VALUES: Final = Prepared(
    union_all(
        _walk(CaseRow.language, "languages"),
        _walk(CaseRow.country, "countries"),
        _walk(CaseRow.category, "categories"),
    )
)
_COUNTS: Final = Prepared(_beside())
_CASES: Final = Prepared(_cases(sqlite=True), postgresql=_cases(sqlite=False))
