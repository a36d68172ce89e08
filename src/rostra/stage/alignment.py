"""Where a local recording lies in a speaker's track.

Both hold the same voice: the track as it came over the network, in media time; the recording as the microphone gave
it, by the clock of the speaker's own sound card. A window of speech is taken out of the track every five seconds and
looked for in the recording by normalised cross-correlation, first near the place that the recording's own hints name.
The places that agree make a line: its slope is the drift of the sound card, constant as that is, and its height the
offset. Where the stage's playout buffer grew or shrank the height steps, so there is one height for each such stretch.

Invariant: places that do not agree with each other are no alignment. Another voice, or a tone that looks the same
everywhere, is refused. Positions are samples at 48 kHz of the sound they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ

Sound = NDArray[np.int16]
Numbers = NDArray[np.float64]

DECIMATION: Final = 6
RATE_HZ: Final = SAMPLE_RATE_HZ // DECIMATION
SPAN: Final = 5 * SAMPLE_RATE_HZ
FEW: Final = 8
"""A short recording is looked at this often, if there is room."""
WINDOW: Final = 3 * SAMPLE_RATE_HZ // 2
SEARCHES_S: Final = (3.0, 45.0)
"""How far the hints may be wrong; the second try is for a page that never learned the servers' time."""
QUIET_RMS: Final = 60.0
"""Of 32,768, about -55 dBFS: a window below has nothing to recognise."""
ALIKE: Final = 0.4
"""Correlation from which a place counts. The same voice after Opus and loss has 0.6 to 0.99, another one up to 0.3."""
SURE: Final = 0.55
"""What a recording with a single window that can be told must reach."""
ECHO: Final = 0.92
"""A second place that is nearly as good as the first: the sound repeats itself, so neither counts."""
AGREE: Final = SAMPLE_RATE_HZ // 25
"""40 ms. The playout buffer breathes with the network; the clean recording need not. Larger steps are followed."""
DRIFT_MAX: Final = 1e-3
SEAM: Final = SAMPLE_RATE_HZ // 2
"""Where one stretch gives way to the next is a multiple of this, so that sound can be made in such chunks."""
UNLIKE: Final = "It does not sound like what this speaker said on the air."
_STEADY: Final = 20 * SAMPLE_RATE_HZ


class NotAligned(Exception):
    """Why a recording cannot be laid on the track: a sentence for people."""


@dataclass(frozen=True, slots=True)
class Take:
    """One run of a recorder: `sound`, zeros where a piece is missing.

    hints: pairs of (sample of the recording, sample of the track) as the browser believed them, in rising order.
    """

    sound: Sound
    hints: tuple[tuple[int, float], ...]

    def expected(self, at: float) -> float:
        """The sample of the recording that should lie at sample `at` of the track."""
        own, there = np.array([pair[0] for pair in self.hints]), np.array([pair[1] for pair in self.hints])
        near = int(np.argmin(np.abs(there - at)))
        return float(own[near] + at - there[near])


@dataclass(frozen=True, slots=True)
class Stretch:
    """From sample `first` of the track on, sample t lies at (t - offset) x rate in the recording."""

    first: int
    offset: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """rate: samples of the recording in one of the track. gain: what makes the recording as loud as the track.

    heard: mean correlation of the windows that count, 0..1. late_ms: the first offset against the hints.
    """

    rate: float
    stretches: tuple[Stretch, ...]
    gain: float
    heard: float
    windows: int
    late_ms: float

    @property
    def drift_ppm(self) -> float:
        return (self.rate - 1) * 1e6


@dataclass(frozen=True, slots=True)
class _Place:
    """A window of the track (its middle) and where the recording has it."""

    track: float
    own: float
    alike: float
    gain: float
    late: float


def align(track: Sound, take: Take, *, known_rate: float | None = None) -> Alignment:
    """Lay `take` on `track`. known_rate: of a longer recording by the same sound card.

    Raises NotAligned, with the reason, when it cannot be sure.
    """
    windows = _windows(track, take)
    if not windows:
        raise NotAligned("There is not enough speech in it to find its place.")
    for search_s in SEARCHES_S:
        found = [place for at in windows if (place := _look(track, take, at, search_s)) is not None]
        places = _agreeing(found)
        if len(places) >= max(2, len(found) / 2) and len(places) >= len(windows) / 4:
            return _fitted(track, places, known_rate)
        if len(windows) == 1 and found and found[0].alike >= SURE:
            return _fitted(track, found, known_rate)
    raise NotAligned(UNLIKE)


