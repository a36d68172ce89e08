"""Members in a browser, for tests of the network's pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from rostra.flows.house import House
from rostra.network.accounts import AccountStore
from rostra.platform.ids import AccountId


@dataclass(frozen=True)
class Member:
    """A browser with a session of a member."""

    id: AccountId
    http: httpx.AsyncClient

    async def read(self, path: str, status: int = 200) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """A form, as a browser sends it from one of our pages."""
        return await self.http.post(path, data={"csrf": await self.csrf(), **fields})

    async def csrf(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', await self.read("/settings/data"))
        assert found is not None
        return found.group(1)


async def sign_in(house: House, account_id: AccountId, http: httpx.AsyncClient, cookie_name: str) -> Member:
    async with house.database.transaction() as session:
        secret = await AccountStore(session).open_session(account_id, now=house.clock.now())
    http.cookies.set(cookie_name, secret)
    return Member(account_id, http)
