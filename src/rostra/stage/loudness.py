"""Everybody equally loud: each voice is measured after EBU R 128 and brought to one loudness, slowly.

ITU-R BS.1770-5 measures K-weighted power in blocks of 400 ms, a new one each 100 ms. The weighting is applied to
the spectrum of each 100 ms instead of by two filters, sample by sample: one short FFT ten times a second.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.gains import MANY, eased, faded, mean_of, together
from rostra.stage.opus import Pcm
from rostra.stage.voice import SILENT_BLOCK

TARGET_LUFS: Final = -19.0
"""One channel of a voice at -19 LUFS makes a programme of two equal channels with -16 LUFS."""
GAIN_MAX_DB: Final = 12.0
GATE_LUFS: Final = -50.0
"""Quieter than this is a room, a breath or a fan, and says nothing about how loud somebody speaks."""
NOISE_LUFS: Final = -45.0
"""No voice is raised so far that the noise in its pauses comes above this."""
ABOVE_NOISE_LU: Final = 8.0
"""Only what stands out of its own noise counts as speech, so a steady hiss is never raised."""
RELATIVE_GATE_LU: Final = 10.0
RISE_DB: Final = 0.1
FALL_DB: Final = 0.3
"""Per 100 ms: 1 dB/s up, 3 dB/s down. Nobody hears that as a movement."""
MEMORY_S: Final = 3.0
FLOOR_S: Final = 10
BREATH_S: Final = 2
"""Who speaks lets the level fall within so long, between two words; a hiss does not."""
DC_S: Final = 0.3

_STEP_S: Final = 0.1
_STEP_BLOCKS: Final = round(_STEP_S * SAMPLE_RATE_HZ / BLOCK_SAMPLES)
_STEP_SAMPLES: Final = _STEP_BLOCKS * BLOCK_SAMPLES
_WINDOW_STEPS: Final = 4
_BREATH_STEPS: Final = round(BREATH_S / _STEP_S)
_FORGET: Final = 1 - math.exp(-_STEP_S / MEMORY_S)
_DC_FOLLOW: Final = 1 - math.exp(-BLOCK_SAMPLES / (DC_S * SAMPLE_RATE_HZ))
_DC_MIN: Final = 1e-4
_OFFSET_LUFS: Final = -0.691
_SHELF: Final = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def _k_weights() -> NDArray[np.float32]:
    """Power of the K-weighting at each frequency of the FFT (BS.1770-5, tables 1, 2), for real and imaginary part."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(_STEP_SAMPLES))
    power = np.ones(len(z))
    for above, below in (_SHELF, _HIGH_PASS):
        power *= np.abs(np.polyval(above[::-1], z) / np.polyval(below[::-1], z)) ** 2
    power[1:-1] *= 2  # the half of the spectrum that rfft leaves out
    return np.repeat(power, 2).astype(np.float32)


_WEIGHTS: Final = _k_weights()


def k_power(samples: Pcm) -> float:
    """K-weighted mean square of 100 ms."""
    return k_powers(samples[np.newaxis, :])[0]


def k_powers(rows: Pcm) -> list[float]:
    """K-weighted mean square of 100 ms in each row. An FFT of many rows reckons its factors once.

    norm: "forward" is what numpy does in single precision; the usual one goes through double, for half as long again.
    """
    spectra: Pcm = np.fft.rfft(rows, norm="forward").view(np.float32)
    powers: list[float] = (np.square(spectra, out=spectra) @ _WEIGHTS).tolist()
    return powers


def lufs(power: float) -> float:
    """Loudness of one channel; -inf for silence."""
    return _OFFSET_LUFS + 10 * math.log10(power) if power > 0 else -math.inf