def _windows(track: Sound, take: Take) -> list[int]:
    """Starts of the loudest window of each span of the track which the recording covers."""
    first = max(0, int(take.hints[0][1] - take.hints[0][0]))
    end = min(len(track), int(take.hints[-1][1] + len(take.sound) - take.hints[-1][0]))
    starts: list[int] = []
    step = int(np.clip((end - first) // FEW, WINDOW, SPAN)) // 4800 * 4800
    for span in range(first, end - WINDOW, step):
        sound = track[span : min(span + max(step, 2 * WINDOW), end)].astype(np.float32)
        whole = len(sound) // 4800 * 4800
        energy = np.square(sound[:whole]).reshape(-1, 4800).sum(axis=1)
        sums = np.convolve(energy, np.ones(WINDOW // 4800), "valid")
        if len(sums) and np.sqrt(sums.max() / WINDOW) >= QUIET_RMS:
            start = span + int(sums.argmax()) * 4800
            if not starts or start - starts[-1] >= WINDOW:
                starts.append(start)
    return starts


def _look(track: Sound, take: Take, start: int, search_s: float) -> _Place | None:
    """Where the recording has the window of the track that begins at `start`; None: nowhere, or in several places."""
    expected, reach = take.expected(start), int(search_s * SAMPLE_RATE_HZ)
    first = max(0, int(expected) - reach) // DECIMATION * DECIMATION
    end = min(len(take.sound), int(expected) + reach + WINDOW)
    if end - first < WINDOW:
        return None
    needle, hay = _thinned(track[start : start + WINDOW]), _thinned(take.sound[first:end])
    scores = _correlation(needle, hay)
    best = int(scores.argmax())
    alike = float(scores[best])
    near = RATE_HZ // 20
    others = np.concatenate([scores[: max(0, best - near)], scores[best + near :]])
    if alike < ALIKE or (len(others) and others.max() > ECHO * alike):
        return None
    at = first + (best + _summit(scores, best)) * DECIMATION
    gain = _gain(track[start : start + WINDOW], take.sound[int(at) : int(at) + WINDOW])
    return _Place(start + WINDOW / 2, at + WINDOW / 2, alike, gain, expected - at)


def _gain(track: Sound, own: Sound) -> float:
    """How much louder the track is: the median over blocks of 20 ms, so that lost packets do not count."""
    blocks = min(len(track), len(own)) // BLOCK_SAMPLES
    theirs, ours = (
        np.sqrt(np.square(sound[: blocks * BLOCK_SAMPLES].astype(np.float64)).reshape(blocks, -1).mean(axis=1))
        for sound in (track, own)
    )
    heard = (ours > QUIET_RMS / 4) & (theirs > QUIET_RMS / 4)
    return float(np.median(theirs[heard] / ours[heard])) if heard.any() else 1.0


def _thinned(sound: Sound) -> NDArray[np.float32]:
    """At 8 kHz, without what is below a voice."""
    whole = len(sound) // DECIMATION * DECIMATION
    thin = sound[:whole].astype(np.float32).reshape(-1, DECIMATION).mean(axis=1)
    result: NDArray[np.float32] = np.concatenate([thin[:1], thin[1:] - np.float32(0.9) * thin[:-1]])
    return result


def _correlation(needle: NDArray[np.float32], hay: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalised cross-correlation, -1..1, for each place of `needle` in `hay`."""
    size = 1 << int(np.ceil(np.log2(len(hay) + len(needle))))
    product = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)
    count = len(hay) - len(needle) + 1
    sums = np.concatenate([[0.0], np.cumsum(np.square(hay, dtype=np.float64))])
    energy = sums[len(needle) : len(needle) + count] - sums[:count]
    loudest = float(energy.max(initial=0.0))
    scale = np.sqrt(np.maximum(energy, loudest * 1e-4 + 1.0) * float(np.square(needle, dtype=np.float64).sum()) + 1.0)
    scores: NDArray[np.float32] = (product[:count] / scale).astype(np.float32)
    return scores


def _summit(scores: NDArray[Any], best: int) -> float:
    """Where the top lies between samples: of the parabola through three of them."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, top, after = (float(each) for each in scores[best - 1 : best + 2])
    bend = before - 2 * top + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _agreeing(found: list[_Place]) -> list[_Place]:
    """The places that lie near the line of most: within half a second of the median of what the hints are wrong by."""
    if not found:
        return []
    middle = float(np.median([place.late for place in found]))
    return [place for place in found if abs(place.late - middle) < SAMPLE_RATE_HZ / 2]


def _fitted(track: Sound, places: list[_Place], known_rate: float | None) -> Alignment:
    """Raises NotAligned when the places make no line."""
    own = np.array([place.own for place in places])
    there = np.array([place.track for place in places])
    rate = _slope(there, own, known_rate)
    levels = _levels(there - own / rate)
    if known_rate is None and (finer := _slope_within(there, own, levels)) is not None:
        rate = finer
        levels = _levels(there - own / rate)
    kept = [index for level in levels for index in level]
    if len(kept) < len(places) / 2 or (len(kept) == 1 and places[kept[0]].alike < SURE):
        raise NotAligned(UNLIKE)
    heights = there - own / rate
    stretches = [Stretch(0, float(np.median(heights[levels[0]])))]
    for before, after in pairwise(levels):
        seam = _quietest(track, int(there[before[-1]]), int(there[after[0]]))
        stretches.append(Stretch(seam, float(np.median(heights[after]))))
    return Alignment(
        rate=rate,
        stretches=tuple(stretches),
        gain=float(np.clip(np.median([places[index].gain for index in kept]), 0.25, 4.0)),
        heard=float(np.mean([places[index].alike for index in kept])),
        windows=len(kept),
        late_ms=places[kept[0]].late / SAMPLE_RATE_HZ * 1000,
    )


def _quietest(track: Sound, first: int, end: int) -> int:
    """The seam between `first` and `end` that is heard least."""
    seams = range(-(-first // SEAM) * SEAM, end + 1, SEAM) or range(first // SEAM * SEAM, end, SEAM)
    near = SAMPLE_RATE_HZ // 50
    return min(seams, key=lambda at: float(np.square(track[max(0, at - near) : at + near].astype(np.float64)).sum()))


def _slope(track: Numbers, own: Numbers, known_rate: float | None) -> float:
    """Samples of the recording in one of the track: the median over pairs a quarter of a minute and more apart."""
    if known_rate is not None:
        return known_rate
    slopes: list[float] = []
    for step in (3, 5, 10, 30, 90):
        apart = track[step:] - track[:-step]
        far = apart >= _STEADY * 0.8
        slopes += list(((own[step:] - own[:-step])[far] / apart[far]).tolist())
    slopes = [slope for slope in slopes if abs(slope - 1) < DRIFT_MAX]
    return float(np.median(slopes)) if slopes else 1.0


def _slope_within(track: Numbers, own: Numbers, levels: list[list[int]]) -> float | None:
    """The slope that all stretches share, by least squares; None when none of them is long enough to tell."""
    top = bottom = 0.0
    for level in levels:
        if len(level) < 3 or track[level[-1]] - track[level[0]] < _STEADY:
            continue
        off = track[level] - track[level].mean()
        top += float((off * (own[level] - own[level].mean())).sum())
        bottom += float((off * off).sum())
    return top / bottom if bottom else None


def _levels(rest: Numbers) -> list[list[int]]:
    """Neighbours at one height, as indices. A single window at a height of its own is a mistake and left out."""
    levels: list[list[int]] = []
    for index, height in enumerate(rest):
        if levels and abs(height - np.median(rest[levels[-1][-9:]])) < AGREE:
            levels[-1].append(index)
        else:
            levels.append([index])
    long = [level for level in levels if len(level) > 1] or levels[:1]
    merged: list[list[int]] = []
    for level in long:
        if merged and abs(np.median(rest[level]) - np.median(rest[merged[-1][-9:]])) < AGREE:
            merged[-1] += level
        else:
            merged.append(level)
    return merged
