"""Rate limits, with the clock in the hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.shield import limits
from rostra.shield.limits import Limit, Rate, TooMany
from tests.kit.clock import FakeClock


def test_a_burst_passes_then_one_each_interval(clock: FakeClock) -> None:
    limit = Limit("test", Rate(burst=3, interval_s=2), clock)
    for _ in range(3):
        limit.take("a")
    with pytest.raises(TooMany) as caught:
        limit.take("a")
    assert caught.value.retry_after_s == 2
    clock.jump(seconds=2)
    limit.take("a")
    with pytest.raises(TooMany):
        limit.take("a")


def test_keys_do_not_disturb_each_other(clock: FakeClock) -> None:
    limit = Limit("test", Rate(burst=1, interval_s=60), clock)
    limit.take("a")
    limit.take("b")


def test_who_waits_as_told_gets_through(clock: FakeClock) -> None:
    limit = Limit("test", Rate(burst=2, interval_s=7), clock)
    limit.take("a")
    limit.take("a")
    with pytest.raises(TooMany) as caught:
        limit.take("a")
    assert caught.value.retry_after_s is not None
    clock.jump(seconds=caught.value.retry_after_s)
    limit.take("a")


@given(st.lists(st.floats(min_value=0, max_value=5), max_size=200))
def test_no_span_of_time_lets_more_through_than_promised(pauses_s: list[float]) -> None:
    """The invariant of the algorithm: burst + elapsed / interval, whatever the rhythm of the requests."""
    clock = FakeClock()
    limit = Limit("test", Rate(burst=4, interval_s=1.5), clock)
    passed_at: list[float] = []
    for pause_s in pauses_s:
        clock.jump(seconds=pause_s)
        try:
            limit.take("a")
        except TooMany:
            continue
        passed_at.append(clock.monotonic())
    for first, start in enumerate(passed_at):
        for count, end in enumerate(passed_at[first:], start=1):
            assert count <= 4 + (end - start) / 1.5 + 1e-6


def test_a_flood_of_keys_costs_bounded_memory(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    limit = Limit("test", Rate(burst=1, interval_s=60), clock)
    for number in range(1000):
        limit.take(str(number))
    assert len(limit._empty_at) == 10
