"""A broadcast's way from the schedule to the end, in the database and on the bus."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from rostra.broadcast import Act, BroadcastStore, IllegalMove
from rostra.flows.edit_broadcast import edit_broadcast
from rostra.flows.house import House
from rostra.flows.move_broadcast import cancel_broadcast, end_broadcast, go_live, move_broadcast, open_doors
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.media.clock import MediaClock
from rostra.media.wire import Airing, Phase, SigningKeys
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Conflict, Forbidden, Invalid, NotFound
from rostra.platform.ids import BroadcastId
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, a_stranger, a_wish


async def airing_of(house: House, broadcast_id: BroadcastId) -> Airing | None:
    """What the bus says once the outbox is empty."""
    while await house.relay.send_batch():
        pass
    found = await house.bus.get(wire.AIRINGS, str(broadcast_id), Airing)
    return None if found is None else found[0]


async def test_the_bus_follows_every_move(house: House, owner: Viewer, clock: FakeClock) -> None:
    """Stage and edge see each phase, with an anchor that never moves."""
    made = await a_broadcast(house, owner)
    seen = [await airing_of(house, made.id)]
    for act in (open_doors, go_live, end_broadcast):
        clock.jump(minutes=1)
        await act(house, made.id, by=owner)
        seen.append(await airing_of(house, made.id))
    told = [airing for airing in seen if airing is not None]
    assert [airing.phase for airing in told] == [Phase.SCHEDULED, Phase.DOORS_OPEN, Phase.LIVE, Phase.ENDED]
    start_us = MediaClock.opened_at(to_us(clock.now() - timedelta(minutes=2)), 24, 8).anchor_us
    assert [airing.anchor_us for airing in told] == [None, start_us, start_us, start_us]
    assert told[-1].ended_us == to_us(clock.now())


async def test_a_move_that_fails_tells_the_bus_nothing(house: House, owner: Viewer) -> None:
    made = await a_broadcast(house, owner)
    with pytest.raises(IllegalMove):
        await go_live(house, made.id, by=owner)
    told = await airing_of(house, made.id)
    assert told is not None
    assert told.phase is Phase.SCHEDULED


async def test_of_two_at_the_same_button_one_wins(house: House, owner: Viewer) -> None:
    """Whoever loses learns it; the broadcast moves once."""
    made = await a_broadcast(house, owner)
    results = await asyncio.gather(
        *(move_broadcast(house, made.id, Act.OPEN_DOORS, by=owner) for _ in range(5)), return_exceptions=True
    )
    lost = [result for result in results if isinstance(result, (Conflict, IllegalMove))]
    assert len(lost) == 4
    async with house.database.reading() as session:
        assert (await BroadcastStore(session).get(made.id)).version == made.version + 1


async def test_a_button_of_an_old_page_does_nothing(house: House, owner: Viewer) -> None:
    made = await a_broadcast(house, owner)
    await open_doors(house, made.id, by=owner)
    with pytest.raises(Conflict):
        await move_broadcast(house, made.id, Act.GO_LIVE, by=owner, version=made.version)


async def test_nobody_runs_what_is_not_theirs(house: House, owner: Viewer) -> None:
    made = await a_broadcast(house, owner)
    with pytest.raises(Forbidden):
        await cancel_broadcast(house, made.id, by=a_stranger())
    with pytest.raises(NotFound):
        await cancel_broadcast(house, BroadcastId(1), by=owner)


async def test_two_of_a_name_get_two_addresses(house: House, owner: Viewer) -> None:
    """Also when both are scheduled at the same moment."""
    made = await asyncio.gather(*(a_broadcast(house, owner) for _ in range(3)))
    assert {each.slug for each in made} == {
        "an-evening-with-ada",
        "an-evening-with-ada-2",
        "an-evening-with-ada-3",
    }


async def test_an_edit_keeps_the_address_and_moves_the_invitations(
    house: House, owner: Viewer, clock: FakeClock
) -> None:
    made = await a_broadcast(house, owner)
    later = clock.now() + timedelta(days=30)
    saved = await edit_broadcast(house, made.id, a_wish(later, title="Another evening"), by=owner)
    assert (saved.slug, saved.title, saved.starts_at) == (made.slug, "Another evening", later)
    with pytest.raises(Conflict):
        await edit_broadcast(house, made.id, a_wish(later), by=owner, version=made.version)


async def test_a_bad_picture_schedules_nothing(house: House, owner: Viewer, clock: FakeClock) -> None:
    with pytest.raises(Invalid):
        await schedule_broadcast(house, a_wish(clock.now() + timedelta(hours=1)), by=owner, picture=b"no picture")
    async with house.database.reading() as session:
        assert owner.account_id is not None
        assert await BroadcastStore(session).owned_by(owner.account_id) == []


async def test_a_lost_bus_is_rebuilt_from_the_database(house: House, owner: Viewer) -> None:
    """What the bus should know comes back; what only the bus knew goes."""
    made = await a_broadcast(house, owner)
    await airing_of(house, made.id)
    await house.bus.delete(wire.AIRINGS, str(made.id))
    stray = Airing(broadcast_id="5", slug="x", title="x", phase=Phase.LIVE, starts_us=0)
    await house.bus.put(wire.AIRINGS, "5", stray)
    assert await rebuild_bus(house) == 1
    assert (await airing_of(house, made.id)) is not None
    assert await airing_of(house, BroadcastId(5)) is None
    keys = await house.bus.get(wire.KEYS, "speaker", SigningKeys)
    assert keys is not None
    await rebuild_bus(house)
    again = await house.bus.get(wire.KEYS, "speaker", SigningKeys)
    assert again is not None
    assert again[0] == keys[0]
