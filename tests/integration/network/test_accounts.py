"""Signing in: links work once, sessions end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner, make_link, sign_in, sign_out, viewer_of
from rostra.network.accounts import FIRST_LINK_LIFETIME, LinkSpent, Role
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from tests.kit.clock import FakeClock
from tests.kit.house import a_house


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, bus, clock, tmp_path)


async def a_link(house: House, lifetime: timedelta = timedelta(minutes=15)) -> str:
    owner = await ensure_owner(house.database, house.clock, house.ids)
    return await make_link(house.database, house.clock, owner, lifetime=lifetime)


async def test_a_link_opens_one_session(house: House) -> None:
    secret = await a_link(house)
    session = await sign_in(house, secret)
    viewer = await viewer_of(house, session)
    assert viewer is not None
    assert viewer.role is Role.OWNER
    with pytest.raises(LinkSpent):
        await sign_in(house, secret)


async def test_of_two_who_open_a_link_at_once_one_gets_in(house: House) -> None:
    secret = await a_link(house)
    results = await asyncio.gather(*(sign_in(house, secret) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, LinkSpent) for result in results) == 3


async def test_a_link_runs_out(house: House, clock: FakeClock) -> None:
    """A quarter of an hour, or a day for the one that is printed at the start."""
    short, long = await a_link(house), await a_link(house, FIRST_LINK_LIFETIME)
    clock.jump(minutes=15)
    with pytest.raises(LinkSpent):
        await sign_in(house, short)
    assert await sign_in(house, long)


async def test_a_session_ends_by_sign_out_and_by_time(house: House, clock: FakeClock) -> None:
    left, forgotten = await sign_in(house, await a_link(house)), await sign_in(house, await a_link(house))
    await sign_out(house, left)
    assert await viewer_of(house, left) is None
    assert await viewer_of(house, forgotten) is not None
    clock.jump(days=14)
    assert await viewer_of(house, forgotten) is None
    assert await viewer_of(house, "nonsense") is None


async def test_no_secret_is_in_the_database(house: House) -> None:
    """Whoever reads a backup can neither sign in nor take over a session."""
    secret = await a_link(house)
    session_secret = await sign_in(house, secret)
    async with house.database.reading() as session:
        for table in ("sign_in_links", "sessions"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            assert secret not in str(rows)
            assert session_secret not in str(rows)


async def test_there_is_one_owner_however_many_sites_start(house: House) -> None:
    made = await asyncio.gather(*(ensure_owner(house.database, house.clock, house.ids) for _ in range(4)))
    assert len({account.id for account in made}) == 1
