"""Rate limits, with the clock in the hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.shield.buckets import Buckets, Rate
from rostra.shield.limits import Limit, TooMany
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


def test_a_flood_of_keys_costs_no_memory() -> None:
    """The table is as large as on the first day."""
    buckets = Buckets(places=1000)
    before = buckets.size_bytes
    for number in range(20_000):
        buckets.take(number, Rate(burst=1, interval_s=60), 5.0)
    assert buckets.size_bytes == before == 16 * 1024


def test_a_flood_of_keys_does_not_free_those_who_are_waiting() -> None:
    """Whose bucket is fullest is forgotten last, so a crowd of new keys does not let an old offender through."""
    buckets, slow, quick = Buckets(places=64), Rate(burst=1, interval_s=60), Rate(burst=1, interval_s=1)
    assert buckets.take("offender", slow, 5.0) == 0.0
    for number in range(2000):
        buckets.take(number, quick, 5.0)
    assert buckets.take("offender", slow, 5.0) == pytest.approx(60)


def test_a_rate_is_scaled_at_once_and_in_the_long_run() -> None:
    assert Rate(burst=60, interval_s=0.5).times(4) == Rate(burst=240, interval_s=0.125)
    assert Rate(burst=2, interval_s=1).times(0.25) == Rate(burst=1, interval_s=4)
