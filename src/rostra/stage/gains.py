"""What is done to every block of every voice and every ear, thirteen times in 20 ms: peaks and gains on their way.

Profile of a full stage: `np.linspace`, `np.mean` and `np.abs().max()` were a seventh of it, nearly all of that the
wrappers around them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.opus import Pcm


def peak_of(block: Pcm) -> float:
    """The largest absolute sample; 0 for none."""
    return float(np.maximum.reduce(np.abs(block), initial=0.0))


def mean_of(block: Pcm) -> float:
    """Of at least one sample."""
    return float(np.add.reduce(block)) / len(block)


def faded(before: float, after: float, samples: int) -> Pcm:
    """From `before` to `after`, in equal steps."""
    rise = _RISE if samples == BLOCK_SAMPLES else _rise(samples)
    return np.float32(before) + np.float32(after - before) * rise


def _rise(samples: int) -> Pcm:
    return np.linspace(0.0, 1.0, samples, dtype=np.float32)


_RISE: Final = _rise(BLOCK_SAMPLES)
