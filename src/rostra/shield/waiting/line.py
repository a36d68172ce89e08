"""The line: how many wait in each bucket, and how far the front has come that calls them.

Draws are even over their range, so a count for each bucket says all: of n people in a bucket, n × draw / 2^64 stand
before one of them. That is why a place needs no list, why edges can add up their counts, and why the whole line is a
small file.

People who leave the line stay in the counts, so "ahead" is the most that it can be. They hold up nobody: the front
moves over them (see `house`), and the estimate divides by the speed at which it moves, those included.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Final

import msgspec

from rostra.shield.waiting.tickets import DRAW_BITS, Place

MOST_BUCKETS: Final = 240
"""Further ones are laid together in pairs, the newest first: a line of hours stays a file of some kilobytes."""
_WHOLE: Final = 1 << DRAW_BITS
_STEPS: Final = 1 << 20
"""Fineness of the front within a bucket. It is written as a whole number below 2^53, which JSON can carry
everywhere."""


class Line(msgspec.Struct, frozen=True):
    """buckets: (bucket, people in it), in order; those wholly behind the front are not kept.

    front: everybody at a place before (bucket, step / 2^20 of the draws) has been called.
    """

    buckets: tuple[tuple[int, int], ...] = ()
    front: tuple[int, int] = (0, 0)

    @property
    def waiting(self) -> int:
        """People who have not been called, at most."""
        return ceil(sum(self._left(bucket, count) for bucket, count in self.buckets))

    def called(self, place: Place) -> bool:
        return (place.bucket, _step(place.draw)) < self.front

    def ahead(self, place: Place) -> int:
        """How many not yet called people stand before `place`, at most."""
        total = 0.0
        for bucket, count in self.buckets:
            if bucket > place.bucket:
                break
            if bucket < place.bucket:
                total += self._left(bucket, count)
            else:
                from_step = self.front[1] if bucket == self.front[0] else 0
                total += count * max(0, _step(place.draw) - from_step) / _STEPS
        return int(total)

    def joined(self, arrivals: Iterable[tuple[int, int]]) -> Line:
        """With (bucket, people) that came since."""
        counts = dict(self.buckets)
        for bucket, count in arrivals:
            if bucket >= self.front[0]:
                counts[bucket] = counts.get(bucket, 0) + count
        return Line(_merged(sorted(counts.items())), self.front)

    def moved(self, people: int) -> tuple[Line, int]:
        """The front moves over `people` more, or over all that there are; how many it moved over."""
        want, front, kept = float(people), self.front, list(self.buckets)
        while kept:
            bucket, count = kept[0]
            left = self._left_from(bucket, count, front)
            if left > want:
                begun = front[1] if front[0] == bucket else 0
                step = min(_STEPS, begun + ceil(_STEPS * want / count)) if want > 0 else begun
                front = (bucket, step) if want > 0 else front
                want = 0.0
                break
            want -= left
            front = (bucket + 1, 0)
            kept.pop(0)
        return Line(tuple(kept), front), people - int(want)

    def _left(self, bucket: int, count: int) -> float:
        return self._left_from(bucket, count, self.front)

    @staticmethod
    def _left_from(bucket: int, count: int, front: tuple[int, int]) -> float:
        if bucket < front[0]:
            return 0.0
        return count * (_STEPS - front[1]) / _STEPS if bucket == front[0] else float(count)


def _step(draw: int) -> int:
    return draw * _STEPS // _WHOLE


def _merged(buckets: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """At most MOST_BUCKETS. A pair counts as its later bucket, so that whoever calls the one has called the other."""
    while len(buckets) > MOST_BUCKETS:
        half = len(buckets) // 2
        early, late = buckets[:half], buckets[half:]
        paired = [
            (late[min(at + 1, len(late) - 1)][0], sum(count for _, count in late[at : at + 2]))
            for at in range(0, len(late), 2)
        ]
        buckets = early + paired
    return tuple(buckets)
