"""Which process makes the captions of a broadcast: one of two, whatever time their machines show."""

from __future__ import annotations

from typing import cast

import pytest

from rostra.captions.lease import LEASE_S, RENEW_S, Lease
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from tests.kit.claims import Apart, OneKey
from tests.kit.clock import FakeClock

TEN_SECONDS = 10.0
"""So long captions may stop when their process is killed (docs/operate/failures.md)."""


def two(clock: FakeClock, ahead_s: float = 0.0) -> tuple[Lease, Lease]:
    bus, other = cast("Bus", OneKey()), cast("Clock", Apart(clock, ahead_s))
    return Lease(bus, other, "1", "first"), Lease(bus, clock, "1", "second")


@pytest.mark.parametrize("step_s", [3.0, -3.0, 7.0, 3600.0, -3600.0])
async def test_a_step_of_the_clock_makes_nobody_else_listen(clock: FakeClock, step_s: float) -> None:
    first, second = two(clock)
    for turn in range(12):
        if turn == 4:
            clock.step(seconds=step_s)
        clock.jump(seconds=RENEW_S / 2)
        assert await first.hold()
        clock.jump(seconds=RENEW_S / 2)
        assert not await second.hold()


@pytest.mark.parametrize("ahead_s", [0.0, 3600.0, -3600.0])
async def test_after_a_kill_the_other_listens_soon(clock: FakeClock, ahead_s: float) -> None:
    """Also when the dead one's clock was an hour ahead."""
    first, second = two(clock, ahead_s)
    for _ in range(3):
        assert await first.hold()
        clock.jump(seconds=RENEW_S)
        assert not await second.hold()
    for waited in range(1, 6):
        clock.jump(seconds=RENEW_S)
        if await second.hold():
            assert waited * RENEW_S <= LEASE_S + RENEW_S < TEN_SECONDS
            return
    raise AssertionError("nobody listens")


async def test_who_lets_go_keeps_nobody_waiting(clock: FakeClock) -> None:
    first, second = two(clock)
    assert await first.hold()
    assert not await second.hold()
    await first.release()
    assert await second.hold()
