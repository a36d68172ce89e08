"""An edge's shield on a real bus: keys, revocations and levels come to it, whoever says them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from rostra.apps.channels import ensure_channels
from rostra.apps.edge_shield import EdgeShield
from rostra.apps.settings import Settings
from rostra.apps.shielding import NoBus, NoReason, NoTicket, revoke, set_level, status
from rostra.media import wire
from rostra.media.wire import LevelSet, SigningKeys
from rostra.platform.burden import Burden
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.tasks import Tasks
from rostra.shield.admission import Admission, Fault
from rostra.shield.levels import Level
from rostra.shield.tickets import new_key
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from tests.kit.clock import FakeClock
from tests.kit.servers import Nats

KEYS = SigningKeys(current=new_key())
HOME = "cb007100"
CLOCK = SystemClock()


@asynccontextmanager
async def a_shield(bus: Bus, instance: str = "one", clock: Clock = CLOCK) -> AsyncIterator[tuple[Server, EdgeShield]]:
    """Its process is busy whenever time passes."""
    await ensure_channels(bus, window=timedelta(seconds=60))
    server, tasks = Server(Routes(), clock), Tasks()
    shield = EdgeShield(server, bus, clock, instance, burden=Burden(clock, cpu_s=clock.monotonic))
    shield.start(tasks)
    try:
        yield server, shield
    finally:
        await tasks.close()
        await shield.stop()


async def until(happens: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happens():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within ten seconds")


def on(nats: Nats) -> Settings:
    return Settings(nats_url=nats.url)


async def test_keys_and_revocations_reach_the_edge(bus: Bus, own_nats: Nats) -> None:
    async with a_shield(bus) as (server, _):
        keeper = server.gate.doorkeeper
        await bus.put(wire.KEYS, "speaker", SigningKeys(current=new_key()))
        await bus.put(wire.KEYS, "listener", KEYS)
        await until(lambda: keeper.has_keys)
        text = keeper.admit("7", HOME)[1]
        assert isinstance(keeper.judge(text.encode(), "7", HOME), Admission)
        assert "not count" in await revoke(on(own_nats), text)
        await until(lambda: keeper.judge(text.encode(), "7", HOME) is Fault.REVOKED)
        with pytest.raises(NoTicket):
            await revoke(on(own_nats), f"{text}x")


async def test_the_operator_sets_the_level_of_every_edge_and_gives_it_back(bus: Bus, own_nats: Nats) -> None:
    async with a_shield(bus) as (one, _), a_shield(bus, "two") as (two, _):
        with pytest.raises(NoReason):
            await set_level(on(own_nats), Level.SIEGE, lasting=None, reason=" ")
        said = await set_level(on(own_nats), Level.SIEGE, lasting=timedelta(minutes=5), reason="A drill.")
        assert said.startswith("Siege, until ")
        await until(lambda: one.gate.rules.level is two.gate.rules.level is Level.SIEGE)
        assert one.gate.watches_media
        lines = await status(on(own_nats))
        assert lines[0] == "siege, by the operator: A drill."
        await set_level(on(own_nats), None, lasting=None, reason="The drill is over.")
        await until(lambda: one.gate.rules.level is two.gate.rules.level is Level.CALM)
        assert (await status(on(own_nats)))[0].startswith("calm, by the edge")


async def test_an_edge_in_need_raises_the_level_of_all(bus: Bus) -> None:
    async with a_shield(bus) as (server, _):
        now_us = CLOCK.now_us()
        said = LevelSet(level=2, reason="Edge: flood.", at_us=now_us, until_us=now_us + 60_000_000)
        await bus.put(wire.LEVELS, "edge.other", said)
        await until(lambda: server.gate.rules.level is Level.HOSTILE)
        await bus.delete(wire.LEVELS, "edge.other")
        await until(lambda: server.gate.rules.level is Level.CALM)


async def test_an_edge_that_joins_in_the_middle_knows_what_the_others_know(bus: Bus, own_nats: Nats) -> None:
    """The level with both keys of a change under way, and who was sent away, before anybody says it again."""
    async with a_shield(bus) as (first, _):
        await bus.put(wire.KEYS, "listener", KEYS)
        await until(lambda: first.gate.doorkeeper.has_keys)
        old, sent_away = (first.gate.doorkeeper.admit("7", HOME)[1] for _ in range(2))
        await revoke(on(own_nats), sent_away)
        await bus.put(wire.KEYS, "listener", SigningKeys(current=new_key(), previous=KEYS.current))
        await set_level(on(own_nats), Level.HOSTILE, lasting=None, reason="An attack.")
        async with a_shield(bus, "late") as (late, _):
            keeper = late.gate.doorkeeper
            await until(lambda: late.gate.rules.level is Level.HOSTILE and keeper.has_keys)
            assert isinstance(keeper.judge(old.encode(), "7", HOME), Admission)
            await until(lambda: keeper.judge(sent_away.encode(), "7", HOME) is Fault.REVOKED)
            await until(lambda: first.gate.doorkeeper.keys == keeper.keys)
            new = keeper.admit("7", HOME)[1]
            assert isinstance(first.gate.doorkeeper.judge(new.encode(), "7", HOME), Admission)


async def test_an_overloaded_edge_says_so_and_takes_it_back_when_it_goes(bus: Bus, clock: FakeClock) -> None:
    """With a processor that is busy for every second that passes."""
    async with a_shield(bus, clock=clock) as (server, shield):
        for _ in range(5):
            clock.jump(seconds=0.5)
            shield.look(1)
        assert server.gate.rules.level is Level.BUSY
        await clock.advance(seconds=0.5)
        found = None
        while found is None:
            found = await bus.get(wire.LEVELS, "edge.one", LevelSet)
        assert (found[0].level, found[0].reason) == (Level.BUSY, "Edge: processor 100%, loop 0 ms late.")
    assert await bus.get(wire.LEVELS, "edge.one", LevelSet) is None


async def test_without_a_bus_there_is_nobody_to_ask(tmp_path: object) -> None:
    with pytest.raises(NoBus):
        await status(Settings(data_dir=tmp_path))  # type: ignore[arg-type]
