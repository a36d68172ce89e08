"""When somebody else's claim on the bus is over, whatever the clocks of two machines say or step to.

A claim says by the wall clock of whoever made it until when it counts. That clock may be wrong, and ours may step. But
a claim that we see for the first time was written by now, and so is over after its full length at the latest; and one
whose holder lives is written anew before that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rostra.platform.clock import Clock

APART_S: Final = 0.1
"""By so much the clocks of two machines may differ, and an answer of the bus be late, without our noticing."""


class Seen(NamedTuple):
    """A claim as it was when we first saw it. first_s, over_s: then, and when it ends, by our monotonic clock."""

    revision: int
    until_us: int
    first_s: float
    over_s: float


class Watched:
    """Somebody else's claim, look by look. length_s: for how long one is made at most."""

    def __init__(self, clock: Clock, length_s: float) -> None:
        self.seen: Seen | None = None
        self._clock = clock
        self._length_s = length_s
        self._looked_s = 0.0

    def look(self, *, revision: int, until_us: int) -> Seen:
        """What we know of the claim now that we see it so.

        It was written since we looked last, and lasts for its length from then at least. A time that says otherwise is
        of a clock that is wrong; then the claim may have been written just now.
        """
        now_s = self._clock.monotonic()
        if self.seen is None or self.seen[:2] != (revision, until_us):
            over_s = now_s + min(self._length_s, (until_us - self._clock.now_us()) / 1e6)
            if self.seen is not None and over_s < self._looked_s + self._length_s - APART_S:
                over_s = now_s + self._length_s
            self.seen = Seen(revision, until_us, now_s, over_s)
        self._looked_s = now_s
        return self.seen
