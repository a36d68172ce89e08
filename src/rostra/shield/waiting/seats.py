"""How many listen at one edge, by what they make it do: the seats that are taken.

A player that follows the playlist asks for it once a part (with `_HLS_msn`) or once a segment (without). So each answer
stands for so many listener-seconds, and their mean over `MEAN_S` is the number of listeners, whoever they are and
without a list of them. What a cache in front answers is no load here and takes no seat here. Radios are connections and
counted as such. A request that is refused takes nothing, so a flood fills no house.

A seat is free when it has not been used for `kept_s`: the number taken is the largest of that span, so that a minute in
a tunnel costs nobody their place. Who has just been let in counts until their requests do.
"""

from __future__ import annotations

from collections import deque
from typing import Final

SLOT_S: Final = 2.0
MEAN_S: Final = 12.0
ARRIVES_IN_S: Final = 12.0
KEPT_S: Final = 60.0
_SLOTS: Final = int(MEAN_S / SLOT_S)


class Seats:
    """One broadcast at one edge. Sans-I/O: times are monotonic seconds.

    heard_s: listener-seconds since the start; whoever answers a playlist adds to it.
    """

    def __init__(self, now_s: float, *, kept_s: float = KEPT_S) -> None:
        self.heard_s = 0.0
        self._counted_s = 0.0
        self._slot_at_s = now_s
        self._slots: deque[float] = deque(maxlen=_SLOTS)
        self._taken: deque[tuple[float, int]] = deque()
        self._arrivals: deque[float] = deque()
        self._kept_s = kept_s

    def let_in(self, now_s: float) -> None:
        """Somebody may come now."""
        self._arrivals.append(now_s)

    def tick(self, now_s: float, radios: int) -> None:
        """At least every other second. radios: progressive connections that are open now."""
        while self._arrivals and now_s - self._arrivals[0] >= ARRIVES_IN_S:
            self._arrivals.popleft()
        passed_s = now_s - self._slot_at_s
        if passed_s < SLOT_S:
            return
        self._slots.append((self.heard_s - self._counted_s) / passed_s)
        self._counted_s, self._slot_at_s = self.heard_s, now_s
        players = sum(self._slots) / _SLOTS
        self._taken.append((now_s, int(players + 0.5) + radios))
        while self._taken and now_s - self._taken[0][0] >= max(self._kept_s, SLOT_S):
            self._taken.popleft()

    @property
    def taken(self) -> int:
        """Seats in use, and those that are kept for whoever has just left or is just coming."""
        return max((count for _, count in self._taken), default=0) + len(self._arrivals)
