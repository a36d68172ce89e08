"""The picture of a recording: how loud its loudest moment is, ten times a second."""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.jobs import Measure, Measured
from rostra.stage.replay_files import samples_in, storage_error
from rostra.stage.replay_sound import blocks_of
from rostra.stage.workbench import Bench

PEAK_BLOCKS: Final = 5
EVERY_MS: Final = PEAK_BLOCKS * BLOCK_SAMPLES * 1000 // SAMPLE_RATE_HZ


def measure(job: Measure, bench: Bench) -> Measured:
    """One byte for each 100 ms. Raises NotFound, SoundUnreadable, StorageFull, StorageUnwritable."""
    path = bench.files.path(job.source)
    total = max(1, samples_in(path))
    peaks = bytearray()
    loudest = 0.0
    blocks = 0
    for block in blocks_of(path):
        loudest = max(loudest, float(np.abs(block).max(initial=0.0)))
        blocks += 1
        if blocks % PEAK_BLOCKS == 0:
            peaks.append(min(255, round(loudest * 255)))
            loudest = 0.0
            bench.progress(min(1.0, blocks * BLOCK_SAMPLES / total))
    if blocks % PEAK_BLOCKS:
        peaks.append(min(255, round(loudest * 255)))
    target = bench.folder / f"{job.job_id}.peaks"
    try:
        target.write_bytes(peaks)
        key = bench.keep(target)
    except OSError as error:
        raise storage_error(error) from error
    return Measured(job_id=job.job_id, broadcast_id=job.broadcast_id, source=job.source, file=key, every_ms=EVERY_MS)
