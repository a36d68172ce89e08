"""One clean original of local recordings that lie on a track: sample by sample in step with it, and as long.

What was not on the air stays silent. The track has digital silence where its speaker was muted, by themselves or by
the host, where a span was dumped, and where the broadcast was paused; so has the original, whatever the browser
recorded meanwhile. Only a hole of up to a second is the network's and not a decision: there the original has what the
listeners missed. Where the recording has nothing, or far less than the track, the track itself stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.alignment import Alignment, Sound, Stretch, Take

HOLE_BLOCKS: Final = 50
FAINT: Final = 0.1
"""Below a tenth of the track's level over a quarter of a second, the recording is taken for missing."""
LEVEL_BLOCKS: Final = 12
AUDIBLE_RMS: Final = 100.0
TAPS: Final = 32
PHASES: Final = 4096
CHUNK_BLOCKS: Final = 25
Mask = NDArray[np.bool_]
Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Laid:
    """A take at its place. present: for each block of the recording, whether the browser sent it."""

    take: Take
    alignment: Alignment
    present: Mask


@dataclass(frozen=True, slots=True)
class _Chunk:
    """use: the blocks in which the recordings' sound stands for the track's."""

    track: Float
    own: Float
    use: Mask


def on_air(track: Sound) -> Mask:
    """For each block of 20 ms, whether its speaker was on the air; holes of up to a second count as such."""
    blocks = -(-len(track) // BLOCK_SAMPLES)
    loud = np.zeros(blocks, dtype=bool)
    for first in range(0, blocks, 1000):
        part = track[first * BLOCK_SAMPLES : (first + 1000) * BLOCK_SAMPLES]
        padded = np.zeros(-(-len(part) // BLOCK_SAMPLES) * BLOCK_SAMPLES, dtype=bool)
        padded[: len(part)] = part != 0
        loud[first : first + 1000] = padded.reshape(-1, BLOCK_SAMPLES).any(axis=1)
    places = np.flatnonzero(loud)
    holes = np.flatnonzero(np.diff(places) <= HOLE_BLOCKS + 1)
    for before, after in zip(places[holes], places[holes + 1], strict=True):
        loud[before:after] = True
    return loud


class Original:
    """Makes the sound, chunk by chunk; afterwards `coverage` says how much of it is the browser's."""

    def __init__(self, track: Sound, laid: Sequence[Laid]) -> None:
        self._track = track
        self._laid = laid
        self._on_air = on_air(track)
        self._sinc = _sinc_table()
        self._own_blocks = 0

    @property
    def coverage(self) -> float:
        """Share of the blocks on the air that come from local recordings, 0..1."""
        blocks = int(self._on_air.sum())
        return self._own_blocks / blocks if blocks else 0.0

    def chunks(self) -> Iterator[Sound]:
        """The original in pieces of half a second, in order."""
        before = np.zeros(1, dtype=bool)
        ready = self._chunk(0)
        for first in range(0, len(self._on_air), CHUNK_BLOCKS):
            chunk, ready = ready, self._chunk(first + CHUNK_BLOCKS)
            weight = _eased(chunk.use, bool(before[-1]), bool(ready.use[:1].any()))[: len(chunk.track)]
            mixed = chunk.track + weight * (chunk.own - chunk.track)
            air = self._on_air[first : first + CHUNK_BLOCKS]
            end = first + CHUNK_BLOCKS
            was, goes_on = bool(self._on_air[max(0, first - 1)]), bool(self._on_air[end : end + 1].any())
            mixed *= _eased(air, was and first > 0, goes_on)[: len(mixed)]
            self._own_blocks += int(chunk.use.sum())
            before = chunk.use
            yield np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)

    def _chunk(self, first_block: int) -> _Chunk:
        """The track's and the recordings' sound from block `first_block` on; nothing behind the end."""
        air = self._on_air[first_block : first_block + CHUNK_BLOCKS]
        first = first_block * BLOCK_SAMPLES
        track = self._track[first : first + CHUNK_BLOCKS * BLOCK_SAMPLES].astype(np.float32)
        if not air.any():
            return _Chunk(track, track, np.zeros(len(air), dtype=bool))
        own, there = self._own(first, len(track))
        theirs, ours = _levels(track), _levels(own)
        # Blocks in which the recording has what the track has, or more.
        has_it = ~((theirs > AUDIBLE_RMS) & (ours < FAINT * theirs))
        return _Chunk(track, own, there & has_it & air)

    def _own(self, first: int, count: int) -> tuple[Float, Mask]:
        """What the recordings have for `count` samples of the track from `first` on, and in which blocks."""
        out = np.zeros(count, dtype=np.float32)
        there = np.zeros(-(-count // BLOCK_SAMPLES), dtype=bool)
        for each in self._laid:
            sound, present = self._resampled(each, first, count)
            fresh = present & ~there
            if fresh.any():
                spread = np.repeat(fresh, BLOCK_SAMPLES)[:count]
                out[spread] = sound[spread]
                there |= fresh
        return out, there

    def _resampled(self, laid: Laid, first: int, count: int) -> tuple[Float, Mask]:
        """What one recording has there. Where another stretch begins, the one before fades into it."""
        stretch = _stretch_at(laid.alignment.stretches, first)
        sound, present = self._at(laid, stretch, first, count)
        earlier = _stretch_at(laid.alignment.stretches, first - 1)
        if earlier is not stretch:
            fade = min(BLOCK_SAMPLES, count)
            old, _ = self._at(laid, earlier, first, fade)
            sound[:fade] = old + (sound[:fade] - old) * np.linspace(0, 1, fade, dtype=np.float32)
        return sound, present

    def _at(self, laid: Laid, stretch: Stretch, first: int, count: int) -> tuple[Float, Mask]:
        """Band-limited interpolation at the places where the alignment puts samples first, first + 1, …"""
        rate, source = laid.alignment.rate, laid.take.sound
        positions = (first - stretch.offset) * rate + np.arange(count) * rate
        whole = np.floor(positions).astype(np.int64)
        low, high = int(whole[0]) - TAPS // 2, int(whole[-1]) + TAPS // 2 + 2
        if high <= 0 or low >= len(source):
            return np.zeros(count, dtype=np.float32), np.zeros(-(-count // BLOCK_SAMPLES), dtype=bool)
        around = np.zeros(high - low, dtype=np.float32)
        inner = source[max(0, low) : high]
        around[max(0, -low) : max(0, -low) + len(inner)] = inner
        phases = np.rint((positions - whole) * PHASES).astype(np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(around, TAPS)[whole - whole[0] + 1]
        sound = np.einsum("ij,ij->i", windows, self._sinc[phases]) * np.float32(laid.alignment.gain)
        blocks = whole[::BLOCK_SAMPLES] // BLOCK_SAMPLES
        inside = (blocks >= 0) & (blocks + 1 < len(laid.present))
        known = np.clip(blocks, 0, max(0, len(laid.present) - 2))
        return sound, inside & laid.present[known] & laid.present[np.minimum(known + 1, len(laid.present) - 1)]


def _stretch_at(stretches: Sequence[Stretch], sample: int) -> Stretch:
    return next((each for each in reversed(stretches) if each.first <= sample), stretches[0])


def _levels(sound: Float) -> Float:
    """RMS around each block, over a quarter of a second."""
    padded = np.zeros(-(-len(sound) // BLOCK_SAMPLES) * BLOCK_SAMPLES, dtype=np.float32)
    padded[: len(sound)] = sound
    energy = np.square(padded).reshape(-1, BLOCK_SAMPLES).mean(axis=1)
    return np.sqrt(np.convolve(energy, np.ones(LEVEL_BLOCKS) / LEVEL_BLOCKS, "same")[: len(energy)]).astype(np.float32)


def _eased(blocks: Mask, before: bool, after: bool) -> Float:
    """The blocks as weights, 0..1: rising in the first block that is on, falling in the last, so nothing leaks out.

    before, after: whether the neighbours outside are on.
    """
    padded = np.concatenate([[before], blocks, [after]])
    ramp = np.linspace(0, 1, BLOCK_SAMPLES, dtype=np.float32)
    weights = np.repeat(blocks.astype(np.float32), BLOCK_SAMPLES).reshape(-1, BLOCK_SAMPLES)
    weights[blocks & ~padded[:-2]] *= ramp
    weights[blocks & ~padded[2:]] *= ramp[::-1]
    return weights.reshape(-1)


def _sinc_table() -> Float:
    """TAPS coefficients for each of PHASES fractions of a sample (Kaiser window), and one more for a whole one."""
    fractions = np.arange(PHASES + 1) / PHASES
    taps = np.arange(TAPS) - (TAPS // 2 - 1)
    off = taps[None, :] - fractions[:, None]
    window = np.i0(9.0 * np.sqrt(np.clip(1 - np.square(off / (TAPS / 2)), 0, None))) / np.i0(9.0)
    table = np.sinc(off) * window
    normal: Float = (table / table.sum(axis=1, keepdims=True)).astype(np.float32)
    return normal
