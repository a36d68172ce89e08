"""Whose room it is does not depend on what the wall clocks of the machines say, or step to."""

from __future__ import annotations

from typing import cast

import pytest

from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.stage.lease import LEASE_S, OVERDUE_S, RENEW_S, Lease
from tests.kit.claims import Apart, OneKey
from tests.kit.clock import FakeClock

STEPS_S = (0.7, 1.6, 2.0, 5.0, 3600.0)
A_WHILE_S = 6
LOOK_S = 0.1


class Stages:
    """A holder that renews its claim, and another that looks whenever it is due. Time passes in small steps."""

    def __init__(self, clock: FakeClock, *, stands_by: bool, ahead_s: float = 0.0) -> None:
        self.clock, bus = clock, cast("Bus", OneKey())
        self.holder_clock = cast("Clock", Apart(clock, ahead_s))
        self.holder = Lease(bus, self.holder_clock, "1", stage_id="holder", whip_url="x")
        self.other = Lease(bus, clock, "1", stage_id="other", whip_url="y", stands_by=stands_by)
        self.alive = True
        self.late_s = 0.0
        self._due = {self.holder: 0.0, self.other: 0.3}

    async def run(self, seconds: float) -> None:
        for _ in range(round(seconds / LOOK_S)):
            self.clock.jump(seconds=LOOK_S)
            for each, due_s in self._due.items():
                if (each is self.other or self.alive) and self.clock.monotonic() >= due_s:
                    await each.hold()
                    self._due[each] = self.clock.monotonic() + each.pause_s + (self.late_s if each.held else 0.0)

    async def takes(self) -> float:
        """Seconds until the other has the room."""
        began_s = self.clock.monotonic()
        while not self.other.held:
            await self.run(LOOK_S)
            assert self.clock.monotonic() - began_s < 4 * LEASE_S, "it never has it"
        return self.clock.monotonic() - began_s


@pytest.mark.parametrize("stands_by", [True, False])
@pytest.mark.parametrize("step_s", [sign * step for step in STEPS_S for sign in (1, -1)])
async def test_a_step_of_the_clock_moves_no_room(step_s: float, stands_by: bool) -> None:
    """The holder goes on renewing: whoever waits sees that, whatever time it is and whenever it has changed."""
    for tenths in range(round(LEASE_S / LOOK_S)):
        stages = Stages(clock := FakeClock(), stands_by=stands_by)
        await stages.run(3 + tenths * LOOK_S)
        assert stages.holder.held
        clock.step(seconds=step_s)
        await stages.run(A_WHILE_S)
        assert stages.holder.held
        assert not stages.other.held


@pytest.mark.parametrize("stands_by", [True, False])
@pytest.mark.parametrize("ahead_s", [0.0, 0.1, -0.1, 60.0, 3600.0])
async def test_a_dead_holders_room_is_taken_however_its_clock_was(
    clock: FakeClock, ahead_s: float, stands_by: bool
) -> None:
    """Also one that claimed the room for an hour by a clock that was ahead."""
    stages = Stages(clock, stands_by=stands_by, ahead_s=ahead_s)
    await stages.run(7.2)
    assert not stages.other.held
    stages.alive = False
    clock_s, patience_s = (LEASE_S if ahead_s > 1 else abs(ahead_s)), OVERDUE_S
    assert await stages.takes() <= LEASE_S + clock_s + patience_s + 2 * LOOK_S


@pytest.mark.parametrize("stands_by", [True, False])
@pytest.mark.parametrize("ahead_s", [0.0, -1.5, -60.0, -3600.0])
async def test_a_busy_holder_whose_clock_is_behind_keeps_its_room(
    clock: FakeClock, ahead_s: float, stands_by: bool
) -> None:
    """Its claims are over when they are written, by their time, and come later than they should."""
    stages = Stages(clock, stands_by=stands_by, ahead_s=ahead_s)
    await stages.run(3)
    stages.late_s = 0.8
    await stages.run(60)
    assert stages.holder.held
    assert not stages.other.held


async def test_a_lease_that_ran_out_before_we_came_is_soon_ours(clock: FakeClock) -> None:
    stages = Stages(clock, stands_by=False)
    await stages.holder.hold()
    stages.alive = False
    clock.jump(seconds=60)
    assert await stages.takes() <= OVERDUE_S + 2 * LOOK_S
    assert RENEW_S < OVERDUE_S < LEASE_S
