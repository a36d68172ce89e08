from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.web.site import Site
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.members import ALL_SCOPES, Member, a_member, a_token
from tests.kit.sites import a_site, application_of

URL = "http://site.test"
Meet = Callable[..., Awaitable[Member]]


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    made = await a_house(database, bus, clock, tmp_path)
    await ensure_owner(made.database, made.clock, made.ids)
    return made


@pytest.fixture
async def site(house: House) -> Site:
    return a_site(house, URL)


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A program that has no token."""
    transport = httpx.ASGITransport(application_of(site), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL, trust_env=False) as client:
        yield client


@pytest.fixture
async def meet(house: House, http: httpx.AsyncClient) -> Meet:
    async def made(handle: str, *, scopes: str = ALL_SCOPES) -> Member:
        account_id = await a_member(house, handle)
        return Member(account_id, http, await a_token(house, account_id, scopes))

    return made


@pytest.fixture
async def ada(meet: Meet) -> Member:
    return await meet("ada")


@pytest.fixture
async def ben(meet: Meet) -> Member:
    return await meet("ben")
