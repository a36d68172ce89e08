"""Who waits for a part. One arrival wakes all of them at once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

W = TypeVar("W", bound=Hashable)


class Waiting(Generic[W]):
    """Waiters grouped by the number of parts that must exist, so that an arrival looks at one group, not at all.

    A waiter waits for one thing at a time; holding it again moves it.
    """

    def __init__(self) -> None:
        self._groups: dict[int, dict[W, float]] = {}
        self._place: dict[W, int] = {}

    def __len__(self) -> int:
        return len(self._place)

    def hold(self, waiter: W, needed: int, *, until_s: float) -> None:
        """Hold until `needed` parts exist, at most until the monotonic time `until_s`."""
        self.forget(waiter)
        self._groups.setdefault(needed, {})[waiter] = until_s
        self._place[waiter] = needed

    def forget(self, waiter: W) -> None:
        """The waiter has gone away. Harmless for one that does not wait."""
        if (needed := self._place.pop(waiter, None)) is not None:
            group = self._groups[needed]
            del group[waiter]
            if not group:
                del self._groups[needed]

    def released(self, next_part: int) -> list[W]:
        """Those whose part is there, in the order in which they came; they wait no longer."""
        ready = sorted(needed for needed in self._groups if needed <= next_part)
        free: list[W] = []
        for needed in ready:
            free.extend(self._groups.pop(needed))
        for waiter in free:
            del self._place[waiter]
        return free

    def everyone(self) -> list[W]:
        """All, whatever they wait for; they wait no longer."""
        free = list(self._place)
        self._groups.clear()
        self._place.clear()
        return free

    def expired(self, now_s: float) -> list[W]:
        """Those who have waited long enough; they wait no longer."""
        free = [waiter for group in self._groups.values() for waiter, until_s in group.items() if until_s <= now_s]
        for waiter in free:
            self.forget(waiter)
        return free
