"""Lists of accounts."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import keep_lists as flows
from rostra.network.accounts import ProfileStore
from rostra.network.lists import MEMBERS_MAX, AccountList, ListChange, ListId, ListStore, RepliesPolicy
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.lists import UserList
from rostra.web.mastodon.paging import accounts_page_of, number
from rostra.web.mastodon.showing import accounts
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_TITLE_SEEN: Final = 1000


class ListBody(msgspec.Struct, frozen=True, kw_only=True):
    title: str | None = None
    replies_policy: RepliesPolicy | None = None
    exclusive: bool | None = None

    @property
    def change(self) -> ListChange:
        title = None if self.title is None else self.title[:_TITLE_SEEN]
        return ListChange(title=title, replies_policy=self.replies_policy, exclusive=self.exclusive)


class MembersBody(msgspec.Struct, frozen=True, kw_only=True):
    account_ids: list[str] = []

    @property
    def ids(self) -> list[AccountId]:
        return [AccountId(number(each)) for each in self.account_ids[: MEMBERS_MAX + 1]]


@get("/api/v1/lists")
async def every(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:lists") as asked:
        found = await ListStore(asked.session).of(asked.viewer)
    return answers.as_json([_entity(each) for each in found])


@post("/api/v1/lists", status_code=200)
async def make(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:lists")
    body = await read(request, ListBody)
    return answers.as_json(_entity(await flows.make_list(site.house, who.account_id, body.change)))


@get("/api/v1/lists/{list_id:str}")
async def one(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:lists") as asked:
        found = await ListStore(asked.session).get(asked.viewer, _id(list_id))
    return answers.as_json(_entity(found))


@put("/api/v1/lists/{list_id:str}")
async def change(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:lists")
    body = await read(request, ListBody)
    return answers.as_json(_entity(await flows.change_list(site.house, who.account_id, _id(list_id), body.change)))


@delete("/api/v1/lists/{list_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:lists")
    await flows.delete_list(site.house, who.account_id, _id(list_id))
    return answers.as_json({})


@get("/api/v1/lists/{list_id:str}/accounts")
async def members(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    """`?limit=0` is all of them."""
    page = accounts_page_of(request)
    if request.query_params.get("limit") == "0":
        page = Page(limit=MEMBERS_MAX)
    async with own_reading(request, site, "read:lists") as asked:
        lists = ListStore(asked.session)
        found = await lists.get(asked.viewer, _id(list_id))
        edges = await lists.members(found.id, page)
    return accounts(request, site, edges, page)


@post("/api/v1/lists/{list_id:str}/accounts", status_code=200)
async def add(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:lists")
    body = await read(request, MembersBody)
    await flows.add_to_list(site.house, who.account_id, _id(list_id), body.ids)
    return answers.as_json({})


@delete("/api/v1/lists/{list_id:str}/accounts", status_code=200)
async def take_out(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    """Who is meant stands in the query or, as apps send it, in the body."""
    who = await person(request, site, "write:lists")
    body = await read(request, MembersBody)
    await flows.remove_from_list(site.house, who.account_id, _id(list_id), body.ids)
    return answers.as_json({})


@get("/api/v1/accounts/{account_id:str}/lists")
async def of_account(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    """The lists of whoever calls that the account is in."""
    async with own_reading(request, site, "read:lists") as asked:
        of = await ProfileStore(asked.session).get(AccountId(number(account_id)))
        found = await ListStore(asked.session).with_member(asked.viewer, of.id)
    return answers.as_json([_entity(each) for each in found])


def _entity(found: AccountList) -> UserList:
    return UserList(id=str(found.id), title=found.title, replies_policy=found.replies_policy, exclusive=found.exclusive)


def _id(text: str) -> ListId:
    return ListId(number(text))


handlers = [every, make, one, change, remove, members, add, take_out, of_account]
