"""People of the network for tests: accounts, their tokens, and what they post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from rostra.flows.house import House
from rostra.flows.publish_post import publish_post
from rostra.flows.say_standing import say_broadcasts
from rostra.flows.telling import tell
from rostra.network import oauth
from rostra.network.accounts import Account, AccountState, AccountStore, Role
from rostra.network.oauth import OAuthStore
from rostra.network.posts import Draft, Post
from rostra.network.streaming import AccessChanged
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, AppId, PostId

ALL_SCOPES = "read write follow push"


async def a_member(house: House, handle: str) -> AccountId:
    account = Account(
        id=AccountId(house.ids.next()),
        handle=handle,
        display_name=handle.title(),
        role=Role.ORGANISER,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await AccountStore(session).add(account)
    return account.id


async def set_account_state(house: House, account_id: AccountId, state: AccountState) -> None:
    """As an owner's judgement leaves an account, without the owner, the reason and the letter."""
    async with house.database.transaction() as session:
        await AccountStore(session).put_state(account_id, state)
        await say_broadcasts(session, account_id, house.clock.now())
    house.relay.nudge()
    await tell(house, AccessChanged(account_id=account_id))


async def a_post(
    house: House,
    by: AccountId,
    text: str = "Hello",
    *,
    visibility: Visibility = Visibility.PUBLIC,
    answers: PostId | None = None,
    language: str | None = None,
) -> Post:
    draft = Draft(text=text, visibility=visibility, in_reply_to_id=answers, language=language)
    return await publish_post(house, by, draft)


async def a_token(house: House, account: AccountId | None, scopes: str = ALL_SCOPES) -> str:
    """A token as an app has it after its dance with the authorize page."""
    async with house.database.transaction() as session:
        store = OAuthStore(session)
        app, _ = await store.add_app(
            AppId(house.ids.next()),
            name="A test",
            website=None,
            redirect_uris=(oauth.OUT_OF_BAND,),
            scopes=oauth.parse(scopes),
            now=house.clock.now(),
        )
        granted = await store.add_token(app, account, oauth.parse(scopes), now=house.clock.now())
    return granted.secret


@dataclass(frozen=True)
class Member:
    """An account with an app that acts for it."""

    id: AccountId
    http: httpx.AsyncClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get(f"/api/{path}", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.http.post(f"/api/{path}", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, path: str, **params: Any) -> list[str]:
        return [each["id"] for each in await self.get(path, **params)]
