"""Whom an account recommends on its profile: shown accounts only, by edge ids. `pin` is the old name of `endorse`."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.endorse_account import endorse_account
from rostra.network.accounts import ProfileStore
from rostra.network.follows import EndorsementStore
from rostra.platform.ids import AccountId
from rostra.web import answers
from rostra.web.looking import check_account_seen, looker
from rostra.web.mastodon.asking import own_reading, person, reading
from rostra.web.mastodon.paging import accounts_page_of, number
from rostra.web.mastodon.showing import accounts
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/api/v1/endorsements")
async def own(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = accounts_page_of(request)
    async with own_reading(request, site, "read:accounts") as asked:
        edges = await EndorsementStore(asked.session).of(asked.viewer, page)
    return accounts(request, site, edges, page)


@get("/api/v1/accounts/{account_id:str}/endorsements")
async def of_account(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    page = accounts_page_of(request)
    async with reading(request, site, "read:accounts") as asked:
        of = await ProfileStore(asked.session).get(AccountId(number(account_id)))
        check_account_seen(looker(site), of.id)
        edges = await EndorsementStore(asked.session).of(of.id, page)
    return accounts(request, site, edges, page)


@post(["/api/v1/accounts/{account_id:str}/endorse", "/api/v1/accounts/{account_id:str}/pin"], status_code=200)
async def endorse(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    return await _set(request, site, account_id, on=True)


@post(["/api/v1/accounts/{account_id:str}/unendorse", "/api/v1/accounts/{account_id:str}/unpin"], status_code=200)
async def unendorse(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    return await _set(request, site, account_id, on=False)


async def _set(request: AnyRequest, site: Site, account_id: str, *, on: bool) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    found = await endorse_account(site.house, who.account_id, AccountId(number(account_id)), on=on)
    return answers.as_json(Writer(site.url).relationship(found))


handlers = [own, of_account, endorse, unendorse]