class Leveller:
    """Brings one voice to `TARGET_LUFS`, within ±12 dB, and takes its DC away. Blocks are 20 ms."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._gain = 1.0
        self._dc = 0.0
        self._step: list[Pcm] = []
        self._window: deque[float] = deque(maxlen=_WINDOW_STEPS)
        self._steps: deque[float] = deque(maxlen=round(FLOOR_S / _STEP_S))
        self._speech: float | None = None

    def level(self, block: Pcm) -> Pcm:
        """The block as the mixer should take it; `SILENT_BLOCK` and what needs nothing come back as they are."""
        if block is SILENT_BLOCK:
            return block
        block = self._without_dc(block)
        self._step.append(block)
        before = self._gain
        if len(self._step) == _STEP_BLOCKS:
            self._take_step(k_power(np.concatenate(self._step)))
        if before != self._gain:
            return block * faded(before, self._gain, len(block))
        return block if before == 1.0 else block * np.float32(before)

    def _take_step(self, power: float) -> None:
        """100 ms are together, with this power."""
        self._step = []
        self._measure(power)
        self._gain = 10 ** (self.gain_db / 20)

    def _without_dc(self, block: Pcm) -> Pcm:
        before = self._dc
        self._dc += (mean_of(block) - before) * _DC_FOLLOW
        if max(abs(before), abs(self._dc)) < _DC_MIN:
            return block
        return block - faded(before, self._dc, len(block))

    def _measure(self, power: float) -> None:
        """Take the power of another 100 ms and move the gain by one step, if there is reason to."""
        self._window.append(power)
        self._steps.append(power)
        if len(self._window) < _WINDOW_STEPS:
            return
        power = sum(self._window) / _WINDOW_STEPS
        loudness = lufs(power)
        known = lufs(self._speech) if self._speech is not None else -math.inf
        if loudness < max(GATE_LUFS, known - RELATIVE_GATE_LU):
            return
        self._speech = power if self._speech is None else self._speech + (power - self._speech) * _FORGET
        floor = lufs(min(self._steps))
        wanted = TARGET_LUFS - lufs(self._speech)
        wanted = max(-GAIN_MAX_DB, min(GAIN_MAX_DB, wanted, max(0.0, NOISE_LUFS - floor)))
        if wanted < self.gain_db:
            self.gain_db = max(wanted, self.gain_db - FALL_DB)
        elif loudness - lufs(min(list(self._steps)[-_BREATH_STEPS:])) >= ABOVE_NOISE_LU:
            self.gain_db = min(wanted, self.gain_db + RISE_DB)


def level_all(levellers: Sequence[Leveller], blocks: Sequence[Pcm]) -> list[Pcm]:
    """What each leveller makes of its block of 20 ms, as `Leveller.level` would."""
    sounding = [at for at, block in enumerate(blocks) if block is not SILENT_BLOCK]
    if len(sounding) < MANY:
        return [leveller.level(block) for leveller, block in zip(levellers, blocks, strict=True)]
    some = [levellers[at] for at in sounding]
    sound = together([blocks[at] for at in sounding])
    _take_dc(some, sound)
    before = [each._gain for each in some]
    for each, block in zip(some, sound, strict=True):
        each._step.append(block)
    if due := [each for each in some if len(each._step) == _STEP_BLOCKS]:
        steps = np.concatenate([block for each in due for block in each._step])
        for each, power in zip(due, k_powers(steps.reshape(len(due), -1)), strict=True):
            each._take_step(power)
    levelled = list(blocks)
    for at, block in zip(sounding, sound * eased(before, [each._gain for each in some]), strict=True):
        levelled[at] = block
    return levelled


def _take_dc(levellers: Sequence[Leveller], sound: Pcm) -> None:
    """`Leveller._without_dc` for each row, in place."""
    before, after = [], []
    for each, mean in zip(levellers, (np.add.reduce(sound, axis=1) / sound.shape[1]).tolist(), strict=True):
        was = each._dc
        now = each._dc = was + (mean - was) * _DC_FOLLOW
        moves = max(abs(was), abs(now)) >= _DC_MIN
        before.append(was if moves else 0.0)
        after.append(now if moves else 0.0)
    if any(before) or any(after):
        sound -= eased(before, after)
