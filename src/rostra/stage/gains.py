"""What is done to every block of every voice and every ear, thirteen times in 20 ms: peaks and gains on their way.

Profile of a full stage: `np.linspace`, `np.mean` and `np.abs().max()` were a seventh of it, nearly all of that the
wrappers around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.opus import Pcm

MANY: Final = 4
"""From so many blocks on it is quicker to work on them together: numpy needs longer to begin than for 960 samples."""


def peaks_of(blocks: Pcm) -> Pcm:
    """The largest absolute sample of each row."""
    peaks: Pcm = np.maximum.reduce(np.abs(blocks), axis=1)
    return peaks


def peak_of(block: Pcm) -> float:
    """The largest absolute sample; 0 for none."""
    return float(np.maximum.reduce(np.abs(block), initial=0.0))


def mean_of(block: Pcm) -> float:
    """Of at least one sample."""
    return float(np.add.reduce(block)) / len(block)


def faded(before: float, after: float, samples: int) -> Pcm:
    """From `before` to `after`, in equal steps."""
    rise = RISE if samples == BLOCK_SAMPLES else rising(samples)
    return np.float32(before) + np.float32(after - before) * rise


@lru_cache(maxsize=16)
def rising(samples: int) -> Pcm:
    """From 0 to 1 in equal steps. Not to be written to."""
    return np.linspace(0.0, 1.0, samples, dtype=np.float32)


def together(blocks: Sequence[Pcm]) -> Pcm:
    """Blocks of one length as rows. `np.stack` needs twice as long, for a view of each."""
    return np.concatenate(blocks).reshape(len(blocks), -1)


def eased(before: Sequence[float], after: Sequence[float]) -> Pcm:
    """`faded` over a block, a row for each pair; as a product of matrices, in a quarter of the time."""
    ends = np.array((before, after), np.float32)
    ends[1] -= ends[0]
    curves: Pcm = ends.T @ _LEVEL_AND_RISE
    return curves


RISE: Final = rising(BLOCK_SAMPLES)
_LEVEL_AND_RISE: Final = np.stack((np.ones_like(RISE), RISE))
