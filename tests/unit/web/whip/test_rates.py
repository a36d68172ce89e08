"""How often one caller may start something."""

from __future__ import annotations

import pytest

from rostra.web.whip.rates import REMEMBERED, Rate, TooMany
from tests.kit.clock import FakeClock


def test_a_burst_and_then_the_average(clock: FakeClock) -> None:
    """Three at once, then one every two seconds; refused attempts cost nothing."""
    rate = Rate(clock, burst=3, per_s=0.5)
    for _ in range(3):
        rate.take("anna")
    for _ in range(5):
        with pytest.raises(TooMany) as caught:
            rate.take("anna")
    assert caught.value.retry_after_s == 2
    rate.take("ben")
    clock.jump(seconds=2)
    rate.take("anna")
    with pytest.raises(TooMany):
        rate.take("anna")


def test_a_full_memory_is_emptied(clock: FakeClock) -> None:
    """A flood of callers never costs more than its share of memory, and lets everybody through."""
    rate = Rate(clock, burst=1, per_s=0.001)
    for number in range(REMEMBERED + 10):
        rate.take(str(number))
    assert len(rate._full_at) <= REMEMBERED
