from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from rostra.broadcast import AiringShape
from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner, make_link
from rostra.flows.signing_keys import ensure_keys
from rostra.network.accounts import Viewer
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.house import a_house, the_owner
from tests.kit.members import a_member
from tests.kit.sites import a_site, application_of

URL = "http://site.test"


@pytest.fixture
def bus(clean_bus: Bus) -> Bus:
    return clean_bus


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, bus, clock, tmp_path)


@pytest.fixture
async def owner(house: House) -> Viewer:
    return await the_owner(house)


@pytest.fixture
async def site(house: House) -> Site:
    await ensure_keys(house)
    return a_site(house, URL)


def a_client(site: Site) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application_of(site), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=URL, trust_env=False)


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody signed in."""
    async with a_client(site) as client:
        yield client


@pytest.fixture
async def ada(site: Site) -> AsyncIterator[Member]:
    """A member, in a browser."""
    async with a_client(site) as http:
        yield await sign_in(site.house, await a_member(site.house, "ada"), http, site.cookie_name)


@pytest.fixture
async def ben(site: Site) -> AccountId:
    """Another one, of whom nobody needs a browser."""
    return await a_member(site.house, "ben")


@dataclass(frozen=True)
class Organiser:
    """A browser with a session. `csrf` is what its pages carry."""

    http: httpx.AsyncClient
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Rostra-CSRF": self.csrf}


@asynccontextmanager
async def signed_in(site: Site) -> AsyncIterator[Organiser]:
    house = site.house
    account = await ensure_owner(house.database, house.clock, house.ids)
    secret = await make_link(house.database, house.clock, account)
    async with a_client(site) as client:
        answer = await client.get(f"/sign-in/{secret}", follow_redirects=True)
        assert answer.url.path == "/broadcasts"
        found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
        assert found is not None
        yield Organiser(client, found.group(1))


@pytest.fixture
async def organiser(site: Site) -> AsyncIterator[Organiser]:
    async with signed_in(site) as found:
        yield found


@pytest.fixture
async def captioned(site: Site) -> AsyncIterator[Organiser]:
    """The organiser of a house that has an engine for captions."""
    house = replace(site.house, shape=AiringShape(captions="en"))
    async with signed_in(replace(site, house=house)) as found:
        yield found
