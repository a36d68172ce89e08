"""When the next part should be here, judged by the arrivals of the last ones."""

from __future__ import annotations

from collections import deque
from typing import Final

REMEMBERED: Final = 8


class Pace:
    """Predicts arrivals from arrivals, so it does not matter what the clocks of two machines say.

    Part k is expected at the arrival of an earlier part plus the distance in media time. Of the last
    `REMEMBERED` parts the most punctual one counts: a single straggler, or a backlog that arrives at once, moves
    nothing, and a stage that is later for good is followed after eight parts.
    """

    def __init__(self, part_s: float) -> None:
        self._part_s = part_s
        self._offsets_s: deque[float] = deque(maxlen=REMEMBERED)

    def arrived(self, index: int, now_s: float) -> None:
        self._offsets_s.append(now_s - index * self._part_s)

    def expected_s(self, index: int) -> float | None:
        """On the caller's monotonic clock; None before the first arrival."""
        if not self._offsets_s:
            return None
        return min(self._offsets_s) + index * self._part_s
