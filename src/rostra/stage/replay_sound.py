"""The sound of a replay: what is cut is left out, and speakers' tracks become a programme again.

Everything is an iterator of mono blocks at 48 kHz, so an evening needs no more memory than a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler

from rostra.media.clock import AAC_FRAME_SAMPLES, BLOCK_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.renditions import Rendition
from rostra.stage.encoder import ProgrammeEncoder
from rostra.stage.errors import SoundUnreadable
from rostra.stage.loudness import Leveller
from rostra.stage.mixer import Limiter, mix
from rostra.stage.opus import Pcm
from rostra.stage.voice import SILENT_BLOCK

FADE_SAMPLES: Final = SAMPLE_RATE_HZ * 5 // 1000
"""Before and behind a cut the sound fades for 5 ms: too short to be heard, long enough that the join does not click."""
_FADE: Final = (0.5 - 0.5 * np.cos(np.pi * (np.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES)).astype(np.float32)
_PAD_SAMPLES: Final = 24 * AAC_FRAME_SAMPLES


def blocks_of(path: Path) -> Iterator[Pcm]:
    """A recording as mono blocks of 20 ms at its own level: the mean of its channels, the last block filled up.

    Raises SoundUnreadable.
    """
    resampler = AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ, frame_size=BLOCK_SAMPLES)
    found = False
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    found = True
                    yield _mono(piece)
            for piece in resampler.resample(None) if found else ():
                yield _mono(piece)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise SoundUnreadable(f"{path}: {error}") from error
    if not found:
        raise SoundUnreadable(f"{path}: no samples")


def _mono(piece: av.AudioFrame) -> Pcm:
    mono: Pcm = piece.to_ndarray().mean(axis=0, dtype=np.float32)
    return mono if len(mono) == BLOCK_SAMPLES else np.pad(mono, (0, BLOCK_SAMPLES - len(mono)))


def mixed(tracks: Sequence[Iterable[Pcm]]) -> Iterator[Pcm]:
    """The programme of tracks that begin together, levelled, mixed and limited as on stage."""
    levellers = [Leveller() for _ in tracks]
    limiter = Limiter()
    for blocks in zip_longest(*tracks, fillvalue=SILENT_BLOCK):
        voices = {
            str(number): leveller.level(block if block.any() else SILENT_BLOCK)
            for number, (leveller, block) in enumerate(zip(levellers, blocks, strict=True))
        }
        yield limiter.limit(mix(voices).full)


def silenced(blocks: Iterable[Pcm], spans_ms: Sequence[tuple[int, int]]) -> Iterator[Pcm]:
    """The blocks with silence in the spans, for what was dumped before anybody heard it."""
    spans = [(start * SAMPLE_RATE_HZ // 1000, -(-end * SAMPLE_RATE_HZ // 1000)) for start, end in spans_ms]
    at = 0
    for block in blocks:
        end = at + len(block)
        for start, stop in spans:
            if start < end and at < stop:
                block = block.copy()
                block[max(0, start - at) : max(0, stop - at)] = 0
        yield block
        at = end


def without(blocks: Iterable[Pcm], cuts_ms: Sequence[tuple[int, int]]) -> Iterator[Pcm]:
    """The blocks without the spans of `cuts_ms`, which ascend and do not touch; to the sample, and without a click."""
    cuts = [(start * SAMPLE_RATE_HZ // 1000, end * SAMPLE_RATE_HZ // 1000) for start, end in cuts_ms]
    at = 0
    for block in blocks:
        end = at + len(block)
        near = [cut for cut in cuts if cut[0] - FADE_SAMPLES < end and at < cut[1] + FADE_SAMPLES]
        if near:
            kept = _cut(block, at, near)
            if len(kept):
                yield kept
        else:
            yield block
        at = end


def _cut(block: Pcm, at: int, cuts: Sequence[tuple[int, int]]) -> Pcm:
    samples = np.arange(at, at + len(block))
    keep = np.ones(len(block), bool)
    gain = np.ones(len(block), np.float32)
    for start, end in cuts:
        keep &= (samples < start) | (samples >= end)
        before, behind = start - 1 - samples, samples - end
        if start:
            fading = (before >= 0) & (before < FADE_SAMPLES)
            gain[fading] *= _FADE[before[fading]]
        fading = (behind >= 0) & (behind < FADE_SAMPLES)
        gain[fading] *= _FADE[behind[fading]]
    return (block * gain)[keep]


def encoded(blocks: Iterable[Pcm], rendition: Rendition) -> Iterator[bytes]:
    """The AAC frames of a sound from its first sample on; the last one is filled up with silence."""
    encoder = ProgrammeEncoder(rendition, MediaClock(0), 0)
    samples = given = 0
    for block in blocks:
        for part in encoder.feed(block, samples):
            given += len(part.frames)
            yield from part.frames
        samples += len(block)
    left = -(-samples // AAC_FRAME_SAMPLES) - given
    silence = np.zeros(_PAD_SAMPLES, np.float32)
    while left > 0:
        for part in encoder.feed(silence, samples):
            yield from part.frames[:left]
            left -= len(part.frames)
        samples += _PAD_SAMPLES
