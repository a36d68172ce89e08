"""When a process that has ended starts anew: at once when it had run, more and more slowly when it cannot."""

from __future__ import annotations

from itertools import accumulate, pairwise

from rostra.apps.child import BACKOFF_S, RAN_S, failures_after, wait_before_restart_s


def waits_s(*runs_s: float) -> list[float]:
    """How long each restart waits behind runs of these lengths."""
    failures = accumulate(runs_s, lambda before, ran_s: failures_after(before, ran_s=ran_s), initial=0)
    return [wait_before_restart_s(each) for each in failures][1:]


def test_what_had_run_is_back_at_once_every_time() -> None:
    """Three kills a few seconds apart are no crash loop."""
    assert waits_s(3600, RAN_S, RAN_S + 3, 8) == [0, 0, 0, 0]


def test_a_crash_loop_slows_down_to_ten_seconds() -> None:
    """What ends while it starts is tried again less and less often, and for ever."""
    waited = waits_s(*[0.4] * 8)
    assert waited == [*BACKOFF_S, BACKOFF_S[-1], BACKOFF_S[-1]]
    assert all(earlier <= later for earlier, later in pairwise(waited))
    assert waited[-1] == 10


def test_a_good_run_forgives_what_was_before() -> None:
    """A bus that was late at the start costs nothing an hour later."""
    assert waits_s(0.4, 0.4, 0.4, 3600, 0.4) == [0.1, 0.5, 1.0, 0, 0.1]
