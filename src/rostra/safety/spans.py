"""Spans that mean the same moment: of many who press within seconds of each other no two have the same one.

They hear with different delays and reach for the button at different speeds. So a span leads to the case that waits
about one that it shares most of its time with; what each of them marked stays with their notice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.safety.cases import UNDECIDED
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.tables import TO_DO, CaseRow

HEARD_MS: Final = 20_000
"""A moment, or a shorter span, counts as what was heard in so long up to its end."""


def means_the_same(one: Subject, other: Subject) -> bool:
    """Whether they share at least half of the longer one's time, so that an hour does not swallow each minute of it."""
    if one.kind is not SubjectKind.SPAN or other.kind is not SubjectKind.SPAN or one.id != other.id:
        return one == other
    (first, first_end), (second, second_end) = _heard(one), _heard(other)
    shared = min(first_end, second_end) - max(first, second)
    return 2 * shared >= max(first_end - first, second_end - second)


def joined(new: Iterable[Subject], waiting: Sequence[Subject]) -> dict[Subject, Subject]:
    """What the case about each of `new` is about: itself, or what waits already, or one of `new` before it.

    waiting: oldest first.
    """
    known, found = list(waiting), dict[Subject, Subject]()
    exact = set(waiting)
    for each in new:
        if each in exact:
            found[each] = each
            continue
        found[each] = next((other for other in known if means_the_same(each, other)), each)
        if found[each] is each:
            known.append(each)
            exact.add(each)
    return found


class SpanStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def waiting(self, broadcasts: Collection[int]) -> list[Subject]:
        """Spans of these broadcasts about which a case waits for a decision, oldest first.

        Index: ix_cases_queue_broadcast.
        """
        if not broadcasts:
            return []
        query = (
            select(CaseRow.subject)
            .where(TO_DO, CaseRow.broadcast_id.is_not(None), CaseRow.broadcast_id.in_(broadcasts))
            .where(CaseRow.status.in_(UNDECIDED), CaseRow.subject.startswith(f"{SubjectKind.SPAN}:"))
            .order_by(CaseRow.id)
        )
        return [Subject.parse(key) for key in await self._session.scalars(query)]


def _heard(span: Subject) -> tuple[int, int]:
    """From, to, in milliseconds. Before the beginning nothing is heard, and it counts all the same."""
    assert span.from_ms is not None
    assert span.to_ms is not None
    return min(span.from_ms, span.to_ms - HEARD_MS), span.to_ms
