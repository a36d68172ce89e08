"""Mixing: the sum of all voices for the programme, the sum without oneself for each speaker.

Blocks are 960 samples of 48 kHz mono, 32-bit float, full scale ±1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.gains import MANY, eased, faded, peak_of, peaks_of, rising, together
from rostra.stage.opus import Pcm
from rostra.stage.voice import SILENT_BLOCK

CEILING: Final = 10 ** (-1 / 20)
"""Nothing leaves a limiter above -1 dBFS."""
KNEE: Final = 10 ** (-3 / 20)
"""Above -3 dBFS the curve bends, so what the gain has not yet caught is rounded and never clipped."""
ATTACK_SAMPLES: Final = SAMPLE_RATE_HZ * 5 // 1000
RELEASE_PER_BLOCK: Final = 1 - math.exp(-BLOCK_SAMPLES / (0.3 * SAMPLE_RATE_HZ))
INAUDIBLE: Final = 10 ** (-80 / 20)
"""What a decoder makes of digital silence is not quite zero. Below -80 dBFS nobody hears anything."""
AT_EASE: Final = 0.999
"""A gain above this is none."""
_ATTACK: Final = np.concatenate((rising(ATTACK_SAMPLES), np.ones(BLOCK_SAMPLES - ATTACK_SAMPLES, np.float32)))
SILENCE_DBFS: Final = -100.0
METER_BLOCKS: Final = 13
"""Blocks in a quarter of a second, rounded up."""


class Limiter:
    """Keeps a stream below -1 dBFS without delaying it: a gain with memory, then a soft knee.

    The gain falls within 5 ms of a loud block's start and recovers with a time constant of 0.3 s. In these
    first 5 ms a tanh knee between -3 and -1 dBFS takes the overshoot.
    """

    def __init__(self) -> None:
        self._gain = 1.0

    def limit(self, block: Pcm) -> Pcm:
        """The block, turned down as far as it must be; the same array when nothing had to be done."""
        peak = peak_of(block)
        if peak <= KNEE and self._gain > AT_EASE:
            self._gain = 1.0
            return block
        wanted = min(1.0, KNEE / peak) if peak > 0 else 1.0
        before = self._gain
        if wanted < before:
            self._gain = wanted
            curve = np.full(len(block), wanted, np.float32)
            attack = min(ATTACK_SAMPLES, len(block))
            curve[:attack] = faded(before, wanted, attack)
        else:
            self._gain = before + (wanted - before) * RELEASE_PER_BLOCK
            curve = faded(before, self._gain, len(block))
        limited = block * curve
        return _bend(limited) if peak * max(before, self._gain) > KNEE else limited


def limit_all(limiters: Sequence[Limiter], blocks: Sequence[Pcm]) -> Sequence[Pcm]:
    """What each limiter makes of its block of 20 ms, as `Limiter.limit` would.

    With thirteen who talk each hears a loud mix of twelve, and all thirteen are turned down: to do it one by one was a
    fourteenth of a full stage, nearly all of it what numpy needs to begin.
    """
    if len(limiters) < MANY:
        return [limiter.limit(block) for limiter, block in zip(limiters, blocks, strict=True)]
    loud = together(blocks)
    peaks = peaks_of(loud)
    before = np.array([limiter._gain for limiter in limiters], np.float64)
    at_ease = (peaks <= KNEE) & (before > AT_EASE)
    if at_ease.all():
        after = np.ones_like(before)
    else:
        wanted = np.minimum(1.0, KNEE / np.maximum(peaks, KNEE / 2).astype(np.float64))
        falls = wanted < before
        after = np.where(falls, wanted, before + (wanted - before) * RELEASE_PER_BLOCK)
        before[at_ease] = after[at_ease] = 1.0
        curves = eased(before.tolist(), after.tolist())
        for row in np.flatnonzero(falls):
            curves[row] = before[row] + (after[row] - before[row]) * _ATTACK
        loud *= curves
        if (peaks * np.maximum(before, after) > KNEE).any():
            _bend(loud.reshape(-1))
    for limiter, gain in zip(limiters, after.tolist(), strict=True):
        limiter._gain = gain
    return list(loud)


def _bend(block: Pcm) -> Pcm:
    """In place. Few samples are ever above the knee: they are looked for once, and nothing is done to the others."""
    over = np.flatnonzero(np.abs(block) > KNEE)
    if len(over):
        some, room = block[over], CEILING - KNEE
        block[over] = np.copysign(KNEE + room * np.tanh((np.abs(some) - KNEE) / room), some)
    return block


class Meter:
    """Peak level of the last quarter of a second in dBFS, at most 0; -100 is silence."""

    def __init__(self) -> None:
        self._peaks = [0.0] * METER_BLOCKS
        self._at = 0

    def measure(self, block: Pcm) -> None:
        self._note(0.0 if block is SILENT_BLOCK else peak_of(block))

    def _note(self, peak: float) -> None:
        self._peaks[self._at] = peak
        self._at = (self._at + 1) % METER_BLOCKS

    @property
    def peak(self) -> float:
        """Of the last block."""
        return self._peaks[self._at - 1]

    @property
    def dbfs(self) -> float:
        peak = max(self._peaks)
        return SILENCE_DBFS if peak <= 1e-5 else min(0.0, round(20 * math.log10(peak), 1))


def measure_all(meters: Sequence[Meter], blocks: Sequence[Pcm]) -> None:
    """Let each meter measure its block of 20 ms."""
    if len(meters) < MANY or all(block is SILENT_BLOCK for block in blocks):
        for meter, block in zip(meters, blocks, strict=True):
            meter.measure(block)
        return
    for meter, peak in zip(meters, peaks_of(together(blocks)).tolist(), strict=True):
        meter._note(peak)


@dataclass(frozen=True, slots=True)
class Mix:
    """`full`: everybody. `minus`: what a speaker hears, for each who is in it; all others hear `full`."""

    full: Pcm
    minus: dict[str, Pcm]


def mix(voices: Mapping[str, Pcm]) -> Mix:
    """Sum the voices (speaker id → block), before any limiter.

    A silent voice is left out of the sums, so its owner hears the full mix: one encoded copy serves all who
    are listening at the moment.
    """
    sounding = {speaker: block for speaker, block in voices.items() if block is not SILENT_BLOCK}
    if not sounding:
        return Mix(SILENT_BLOCK, {})
    blocks = together(list(sounding.values()))
    is_audible = (peaks_of(blocks) > INAUDIBLE).tolist()
    speakers = [speaker for speaker, audible in zip(sounding, is_audible, strict=True) if audible]
    if not speakers:
        return Mix(SILENT_BLOCK, {})
    if len(speakers) < len(blocks):
        blocks = blocks[is_audible]
    full: Pcm = blocks.sum(axis=0, dtype=np.float32)
    if len(speakers) == 1:
        return Mix(full, {speakers[0]: SILENT_BLOCK})
    return Mix(full, dict(zip(speakers, full - blocks, strict=True)))
