"""One original: as long as the track, in step with it, silent where nothing was on the air."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.stage.alignment import Sound, Take, align
from rostra.stage.mixer import SILENCE_DBFS
from rostra.stage.original import Laid, Original, on_air
from tests.kit.voices import BLOCK, OPUS_SAMPLES, RATE_HZ, Wave, as_recorded, through_opus, voice

SECONDS = 60


@pytest.fixture(scope="module")
def spoken() -> Wave:
    return voice(SECONDS, seed=21)


def a_laid(track: Sound, sound: Sound, *, begins: int = 0, missing: range = range(0)) -> Laid:
    """missing: blocks of the recording that never arrived."""
    present = np.ones(len(sound) // BLOCK, dtype=bool)
    present[missing.start : missing.stop] = False
    sound = sound.copy()
    sound[missing.start * BLOCK : missing.stop * BLOCK] = 0
    take = Take(sound, ((0, float(begins)),))
    return Laid(take, align(track, take), present)


def whole(original: Original) -> Sound:
    return np.concatenate(list(original.chunks()))


def error_db(sound: Sound, truth: Sound) -> float:
    """What of `sound` is not `truth`, against it, dB, at the best place within a tenth of a millisecond."""
    own, there = sound[5:-5].astype(np.float64), truth.astype(np.float64)
    noises = [np.mean((own - there[5 + shift : len(there) - 5 + shift]) ** 2) for shift in range(-5, 6)]
    return float(10 * np.log10(min(noises) / np.mean(there**2)))


def dbfs(sound: Sound) -> float:
    power = float(np.mean(np.square(sound.astype(np.float64))))
    return 10 * np.log10(power / 32768**2) if power else SILENCE_DBFS


def seconds(sound: Sound, first: float, end: float) -> Sound:
    return sound[round(first * RATE_HZ) : round(end * RATE_HZ)]


def test_it_is_the_clean_sound_in_step_and_as_loud(spoken: Wave) -> None:
    """Lost packets are whole again, drift is gone, nothing is louder than it was on the air."""
    track = through_opus(spoken, lost=tuple(range(10, 3000, 11)))
    original = Original(track, [a_laid(track, as_recorded(spoken, ppm=120, gain=0.4))])
    made = whole(original)
    truth = (np.concatenate([np.zeros(OPUS_SAMPLES), spoken])[: len(track)] * 32767).astype(np.int16)
    middle = slice(2 * RATE_HZ, (SECONDS - 2) * RATE_HZ)
    assert len(made) == len(track)
    assert original.coverage > 0.97
    assert dbfs(made[middle]) == pytest.approx(dbfs(truth[middle]), abs=1)
    louder = 10 ** ((dbfs(truth[middle]) - dbfs(made[middle])) / 20)
    assert error_db((made[middle] * louder).astype(np.int16), truth[middle]) < -22
    assert error_db(track[middle], truth[middle]) > -12


def test_what_was_not_on_the_air_is_not_in_it(spoken: Wave) -> None:
    """Muted by the host from 20 s to 25 s, dumped from 40 s to 52 s: not a sample of it, though the browser had it."""
    track = through_opus(spoken)
    for first, end in ((20, 25), (40, 52)):
        seconds(track, first, end)[:] = 0
    made = whole(Original(track, [a_laid(track, as_recorded(spoken))]))
    for first, end in ((20, 25), (40, 52)):
        assert not seconds(made, first, end).any()
    assert dbfs(seconds(made, 26, 39)) == pytest.approx(dbfs(seconds(track, 26, 39)), abs=1.5)


def test_a_hole_of_the_network_is_filled(spoken: Wave) -> None:
    """0.8 s that never reached the stage are in the original; so short is no decision of anybody."""
    track = through_opus(spoken)
    hole = seconds(track, 30, 30.8)
    missed = dbfs(hole)
    hole[:] = 0
    made = whole(Original(track, [a_laid(track, as_recorded(spoken))]))
    assert dbfs(seconds(made, 30, 30.8)) == pytest.approx(missed, abs=2)


def test_pieces_that_never_came_are_the_tracks_own(spoken: Wave) -> None:
    """Ten seconds without a piece, and five in which the browser recorded nothing: the listeners' sound stands in."""
    track = through_opus(spoken)
    sound = as_recorded(spoken)
    seconds(sound, 40, 45)[:] = 0
    original = Original(track, [a_laid(track, sound, missing=range(500, 1000))])
    made = whole(original)
    assert np.array_equal(seconds(made, 11, 19), seconds(track, 11, 19))
    assert np.array_equal(seconds(made, 41, 44), seconds(track, 41, 44))
    assert original.coverage == pytest.approx(45 / 60, abs=0.05)


def test_two_recordings_around_a_reload(spoken: Wave) -> None:
    """Each lies at its own place; the seconds between them come from the track, without a jump in level."""
    track = through_opus(spoken)
    before = a_laid(track, as_recorded(spoken[: 25 * RATE_HZ]))
    after = a_laid(track, as_recorded(spoken, first=28 * RATE_HZ), begins=28 * RATE_HZ)
    original = Original(track, [before, after])
    made = whole(original)
    assert np.array_equal(seconds(made, 25.2, 27.8), seconds(track, 25.2, 27.8))
    assert original.coverage == pytest.approx(57 / 60, abs=0.03)
    steps = np.abs(np.diff(made.astype(np.int32)))
    assert steps.max() <= 1.5 * np.abs(np.diff(track.astype(np.int32))).max()


def test_nobody_on_the_air_is_silence() -> None:
    silent = np.zeros(5 * RATE_HZ + 77, dtype=np.int16)
    original = Original(silent, [])
    assert np.array_equal(whole(original), silent)
    assert original.coverage == 0
    assert not on_air(silent).any()
