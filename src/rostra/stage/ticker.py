"""The 20 ms clock of a room: which block of media time is due now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ, MediaClock

BLOCK_US: Final = BLOCK_SAMPLES * 1_000_000 // SAMPLE_RATE_HZ
AT_MOST_PER_WAKE: Final = 5
"""Blocks made up in one go; between two goes the network gets its turn."""
SLEW_US: Final = 200
"""How far one tick follows a stepped wall clock: 1 %, which nobody hears."""
JUMP_BLOCKS: Final = 500
"""10 s behind (a machine that slept): making it all up would help nobody, so the stretch is given up and counted."""


@dataclass(frozen=True, slots=True)
class Due:
    """Blocks [first, first + count) are to be made now. `skipped`: blocks given up before them."""

    first: int
    count: int
    skipped: int = 0


class Ticker:
    """Counts blocks of a media clock by a monotonic clock that is held to the wall clock.

    The wall clock alone may step; the monotonic clock alone would drift from the numbers that all other
    processes read off the wall clock. So the count runs on the second and is slewed towards the first.
    Every block is asked for exactly once, in order, unless `Due.skipped` says otherwise.
    """

    def __init__(self, clock: MediaClock, *, now_us: int, monotonic: float) -> None:
        self._anchor_us = clock.anchor_us
        self._wall0_us = now_us
        self._monotonic0 = monotonic
        self._slewed_us = 0
        self._next = max(0, -(-(now_us - clock.anchor_us) // BLOCK_US))
        self._late = 0

    @property
    def late_ticks(self) -> int:
        """Wake-ups that found more than one block due."""
        return self._late

    @property
    def next_block(self) -> int:
        return self._next

    def due(self, *, now_us: int, monotonic: float) -> Due:
        """What is due at this moment: up to five blocks, possibly none."""
        media_us = self.media_us(now_us=now_us, monotonic=monotonic)
        behind = (media_us - self._anchor_us) // BLOCK_US - self._next
        skipped = 0
        if behind >= JUMP_BLOCKS:
            skipped, behind = behind, 0
            self._next += skipped
        if behind <= 0:
            return Due(self._next, 0, skipped)
        if behind > 1:
            self._late += 1
        due = Due(self._next, min(behind, AT_MOST_PER_WAKE), skipped)
        self._next += due.count
        return due

    def wait_s(self, *, monotonic: float) -> float:
        """Seconds until the next block's time has passed; 0 when it is due already."""
        media_us = self._wall0_us + (monotonic - self._monotonic0) * 1e6 + self._slewed_us
        return float(max(0.0, (self._anchor_us + (self._next + 1) * BLOCK_US - media_us) / 1e6))

    def media_us(self, *, now_us: int, monotonic: float) -> int:
        """The wall-clock time as the ticker takes it: on the monotonic clock, held to `now_us` step by step."""
        media_us = self._wall0_us + int((monotonic - self._monotonic0) * 1e6) + self._slewed_us
        step = max(-SLEW_US, min(SLEW_US, now_us - media_us))
        self._slewed_us += step
        return media_us + step
