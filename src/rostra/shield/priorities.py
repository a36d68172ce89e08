"""Who goes first when not everybody can: class, then a draw that nobody can repeat.

After DAGOR (Zhou et al., "Overload Control for Scaling WeChat Microservices", SoCC 2018, 4.2): each request has a
place (class, draw), and in overload all behind a cut-off are turned away at once, so that those before it get whole
answers. While the loop is late, the cut-off moves so that 5 % fewer than in the last window pass; then 1 % more.

The draw is a keyed hash of the ticket's name, or of the address for those without one: reloading draws nothing anew,
every edge draws alike, and the same people are cut off for as long as it lasts, not everybody now and then.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from rostra.shield.admission import Standing

STRANGER: Final = len(Standing)
"""The class of those without a ticket: behind all that have one."""
DRAWS: Final = 128
LAST: Final = (STRANGER + 1) * DRAWS
"""Behind every place: nobody is turned away."""
LATE_MS: Final = 20.0
WINDOW_MIN: Final = 20
"""A window of fewer requests says nothing; the cut-off stays."""
FEWER, MORE = 0.95, 1.01
NEVER_CUT: Final = (Standing.MODERATOR + 1) * DRAWS
"""Speakers, hosts and moderators are few, and without them there is nothing to hear."""


def place_of(standing: int, who: bytes, key: bytes) -> int:
    """0 … LAST - 1; lower goes first. who: the ticket's name or the packed address; key: the same on every edge."""
    return standing * DRAWS + blake2b(who, digest_size=1, key=key).digest()[0] % DRAWS


class CutOff:
    """The place from which on requests are turned away, moved once per window."""

    def __init__(self) -> None:
        self.place = LAST
        self.counting = False
        self._seen = [0] * LAST

    def passes(self, place: int) -> bool:
        """Count one request. Ask only while `counting`: on a calm day nobody draws anything."""
        self._seen[place] += 1
        return place < self.place

    def turn(self, *, late_ms: float, cpu: float, ours_cpu: float) -> None:
        """A window is over. late_ms: mean delay of the loop in it; cpu: share of a core that we used.

        A loop that is late while we use less than `ours_cpu` waits for others on the machine; nobody need go for them.
        """
        late = late_ms > LATE_MS and cpu >= ours_cpu
        seen, self._seen = self._seen, [0] * LAST
        if not late and self.place == LAST:
            self.counting = False
            return
        if not self.counting:
            self.counting = True  # the first late window is the measure for the next
            return
        total = sum(seen)
        if total < WINDOW_MIN:
            if not late:
                self._raise_by(DRAWS // 8)
            return
        passed = sum(seen[: self.place])
        if late:
            self._move_to(seen, passed * FEWER)
        else:
            self._relax(seen, passed * MORE)

    def _move_to(self, seen: list[int], wanted: float) -> None:
        """The last place at which no more than `wanted` of the window's requests pass."""
        sum_so_far = 0
        for place in range(LAST):
            if sum_so_far + seen[place] > wanted and place >= NEVER_CUT:
                self.place = min(place, self.place)
                return
            sum_so_far += seen[place]

    def _relax(self, seen: list[int], wanted: float) -> None:
        """Let 1 % more pass, and at least one place, so that the last is reached even when nobody asks."""
        sum_so_far = sum(seen[: self.place])
        self._raise_by(1)
        while self.place < LAST and sum_so_far + seen[self.place] <= wanted:
            sum_so_far += seen[self.place]
            self._raise_by(1)

    def _raise_by(self, places: int) -> None:
        self.place = min(LAST, self.place + places)
