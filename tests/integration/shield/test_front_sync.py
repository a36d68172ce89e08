"""`rostra shield sync`: what the bus says is what HAProxy does, also after either of them was away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rostra.apps.channels import ensure_channels
from rostra.apps.front_sync import FrontSync
from rostra.media import wire
from rostra.media.wire import LevelSet, RevokedTicket, SigningKeys
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.shield.front import RuntimeApi, RuntimeRefused
from rostra.shield.tickets import new_key
from tests.integration.shield.test_haproxy import STATE, ask, ticket
from tests.kit.fronts import House


@pytest.fixture
async def told(bus: Bus) -> Bus:
    """A bus as the site leaves it."""
    await ensure_channels(bus, window=timedelta(seconds=60))
    await bus.put(wire.KEYS, "speaker", SigningKeys(current=new_key()))
    await bus.delete(wire.LEVELS, wire.OPERATOR)
    return bus


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.1)


def siege() -> LevelSet:
    return LevelSet(level=3, reason="A test.", at_us=0)


async def test_level_keys_and_tickets_reach_haproxy(told: Bus, tmp_path: Path) -> None:
    keys = SigningKeys(current=new_key())
    await told.put(wire.KEYS, "listener", keys)
    await told.put(wire.LEVELS, wire.OPERATOR, siege())
    house = House(tmp_path)
    sync = FrontSync(told, SystemClock(), [house.socket])
    sync.start()
    mine = f"rt={ticket(keys, jti='t' * 22)}"

    async def status(cookie: str) -> int:
        return (await asyncio.to_thread(ask, house, STATE, cookie=cookie)).status_code

    async def answers(expected: tuple[int, int]) -> bool:
        return (await status(mine), await status("")) == expected

    try:
        with house.running():  # it comes after the sync: as if it had been away
            await until(lambda: answers((200, 403)))
            newer = SigningKeys(current=new_key(), previous=new_key())
            await told.put(wire.KEYS, "listener", newer)
            await until(lambda: answers((403, 403)))
            await told.put(wire.KEYS, "listener", SigningKeys(current=newer.current, previous=keys.current))
            await until(lambda: answers((200, 403)))
            revoked = RevokedTicket(until_s=int(time.time()) + 600)
            await told.put(wire.REVOKED, wire.revoked_ticket_key("t" * 22), revoked)
            await until(lambda: answers((403, 403)))
            await told.delete(wire.LEVELS, wire.OPERATOR)
            await until(lambda: answers((200, 200)))
            api = RuntimeApi(house.socket)
            before = await api.ask("get var proc.keys_until")

            async def is_said_again() -> bool:
                return await api.ask("get var proc.keys_until") != before

            await until(is_said_again)  # so that a reload, which forgets everything, costs seconds
    finally:
        await sync.stop()


async def test_without_keys_only_the_level_is_said(told: Bus, tmp_path: Path) -> None:
    """Nobody is asked for tickets that nobody can have."""
    await told.delete(wire.KEYS, "listener")
    await told.put(wire.LEVELS, wire.OPERATOR, siege())
    house = House(tmp_path)
    sync = FrontSync(told, SystemClock(), [house.socket])
    with house.running():
        sync.start()
        api = RuntimeApi(house.socket)

        async def is_siege() -> bool:
            try:
                return "value=<3>" in await api.ask("get var proc.level")
            except RuntimeRefused:
                return False

        await until(is_siege)
        assert (await asyncio.to_thread(ask, house, STATE)).json()["who"] == "edge"
        await sync.stop()
