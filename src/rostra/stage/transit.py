"""How long packets are on their way, relative to the quickest of the last seconds: what a line's jitter is.

A packet's transit is its arrival minus its timestamp. Both clocks start anywhere and drift, so only differences
count: the smallest transit of the last seconds is the baseline, what is above it is jitter. A sender whose clock is
fast or slow moves the baseline.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

SAMPLES_PER_S: Final = 48_000
WINDOW_S: Final = 6
"""What a line did longer ago than this says nothing about what it will do."""
ANOTHER_CLOCK_S: Final = 2.0
"""A transit this far from the baseline is no jitter: the sender's timestamps have jumped."""


@dataclass(slots=True)
class _Second:
    number: int
    least_s: float
    most_s: float


class Transit:
    """Call `arrived` for each packet. Times are monotonic seconds, timestamps are 32-bit RTP timestamps."""

    def __init__(self) -> None:
        self._seconds: deque[_Second] = deque(maxlen=WINDOW_S)
        self._latest: tuple[int, int] | None = None
        self.baseline_s = 0.0
        """The quickest transit of the window; 0 before any packet. Kept, since it is asked for each block."""
        self._slowest_s = 0.0

    def reset(self) -> None:
        """Another stream: forget this one."""
        self._seconds.clear()
        self._latest = None
        self.baseline_s = self._slowest_s = 0.0

    def arrived(self, timestamp: int, now: float) -> None:
        transit_s = now - self._stamp_s(timestamp)
        if self._seconds and abs(transit_s - self.baseline_s) > ANOTHER_CLOCK_S:
            self._seconds.clear()
        number = int(now)
        if self._seconds and (latest := self._seconds[-1]).number == number:
            if transit_s < latest.least_s:
                latest.least_s = transit_s
                self.baseline_s = min(self.baseline_s, transit_s)
            elif transit_s > latest.most_s:
                latest.most_s = transit_s
                self._slowest_s = max(self._slowest_s, transit_s)
            return
        while self._seconds and self._seconds[0].number <= number - WINDOW_S:
            self._seconds.popleft()
        self._seconds.append(_Second(number, transit_s, transit_s))
        self.baseline_s = min(second.least_s for second in self._seconds)
        self._slowest_s = max(second.most_s for second in self._seconds)

    @property
    def jitter_ms(self) -> float:
        """How much slower than the quickest the slowest packet of the window was."""
        return (self._slowest_s - self.baseline_s) * 1000

    def waited_ms(self, timestamp: int, now: float) -> float:
        """How long the sound of `timestamp` could have been here by now, had it come as quickly as any."""
        return (now - self._stamp_s(timestamp, keep=False) - self.baseline_s) * 1000

    def _stamp_s(self, timestamp: int, *, keep: bool = True) -> float:
        """The timestamp in seconds, without its 32-bit wrap."""
        if self._latest is None:
            self._latest = (timestamp, timestamp)
        last, unwrapped = self._latest
        unwrapped += timestamp_step(timestamp, last)
        if keep:
            self._latest = (timestamp, unwrapped)
        return unwrapped / SAMPLES_PER_S


def timestamp_step(later: int, earlier: int) -> int:
    """Signed distance of two 32-bit RTP timestamps."""
    return (later - earlier + 0x80000000) % 0x100000000 - 0x80000000
