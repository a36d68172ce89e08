"""The schedule keeps its word, with one site or several, and says why it waits."""

from __future__ import annotations

import asyncio

import msgspec
from structlog.testing import capture_logs

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.flows.publish_recording import publish_recording
from rostra.flows.run_schedule import Schedule
from rostra.flows.seed_demo import seed_demo
from rostra.flows.sign_in import ensure_owner
from rostra.media import wire
from rostra.media.wire import Phase, ProcessBeat, Quality, Recorded, SpeakerState, StageState
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from rostra.platform.ids import BroadcastId
from rostra.platform.tasks import Tasks
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast


def a_state(broadcast: Broadcast, at_us: int, *, connected: bool = True) -> StageState:
    speaker = SpeakerState(
        speaker_id="1", name="Ada", host=True, connected=connected, muted=False, muted_by_host=False,
        level_dbfs=-20, quality=Quality.GOOD, lost_pct=0, buffer_ms=60, since_us=0,
    )  # fmt: skip
    return StageState(
        broadcast_id=str(broadcast.id), phase=broadcast.phase, at_us=at_us, part=1, programme_dbfs=-30,
        speakers=[speaker], late_ticks=0, recording_bytes=0,
    )  # fmt: skip


async def phase_of(house: House, broadcast_id: BroadcastId) -> Phase:
    async with house.database.reading() as session:
        return (await BroadcastStore(session).get(broadcast_id)).phase


async def test_an_evening_starts_by_itself(house: House, owner: Viewer, clock: FakeClock) -> None:
    """Doors at a quarter to, nobody there at the minute, on the air as soon as somebody is."""
    made = await a_broadcast(house, owner, in_minutes=20, auto_start=True)
    states: dict[BroadcastId, StageState] = {}
    schedule = Schedule(house, states.get)
    await schedule.tick()
    assert await phase_of(house, made.id) is Phase.SCHEDULED
    clock.jump(minutes=5)
    await schedule.tick()
    assert await phase_of(house, made.id) is Phase.DOORS_OPEN
    clock.jump(minutes=15)
    states[made.id] = a_state(made, 0, connected=False)
    await schedule.tick()
    assert await phase_of(house, made.id) is Phase.DOORS_OPEN
    states[made.id] = a_state(made, 0)
    await schedule.tick()
    assert await phase_of(house, made.id) is Phase.LIVE


async def test_several_sites_move_a_broadcast_once(house: House, owner: Viewer, clock: FakeClock) -> None:
    made = await a_broadcast(house, owner, in_minutes=15)
    await asyncio.gather(*(Schedule(house, lambda _: None).tick() for _ in range(4)))
    async with house.database.reading() as session:
        found = await BroadcastStore(session).get(made.id)
    assert (found.phase, found.version) == (Phase.DOORS_OPEN, made.version + 1)


async def test_one_of_several_sites_says_that_a_start_is_late(house: House, owner: Viewer, clock: FakeClock) -> None:
    made = await a_broadcast(house, owner, in_minutes=15, auto_start=True)
    sites = [Schedule(house, lambda _: None) for _ in range(2)]
    await sites[0].tick()
    clock.jump(minutes=16)
    with capture_logs() as said:
        for site in (*sites, Schedule(house, lambda _: None)):
            await site.tick()
            await site.tick()
    late = [each["broadcast_id"] for each in said if each["event"] == "start_is_late"]
    assert late == [made.id]


async def test_the_lookout_sees_processes_and_rooms(house: House, owner: Viewer) -> None:
    """What the control page needs to know is in memory a moment after it was said."""
    made = await a_broadcast(house, owner)
    lookout = Lookout(house.bus, house.files, house.clock)
    tasks = Tasks()
    await lookout.start(tasks)
    now_us = to_us(house.clock.now())
    beat = ProcessBeat(kind="stage", instance="a", url="", started_us=0, seen_us=now_us)
    await house.bus.put(wire.PROCESSES, "stage.a", beat)
    with lookout.states(made.id) as states:
        await house.bus.publish(wire.state_subject(str(made.id)), b"no state")
        await house.bus.publish(wire.state_subject(str(made.id)), msgspec.json.encode(a_state(made, now_us)))
        heard = await asyncio.wait_for(states.get(), 60)
        assert heard.speakers[0].name == "Ada"
    async with asyncio.timeout(60):
        while not lookout.around(made.id).beats:
            await asyncio.sleep(0.01)
    around = lookout.around(made.id)
    assert around.state == heard
    assert [each.kind for each in around.beats] == ["stage"]
    await tasks.close()


async def test_a_recording_reaches_its_page_once(house: House, owner: Viewer) -> None:
    """The same fact twice changes nothing; one that nobody can use does not block the queue."""
    made = await a_broadcast(house, owner)
    fact = Recorded(
        broadcast_id=str(made.id),
        kind="programme",
        file="ab/cd.m4a",
        size_bytes=5,
        duration_ms=60_000,
        parts_missing=10,
    )
    for payload in (msgspec.json.encode(fact), msgspec.json.encode(fact), b"{", b'{"broadcast_id":"1"}'):
        await publish_recording(house, payload)
    unknown = msgspec.structs.replace(fact, broadcast_id="12345")
    await publish_recording(house, msgspec.json.encode(unknown))
    async with house.database.reading() as session:
        kept = await BroadcastStore(session).recording(made.id)
    assert kept is not None
    assert (kept.duration_ms, kept.missing_ms) == (60_000, 5120)


async def test_the_demonstration_goes_on_the_air_when_a_voice_is_there(house: House, clock: FakeClock) -> None:
    """A second start ends what the first left behind, so that one is on the air."""
    account = await ensure_owner(house.database, house.clock, house.ids)
    first = await seed_demo(house, account)
    second = await seed_demo(house, account)
    assert await phase_of(house, first.broadcast.id) is Phase.CANCELLED
    assert len({*second.tokens, second.third_token}) == 3
    schedule = Schedule(house, lambda broadcast_id: a_state(second.broadcast, 0))
    await schedule.tick()
    assert await phase_of(house, second.broadcast.id) is Phase.LIVE
