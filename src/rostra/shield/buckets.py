"""Many rate limits in little memory: the generic cell rate algorithm over a table of fixed size.

GCRA (ITU-T I.371) keeps for each key the moment at which its bucket would be empty again ("theoretical arrival
time"). A request moves that moment by one interval; it is refused while the moment lies further ahead than the
burst allows. Invariant: over any span of time t, a key gets at most burst + t / interval requests through.

The table is two arrays, 16 bytes a place, allocated once: whoever makes up keys by the million changes nothing. A key
may lie in four places. A place whose moment has passed says the same as no place at all, so it is given away without
loss; if all four are in use, the one that would be empty first goes.

Fails open: the moments live in this process, so a restart forgets them and two processes count apart; and with more
busy keys than places, some are forgotten. Keys are told apart by Python's keyed hash of 64 bits (SipHash of bytes and
text, drawn at each start), so nobody can choose keys that meet.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Final

PLACES: Final = 65_536
_WAYS: Final = 4
_ROUNDING_S: Final = 1e-9
"""Rounding of floats is no offence."""


@dataclass(frozen=True, slots=True)
class Rate:
    """burst requests at once, then one every interval_s."""

    burst: int
    interval_s: float

    def times(self, factor: float) -> Rate:
        """`factor` times as many, at once and in the long run; one at once at least."""
        return Rate(max(1, round(self.burst * factor)), self.interval_s / factor)


class Buckets:
    """One table. places: rounded up to a power of two; 16 bytes each."""

    __slots__ = ("_empty_at", "_marks", "_mask")

    def __init__(self, places: int = PLACES) -> None:
        groups = 1
        while groups * _WAYS < places:
            groups *= 2
        self._mask = groups - 1
        self._marks = array("q", bytes(8 * groups * _WAYS))
        self._empty_at = array("d", bytes(8 * groups * _WAYS))

    @property
    def size_bytes(self) -> int:
        return 16 * len(self._marks)

    def take(self, key: object, rate: Rate, now_s: float) -> float:
        """Count one request of `key` (anything hashable): 0.0, or after how many seconds there would be room.

        now_s: seconds on a clock that never steps back, from 0. A request that has to wait is not counted.
        """
        mark = hash(key)
        first = (mark & self._mask) * _WAYS
        marks, moments = self._marks, self._empty_at
        place = first
        for at in range(first, first + _WAYS):
            if marks[at] == mark:
                place = at
                break
            if moments[at] < moments[place]:
                place = at
        else:
            marks[place], moments[place] = mark, 0.0
        empty_at = max(moments[place], now_s) + rate.interval_s
        wait_s = empty_at - now_s - rate.burst * rate.interval_s
        if wait_s > _ROUNDING_S:
            return wait_s
        moments[place] = empty_at
        return 0.0
