"""Pages of long lists by key: a cursor is an id, never an offset, so page 1,000 costs what page 1 does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list, newest first.

    limit: entries at most. max_id: only below it. since_id: only above it, the newest of them.
    min_id: only above it, those that follow it immediately.
    """

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @property
    def above(self) -> int | None:
        """The lower bound, whichever of the two it came from."""
        return self.since_id if self.min_id is None else self.min_id

    def narrow(self, query: Select[Any], column: Any) -> Select[Any]:
        """`query`, held to this page of the ids in `column`."""
        if self.max_id is not None:
            query = query.where(column < self.max_id)
        if self.above is not None:
            query = query.where(column > self.above)
        return query.order_by(column if self.min_id is not None else column.desc()).limit(self.limit)

    def in_order(self, rows: Sequence[_Row]) -> Sequence[_Row]:
        """The rows of the narrowed query, newest first."""
        return rows[::-1] if self.min_id is not None else rows
