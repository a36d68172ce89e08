"""A clip as a file: frames of the replay as they are, behind an index of their own; no codec, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.fmp4 import frame_sizes
from rostra.media.jobs import StreamIndex
from rostra.media.m4a import m4a_head

MOOF_MOST_BYTES = 16_384
"""More than the index of a segment ever has: 384 frames of 4 bytes and their boxes."""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """head: goes first; spans: then these (first byte, end) of the replay's file, one after the other."""

    head: bytes
    spans: list[tuple[int, int]]

    @property
    def size_bytes(self) -> int:
        return len(self.head) + sum(end - first for first, end in self.spans)


def clip_file(path: Path, index: StreamIndex, start_ms: int, end_ms: int, names: Mapping[str, str]) -> ClipFile:
    """path, index: the replay as fragmented MP4. The clip begins and ends to the sample, within what there is.

    Blocking: reads an index of 2 kB for each eight seconds of the clip. Raises NotFragmentedMp4, ValueError for a
    span that holds nothing.
    """
    start, end = (ms * SAMPLE_RATE_HZ // 1000 for ms in (start_ms, end_ms))
    first = max(0, start // AAC_FRAME_SAMPLES - 1)  # one that settles the decoder
    last = -(-end // AAC_FRAME_SAMPLES)
    sizes: list[int] = []
    spans: list[tuple[int, int]] = []
    at_byte, at_frame = index.init_bytes, 0
    with path.open("rb") as file:
        init = file.read(index.init_bytes)
        for segment_bytes, samples in index.segments:
            frames = samples // AAC_FRAME_SAMPLES
            if at_frame < last and at_frame + frames > first:
                file.seek(at_byte)
                media_at, found = frame_sizes(file.read(min(segment_bytes, MOOF_MOST_BYTES)))
                skipped, wanted = max(0, first - at_frame), min(frames, last - at_frame)
                begins = at_byte + media_at + sum(found[:skipped])
                sizes += found[skipped:wanted]
                spans.append((begins, begins + sum(found[skipped:wanted])))
            at_byte += segment_bytes
            at_frame += frames
    skip = start - first * AAC_FRAME_SAMPLES
    heard = min(end, (first + len(sizes)) * AAC_FRAME_SAMPLES) - start
    if heard <= 0:
        raise ValueError(f"nothing between {start_ms} and {end_ms} ms")
    return ClipFile(m4a_head(init, sizes, skip_samples=skip, heard_samples=heard, names=names), spans)
