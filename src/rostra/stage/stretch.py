"""Sound made a little shorter or longer without a click and without another pitch.

A stretch of one or a few periods is taken out or played twice, where the sound is most like itself that far on, and the
ends are faded into each other: WSOLA (Verhelst and Roelands, 1993) for a single step. In silence every place is as good
as any. That is how a buffer gets rid of a fast sender's surplus, and fills up behind a slow one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.stage.opus import Pcm

LEAST: Final = 120
MOST: Final = 480
"""Samples that one step takes out or puts in: 2.5 to 10 ms, the periods of voices from 100 to 400 Hz."""
FADE: Final = 480
NEEDED: Final = MOST + FADE
"""Samples of sound to work on."""
QUIET_RMS: Final = 0.003
"""Below -50 dBFS nobody hears a fade."""
_COARSE: Final = 4
_RISE: Final = np.linspace(0.0, 1.0, FADE, dtype=np.float32)
_FALL: Final = 1 - _RISE


def shorter(sound: Pcm, *, likeness: float) -> Pcm | None:
    """`sound` with 2.5 to 10 ms taken out near its start; None where it is not like itself enough.

    likeness: least correlation of what is faded, -1 to 1; quiet sound needs none.
    """
    lag = _lag(sound, likeness)
    if lag is None:
        return None
    faded = sound[:FADE] * _FALL + sound[lag : lag + FADE] * _RISE
    return np.concatenate((faded, sound[lag + FADE :]))


def longer(sound: Pcm, *, likeness: float) -> Pcm | None:
    """`sound` with 2.5 to 10 ms put in near its start; None where it is not like itself enough."""
    lag = _lag(sound, likeness)
    if lag is None:
        return None
    faded = sound[lag : lag + FADE] * _FALL + sound[:FADE] * _RISE
    return np.concatenate((sound[:lag], faded, sound[FADE:]))


def _lag(sound: Pcm, likeness: float) -> int | None:
    """How far on `sound` repeats itself best, in samples."""
    if len(sound) < NEEDED:
        return None
    window = sound[:NEEDED]
    if float(np.dot(window, window)) < QUIET_RMS**2 * len(window):
        return MOST
    coarse = np.add.reduce(window[: NEEDED // _COARSE * _COARSE].reshape(-1, _COARSE), axis=1)
    rough = _best(coarse, LEAST // _COARSE, MOST // _COARSE, FADE // _COARSE)[0] * _COARSE
    lag, found = _best(window, max(LEAST, rough - _COARSE), min(MOST, rough + _COARSE), FADE)
    return lag if found >= likeness else None


def _best(sound: Pcm, least: int, most: int, length: int) -> tuple[int, float]:
    """The lag in [least, most] with the highest normalised correlation, and that correlation."""
    head = sound[:length]
    squares = np.concatenate(([0.0], np.cumsum(np.square(sound, dtype=np.float64))))
    energies = (squares[least + length : most + length + 1] - squares[least : most + 1]) * squares[length]
    likenesses = np.correlate(sound[least : most + length], head) / np.sqrt(np.maximum(energies, 1e-12))
    at = int(np.argmax(likenesses))
    return least + at, float(likenesses[at])
