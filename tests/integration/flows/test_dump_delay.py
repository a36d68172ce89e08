"""Removing what was just said: who may, when, and what stays on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast, DumpStore
from rostra.flows.command_stage import NoRoom, StageRefused, StageSilent
from rostra.flows.dump_delay import NoDelay, dump_delay, remember_dump
from rostra.flows.house import House
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.media.wire import Act, CommandReply, Dumped, StageCommand
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Forbidden
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, a_stranger, a_wish


@pytest.fixture
async def delayed(house: House, owner: Viewer) -> Broadcast:
    wish = replace(a_wish(house.clock.now() + timedelta(minutes=5)), delay_s=10)
    return await schedule_broadcast(house, wish, by=owner)


async def test_the_host_removes_what_was_said_until_the_end_is_heard(
    house: House, owner: Viewer, delayed: Broadcast, clock: FakeClock
) -> None:
    asked: list[StageCommand] = []

    async def stage(payload: bytes) -> bytes:
        command = msgspec.json.decode(payload, type=StageCommand)
        asked.append(command)
        if command.seconds > 10:
            return msgspec.json.encode(CommandReply(ok=False, code="bad_dump", message="Too long."))
        return msgspec.json.encode(CommandReply(ok=True, removed_s=command.seconds))

    with pytest.raises(NoRoom):
        await dump_delay(house, delayed.id, 5, by=owner)
    await open_doors(house, delayed.id, by=owner)
    await go_live(house, delayed.id, by=owner)
    with pytest.raises(StageSilent):
        await dump_delay(house, delayed.id, 5, by=owner)
    await house.bus.answer(wire.command_subject(str(delayed.id)), stage)
    assert await dump_delay(house, delayed.id, 5, by=owner) == 5
    with pytest.raises(StageRefused, match="bad_dump"):
        await dump_delay(house, delayed.id, 12, by=owner)
    with pytest.raises(Forbidden):
        await dump_delay(house, delayed.id, 5, by=a_stranger())
    await end_broadcast(house, delayed.id, by=owner)
    await clock.advance(seconds=10)
    assert await dump_delay(house, delayed.id, 10, by=owner) == 10, "listeners hear its last quarter of a second"
    await clock.advance(seconds=1)
    with pytest.raises(NoRoom):
        await dump_delay(house, delayed.id, 10, by=owner)
    assert [(each.act, each.seconds) for each in asked] == [(Act.DUMP, 5), (Act.DUMP, 12), (Act.DUMP, 10)]


async def test_without_a_delay_there_is_nothing_to_remove(house: House, owner: Viewer) -> None:
    made = await a_broadcast(house, owner)
    await open_doors(house, made.id, by=owner)
    with pytest.raises(NoDelay):
        await dump_delay(house, made.id, 5, by=owner)


async def test_what_was_removed_stays_on_record(house: House, delayed: Broadcast, clock: FakeClock) -> None:
    """For whatever is made of the speakers' sound later. A fact may come twice, broken, or of nothing we know."""
    now_us = to_us(clock.now())
    fact = Dumped(broadcast_id=str(delayed.id), at_us=now_us, from_us=now_us - 5_000_000, until_us=now_us)
    for each in (fact, fact, msgspec.structs.replace(fact, broadcast_id="99")):
        await remember_dump(house, msgspec.json.encode(each))
    await remember_dump(house, b"{}")
    async with house.database.reading() as session:
        [dump] = await DumpStore(session).of_broadcast(delayed.id)
    assert (dump.at, dump.until_at - dump.from_at) == (clock.now(), timedelta(seconds=5))
