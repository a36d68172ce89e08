"""Filters that are ready, kept in memory.

An account's row counts the changes of its filters, and every request reads that row anyway. What is kept counts for
the number it was read with alone: a change is seen by the next request in every process, and nothing has to be told.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from rostra.network.filters.matching import Filters
from rostra.platform.ids import AccountId

KEPT: Final = 1000
"""Accounts whose filters are kept, those that asked last: some kilobytes each."""


class FilterCache:
    def __init__(self) -> None:
        self._kept: OrderedDict[AccountId, tuple[int, Filters]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, account_id: AccountId, version: int) -> Filters | None:
        """The account's filters as they are after `version` changes; None when they must be read."""
        found = self._kept.get(account_id)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(account_id)
        return found[1]

    def put(self, account_id: AccountId, version: int, filters: Filters) -> None:
        self._kept[account_id] = (version, filters)
        self._kept.move_to_end(account_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
