"""Work gathers while a process rests, and nothing that is due waits for it."""

from __future__ import annotations

from rostra.platform.resting import Resting
from tests.kit.clock import FakeClock


def test_it_rests_after_work_and_never_into_what_is_due(clock: FakeClock) -> None:
    rests: list[float] = []

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        clock.jump(seconds=seconds)

    resting = Resting(clock, rest_s=0.004, work_s=0.001, sleep=sleep)
    resting.rest(spare_s=0.003)
    assert rests == []
    for _ in range(5):
        resting.rest(spare_s=0.015)
    assert rests == [0.004]  # what has gathered is worked off first
    clock.jump(milliseconds=2)
    resting.rest(spare_s=0.015)
    assert rests == [0.004, 0.004]
