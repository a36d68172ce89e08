"""Taking one's own avatar or header away: the drawn one stands there again."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.take_media import remove_profile_picture
from rostra.network.accounts import ProfileStore
from rostra.network.follows import EdgeLists
from rostra.network.media import Purpose
from rostra.web import answers
from rostra.web.mastodon.asking import person
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@delete("/api/v1/profile/avatar", status_code=200)
async def avatar(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _remove(request, site, Purpose.AVATAR)


@delete("/api/v1/profile/header", status_code=200)
async def header(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _remove(request, site, Purpose.HEADER)


async def _remove(request: AnyRequest, site: Site, purpose: Purpose) -> Response[bytes]:
    """The account as it is then. Removing a drawn one is no error."""
    who = await person(request, site, "write:accounts")
    await remove_profile_picture(site.house, who.account_id, purpose)
    async with site.house.database.reading() as session:
        requests = await EdgeLists(session).requests_count(who.account_id)
        own = await ProfileStore(session).own(who.account_id, requests_count=requests)
    return answers.as_json(Writer(site.url).own_account(own))


handlers = [avatar, header]
