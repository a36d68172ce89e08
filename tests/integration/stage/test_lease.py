"""Who holds a room: two stages, the bus between them, and a clock that moves when the test says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.apps.channels import ensure_channels
from rostra.platform.bus import Bus
from rostra.stage.lease import LEASE_S, OVERDUE_S, Lease, let_go
from tests.integration.stage.conftest import BROADCAST
from tests.kit.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def stage(bus: Bus, clock: FakeClock) -> Lease:
    await ensure_channels(bus, window=timedelta(seconds=60))
    return Lease(bus, clock, BROADCAST, stage_id="stage", whip_url="http://stage/whip/7001")


@pytest.fixture
async def standby(stage: Lease, bus: Bus, clock: FakeClock) -> Lease:
    """Waits behind the stage."""
    return Lease(bus, clock, BROADCAST, stage_id="standby", whip_url="http://standby/whip/7001", stands_by=True)


async def test_a_room_that_nobody_has_had_is_the_stages(standby: Lease, stage: Lease, clock: FakeClock) -> None:
    """Doors open, both see it, the standby perhaps first: it waits. Without a stage it has the room after a lease."""
    assert not await standby.hold()
    clock.jump(seconds=LEASE_S - 0.1)
    assert not await standby.hold()
    assert await stage.hold()
    clock.jump(seconds=0.2)
    assert not await standby.hold()


async def test_without_a_stage_the_standby_opens_the_room(standby: Lease, clock: FakeClock) -> None:
    """The stage is just starting anew when doors open."""
    assert not await standby.hold()
    clock.jump(seconds=LEASE_S)
    assert await standby.hold()


async def test_a_holder_that_is_late_gets_one_more_renewal(standby: Lease, stage: Lease, clock: FakeClock) -> None:
    """The machine stood still for both: whoever wakes first, the room stays where it is."""
    assert await stage.hold()
    assert not await standby.hold()
    clock.jump(seconds=10)
    assert not await standby.hold()
    assert await stage.hold()
    clock.jump(seconds=LEASE_S + 0.1)
    assert not await standby.hold(), "another renewal, another patience"
    clock.jump(seconds=OVERDUE_S)
    assert await standby.hold()
    assert not await stage.hold()


async def test_the_room_of_a_dead_stage_is_free_at_once(
    standby: Lease, stage: Lease, bus: Bus, clock: FakeClock
) -> None:
    """No lease has to run out: its parent says that it has ended."""
    assert await stage.hold()
    assert not await standby.hold()
    assert await let_go(bus, BROADCAST, stage_id="stage")
    assert await standby.hold()


async def test_only_the_dead_stages_rooms_are_let_go(standby: Lease, stage: Lease, bus: Bus) -> None:
    """Whoever has taken the room since keeps it, and there is no harm in saying it twice or too late."""
    assert not await let_go(bus, BROADCAST, stage_id="stage"), "nobody holds it"
    assert await stage.hold()
    assert not await let_go(bus, BROADCAST, stage_id="standby")
    assert await stage.hold()
    assert await let_go(bus, BROADCAST, stage_id="stage")
    assert not await let_go(bus, BROADCAST, stage_id="stage")
    assert await standby.hold()
    assert not await let_go(bus, BROADCAST, stage_id="stage")
    assert await standby.hold()
    assert not await stage.hold(), "the stage that comes back waits its turn"
