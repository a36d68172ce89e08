"""A local recording finds its place in the track, or is refused."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.stage.alignment import NotAligned, Sound, align
from tests.kit.tones import sine
from tests.kit.voices import OPUS_SAMPLES, RATE_HZ, Wave, a_take, as_recorded, far_apart, own_of, through_opus, voice

MS = RATE_HZ / 1000


@pytest.fixture(scope="module")
def spoken() -> Wave:
    return voice(70, seed=1)


@pytest.fixture(scope="module")
def track(spoken: Wave) -> Sound:
    """Over the network, every thirtieth packet lost."""
    return through_opus(spoken, lost=tuple(range(7, 3500, 30)))


@pytest.mark.parametrize("ppm", [0.0, -80.0, 200.0])
def test_a_recording_finds_its_place(spoken: Wave, track: Sound, ppm: float) -> None:
    """With drift, less level, noise in the room, and hints that are wrong by more than a second."""
    begins = 4.2 * RATE_HZ
    sound = as_recorded(spoken, first=begins, ppm=ppm, gain=0.5)
    noise = np.random.default_rng(5).normal(0, 60, len(sound))
    found = align(track, a_take((sound + noise).astype(np.int16), begins=begins, wrong_s=1.3))
    assert found.drift_ppm == pytest.approx(ppm, abs=5)
    assert found.gain == pytest.approx(2, rel=0.2)
    assert found.heard > 0.5
    assert len(found.stretches) == 1
    for at_s in (5, 30, 69):
        truth = (at_s * RATE_HZ - OPUS_SAMPLES - begins) * (1 + ppm * 1e-6)
        assert own_of(found, at_s * RATE_HZ) == pytest.approx(truth, abs=0.5 * MS)


def test_ten_minutes_of_drift_stay_within_a_millisecond() -> None:
    """200 ppm are 0.12 s. Speech at both ends and in the middle, silence between."""
    track, sound, own_at = far_apart(600, ppm=200, begins_s=1.5)
    found = align(track, a_take(sound, begins=1.5 * RATE_HZ))
    assert found.drift_ppm == pytest.approx(200, abs=1)
    for at_s in (3, 100, 320, 500, 590):
        assert own_of(found, at_s * RATE_HZ) == pytest.approx(own_at(at_s), abs=1 * MS)


def test_steps_of_the_playout_buffer_are_followed(spoken: Wave) -> None:
    """After thirty seconds the stage plays 60 ms later: the recording follows, and drifts at one rate on both sides."""
    step, half = 60 * 48, 30 * RATE_HZ
    delayed = np.concatenate([spoken[:half], np.zeros(step), spoken[half:]])
    found = align(through_opus(delayed), a_take(as_recorded(spoken, ppm=50), begins=0))
    assert found.drift_ppm == pytest.approx(50, abs=10)
    assert len(found.stretches) == 2
    assert found.stretches[1].offset - found.stretches[0].offset == pytest.approx(step, abs=1 * MS)
    assert abs(found.stretches[1].first - half) < 10 * RATE_HZ
    for at_s in (3, 20, 45, 68):
        late = step if at_s > 30 else 0
        truth = (at_s * RATE_HZ - OPUS_SAMPLES - late) * (1 + 50e-6)
        assert own_of(found, at_s * RATE_HZ) == pytest.approx(truth, abs=1 * MS)


def test_another_voice_is_refused(track: Sound) -> None:
    """Somebody else's recording, however alike the voice, has no place here."""
    for seed in (2, 3):
        with pytest.raises(NotAligned, match="does not sound like"):
            align(track, a_take(as_recorded(voice(60, seed=seed)), begins=RATE_HZ))


def test_what_has_no_place_of_its_own_is_refused(track: Sound) -> None:
    """Silence, and a tone that looks the same wherever it is laid."""
    with pytest.raises(NotAligned):
        align(track, a_take(np.zeros(40 * RATE_HZ, dtype=np.int16), begins=0))
    tone = (sine(440, 40 * RATE_HZ) * 32767).astype(np.int16)
    with pytest.raises(NotAligned):
        align(tone, a_take(tone[1000:], begins=1000))
    with pytest.raises(NotAligned, match="not enough speech"):
        align(np.zeros(40 * RATE_HZ, dtype=np.int16), a_take(tone, begins=0))


def test_a_page_that_never_knew_the_time(spoken: Wave, track: Sound) -> None:
    """Hints half a minute off: found by the second, wider search."""
    found = align(track, a_take(as_recorded(spoken, first=RATE_HZ * 20), begins=20 * RATE_HZ, wrong_s=-18))
    assert own_of(found, 30 * RATE_HZ) == pytest.approx(10 * RATE_HZ - OPUS_SAMPLES, abs=0.5 * MS)
