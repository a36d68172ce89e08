"""Tones that tests send and look for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
Sound = NDArray[np.float32]


def sine(hz: float, samples: int, amplitude: float = 0.25, *, at: int = 0) -> Sound:
    """`samples` of a sine from sample `at` on, 48 kHz."""
    phase = 2 * np.pi * hz / RATE_HZ
    return (amplitude * np.sin(phase * np.arange(at, at + samples))).astype(np.float32)


def tone_dbfs(sound: Sound, hz: float) -> float:
    """Amplitude of the tone `hz` in `sound`, dBFS, by projecting it on sine and cosine."""
    at = np.arange(len(sound)) * (2 * np.pi * hz / RATE_HZ)
    amplitude = 2 * np.hypot(np.dot(sound, np.cos(at)), np.dot(sound, np.sin(at))) / len(sound)
    return float(20 * np.log10(max(amplitude, 1e-10)))
