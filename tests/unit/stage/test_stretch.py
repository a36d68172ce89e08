"""Sound made shorter and longer: no click, no other pitch."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.stage.stretch import LEAST, MOST, NEEDED, longer, shorter
from tests.kit.lines import sharpest_step
from tests.kit.tones import sine, tone_dbfs

HZ = 190.0


@pytest.mark.parametrize("change", [shorter, longer])
def test_a_tone_stays_a_tone(change: object) -> None:
    """A voiced sound loses or gains whole periods: same pitch, same level, no step between two samples."""
    sound = sine(HZ, 4800)
    changed = change(sound, likeness=0.9)  # type: ignore[operator]
    assert changed is not None
    assert LEAST <= abs(len(changed) - len(sound)) <= MOST
    assert (len(changed) < len(sound)) is (change is shorter)
    assert sharpest_step(changed) <= sharpest_step(sound) * 1.1
    whole = int(len(changed) // (48_000 / HZ) * (48_000 / HZ))
    assert tone_dbfs(changed[:whole], HZ) == pytest.approx(tone_dbfs(sound, HZ), abs=0.3)


@pytest.mark.parametrize("change", [shorter, longer])
def test_noise_is_left_alone_until_it_must_not_be(change: object) -> None:
    """What does not repeat itself is only changed when nothing else helps; silence always may be, by 10 ms."""
    noise = np.random.default_rng(3).normal(0, 0.1, 2000).astype(np.float32)
    assert change(noise, likeness=0.9) is None  # type: ignore[operator]
    assert change(noise, likeness=-1.0) is not None  # type: ignore[operator]
    silence = np.zeros(2000, np.float32)
    assert abs(len(change(silence, likeness=0.9)) - 2000) == MOST  # type: ignore[operator]
    assert change(silence[: NEEDED - 1], likeness=-1.0) is None  # type: ignore[operator]
