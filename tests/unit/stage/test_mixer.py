"""Mixing, limiting, metering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.mixer import CEILING, KNEE, Limiter, Meter, limit_all, measure_all, mix
from rostra.stage.voice import SILENT_BLOCK
from tests.kit.tones import sine, tone_dbfs


def test_each_hears_all_others() -> None:
    """The full mix holds everybody; a minus mix holds everybody but its owner; who is silent hears the full mix."""
    voices = {"anna": sine(450, 960), "ben": sine(1000, 960), "cleo": SILENT_BLOCK}
    mixed = mix(voices)
    np.testing.assert_allclose(mixed.full, voices["anna"] + voices["ben"], atol=1e-6)
    np.testing.assert_allclose(mixed.minus["anna"], voices["ben"], atol=1e-6)
    np.testing.assert_allclose(mixed.minus["ben"], voices["anna"], atol=1e-6)
    assert "cleo" not in mixed.minus


def test_a_single_voice_hears_silence() -> None:
    mixed = mix({"anna": sine(450, 960)})
    assert mixed.minus["anna"] is SILENT_BLOCK


def test_silence_is_one_block() -> None:
    """Nobody speaks: no sums, no encoding."""
    mixed = mix({"anna": SILENT_BLOCK, "ben": np.zeros(960, np.float32)})
    assert mixed.full is SILENT_BLOCK
    assert mixed.minus == {}


@given(st.lists(st.floats(0, 40), min_size=1, max_size=30), st.floats(20, 8000))
def test_nothing_leaves_above_the_ceiling(loudness: list[float], hz: float) -> None:
    """However loud, however sudden: never above -1 dBFS, never NaN."""
    limiter = Limiter()
    for number, amplitude in enumerate(loudness):
        out = limiter.limit(sine(hz, 960, amplitude, at=number * 960))
        assert np.abs(out).max() <= CEILING + 1e-6
        assert np.isfinite(out).all()


def test_what_is_quiet_passes_unchanged() -> None:
    """Below -3 dBFS the limiter does nothing at all."""
    block = sine(440, 960, KNEE * 0.99)
    assert Limiter().limit(block) is block


def test_the_limiter_lets_go_again() -> None:
    """A second after a shout, speech is as loud as before."""
    limiter = Limiter()
    for number in range(10):
        limiter.limit(sine(440, 960, 4.0, at=number * 960))
    for number in range(10, 160):
        out = limiter.limit(sine(440, 960, 0.25, at=number * 960))
    assert tone_dbfs(out, 450) == pytest.approx(tone_dbfs(sine(440, 960, 0.25), 450), abs=0.5)


def test_the_gain_never_jumps() -> None:
    """Over block borders the output is as smooth as the input: no click."""
    limiter = Limiter()
    out = np.concatenate(
        [limiter.limit(sine(200, 960, amplitude, at=n * 960)) for n, amplitude in enumerate([0.5] * 5 + [1.4] * 5)]
    )
    steady = np.abs(np.diff(out[: 960 * 5])).max()
    assert np.abs(np.diff(out[960 * 5 + 1 :])).max() < 3 * steady


def test_limiters_that_work_together_do_what_each_does_alone() -> None:
    """Silence, speech, a shout, a fade; whatever the other rows are."""
    rng = np.random.default_rng(5)
    together, alone = ([Limiter() for _ in range(6)] for _ in range(2))
    for number in range(60):
        loudness = rng.choice([0.0, 0.3, 0.9, 3.0], 6)
        blocks = [sine(180 + 30 * row, 960, amplitude, at=number * 960) for row, amplitude in enumerate(loudness)]
        for made, limiter, block in zip(limit_all(together, blocks), alone, blocks, strict=True):
            np.testing.assert_allclose(made, limiter.limit(block), atol=1e-6)


def test_meters_that_work_together_do_what_each_does_alone() -> None:
    meters = [Meter() for _ in range(5)]
    measure_all(meters, [SILENT_BLOCK, *(sine(440, 960, amplitude) for amplitude in (0.5, 0.25, 0.1, 2.0))])
    assert [meter.dbfs for meter in meters] == pytest.approx([-100, -6, -12, -20, 0], abs=0.2)


def test_the_meter_shows_the_peak_of_a_quarter_second() -> None:
    meter = Meter()
    assert meter.dbfs == -100
    meter.measure(sine(440, 960, 0.5))
    assert meter.dbfs == pytest.approx(-6, abs=0.2)
    for _ in range(20):
        meter.measure(SILENT_BLOCK)
    assert meter.dbfs == -100
