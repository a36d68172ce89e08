"""200 ppm of drift over an hour of simulated time: 720 ms that must be neither heard nor lost."""

from __future__ import annotations

import pytest

from rostra.stage.alignment import align
from rostra.stage.opus import SILENT_PACKET
from rostra.stage.playout import LEAST_MS
from tests.kit.lines import arrivals, listen
from tests.kit.voices import RATE_HZ, a_take, far_apart, own_of

PER_S = 50
HOUR = 3600 * PER_S


def test_an_hour_with_a_fast_clock() -> None:
    """What is too much is taken out where nobody speaks, and never piles up."""
    heard = listen([SILENT_PACKET], arrivals(HOUR, drift_ppm=200), blocks=HOUR - PER_S, keep=False)
    assert max(heard.delays_ms[PER_S:]) <= LEAST_MS + 20
    assert set(heard.targets_ms) == {LEAST_MS}
    assert heard.lost_pct == 0


def test_an_hour_of_drift_stays_within_a_millisecond() -> None:
    """Of a local recording. Speech at both ends and in the middle, silence between."""
    track, sound, own_at = far_apart(3600, ppm=200, begins_s=1.5)
    found = align(track, a_take(sound, begins=1.5 * RATE_HZ))
    assert found.drift_ppm == pytest.approx(200, abs=0.5)
    for at_s in (3, 600, 1720, 3000, 3590):
        assert own_of(found, at_s * RATE_HZ) == pytest.approx(own_at(at_s), abs=RATE_HZ / 1000)
