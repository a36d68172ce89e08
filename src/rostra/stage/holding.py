"""What listeners hear when everybody has dropped off the stage: two soft notes now and then, or a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.opus import Pcm
from rostra.stage.sound_file import SoundFile

LONGEST_S: Final = 600
"""Of a longer file the beginning is looped; it is kept in memory, so that no disk is needed on the air."""
EVERY_S: Final = 6.0
NOTES_HZ: Final = (523.25, 659.26)
NOTE_S: Final = 0.8
NOTE_PEAK: Final = 0.08


@dataclass(frozen=True, slots=True)
class HoldingSound:
    """after_s: how long nobody must have been there. blocks: the loop."""

    after_s: float
    blocks: list[Pcm]

    @classmethod
    def of(cls, after_s: float, file: Path | None = None) -> HoldingSound | None:
        """None when switched off (0). Blocking; raises SoundUnreadable."""
        if after_s <= 0:
            return None
        if file is None:
            return cls(after_s, _notes())
        return cls(after_s, list(islice(SoundFile(file), LONGEST_S * SAMPLE_RATE_HZ // BLOCK_SAMPLES)))


class Holding:
    """Decides block by block. Times are monotonic seconds."""

    def __init__(self, sound: HoldingSound | None) -> None:
        self._sound = sound
        self._alone_since: float | None = None
        self._loop: Iterator[Pcm] | None = None

    def block(self, now: float, *, anybody: bool) -> Pcm | None:
        """What the programme holds instead of nothing; None while somebody is there, or was a moment ago."""
        if self._sound is None:
            return None
        if anybody:
            self._alone_since = self._loop = None
            return None
        if self._alone_since is None:
            self._alone_since = now
        if now - self._alone_since < self._sound.after_s:
            return None
        if self._loop is None:
            self._loop = cycle(self._sound.blocks)
        return next(self._loop)


def _notes() -> list[Pcm]:
    """Two notes that swell and fade, then silence: `EVERY_S` long, in blocks."""
    samples = np.zeros(round(EVERY_S * SAMPLE_RATE_HZ) // BLOCK_SAMPLES * BLOCK_SAMPLES, np.float32)
    length = round(NOTE_S * SAMPLE_RATE_HZ)
    swell = NOTE_PEAK * np.hanning(length)
    for number, hz in enumerate(NOTES_HZ):
        start = number * length * 3 // 4
        samples[start : start + length] += (swell * np.sin(2 * np.pi * hz / SAMPLE_RATE_HZ * np.arange(length))).astype(
            np.float32
        )
    return list(samples.reshape(-1, BLOCK_SAMPLES))
