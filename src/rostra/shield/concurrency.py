"""How many may be served at once: bulkheads whose size follows what the process can bear.

A limit in the manner of AIMD: a tenth less when the loop is later than an absolute ceiling, some more when it is not
and the room is used. It compares with no baseline. Gradient2 (Netflix, concurrency-limits) divides a long average of
the latency by a short one; in a constant stall the long one comes to meet the short one, and the limit grows again into
the stall (concurrency-limits#137). A ceiling in milliseconds cannot be talked round.

Who is inside stays; a limit below what is taken only keeps newcomers out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.shield.priorities import STRANGER

CEILING_MS: Final = 100.0
LESS: Final = 0.9
GROWN_FROM: Final = 0.5
"""A limit that is not half used is no limit, and does not grow."""
_ROOM: Final = (1.0, 1.0, 1.0, 0.97, 0.95, 0.9)
"""By standing, strangers last: from which share of a bulkhead on one of them finds it full. The cheapest go first."""


class Bulkhead(StrEnum):
    """What one kind of requests may take of the process, so that it leaves room for the others: held playlists, radio
    streams, and the entries of one second.
    """

    PLAYLISTS = "playlists"
    STREAMS = "streams"
    ENTRY = "entry"


class AdaptiveLimit:
    """Of one bulkhead. taken: how many are inside, kept by whoever lets them in.

    lowest, highest: between these the limit moves; it begins at the highest.
    """

    __slots__ = ("_highest", "_lowest", "limit", "taken")

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest = min(lowest, highest)
        self._highest = highest
        self.limit = float(highest)
        self.taken = 0

    def has_room(self, standing: int = STRANGER) -> bool:
        return self.taken < self.limit * _ROOM[standing]

    def sample(self, late_ms: float, cpu: float, ours_cpu: float) -> None:
        """Once a second. late_ms: mean delay of the loop; cpu: share of a core that the process used.

        ours_cpu: below this share lateness is not of our making, and fewer listeners would not end it.
        """
        if late_ms > CEILING_MS and cpu >= ours_cpu:
            self.limit = max(self._lowest, min(self.limit, self.taken) * LESS)
        elif late_ms <= CEILING_MS / 2 and self.taken >= self.limit * GROWN_FROM:
            self.limit = min(self._highest, self.limit + max(4.0, self.limit / 20))
