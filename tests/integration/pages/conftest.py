"""Members' pages on one engine: what their queries are is tested on both where the queries live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner
from rostra.network.accounts import Role
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web import conftest as of_pages
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.safety import somebody

site = of_pages.site
visitor = of_pages.visitor
ada = of_pages.ada
ben = of_pages.ben


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'rostra.sqlite3'}"


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, bus, clock, tmp_path)


@pytest.fixture
async def owner(site: Site) -> AsyncIterator[Member]:
    """Whoever set the house up, in a browser."""
    account = await ensure_owner(site.house.database, site.house.clock, site.house.ids)
    async with a_client(site) as http:
        yield await sign_in(site.house, account.id, http, site.cookie_name)


@pytest.fixture
async def ben_here(site: Site, ben: AccountId) -> AsyncIterator[httpx.AsyncClient]:
    """Ben's browser."""
    async with a_client(site) as http:
        await sign_in(site.house, ben, http, site.cookie_name)
        yield http


@pytest.fixture
async def seats(site: Site) -> AsyncIterator[dict[str, Member]]:
    """Two moderators, each in a browser of their own."""
    async with AsyncExitStack() as stack:
        found = {}
        for handle in ("mo", "max"):
            viewer = await somebody(site.house, handle, Role.MODERATOR)
            assert viewer.account_id is not None
            http = await stack.enter_async_context(a_client(site))
            found[handle] = await sign_in(site.house, viewer.account_id, http, site.cookie_name)
        yield found
