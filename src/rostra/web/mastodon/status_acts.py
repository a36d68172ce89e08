"""What people do with statuses. Doing it twice is no error and counts once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.act_on_post import (
    bookmark_post,
    boost_post,
    favourite_post,
    mute_thread,
    pin_post,
    unboost_post,
)
from rostra.network.posts import Post
from rostra.network.visibility import Visibility
from rostra.platform.ids import PostId
from rostra.web.mastodon.asking import person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.paging import number
from rostra.web.mastodon.showing import one_status
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class BoostBody(msgspec.Struct, frozen=True, kw_only=True):
    visibility: Visibility | None = None


@post("/api/v1/statuses/{status_id:str}/reblog", status_code=200)
async def reblog(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, BoostBody)
    boost = await boost_post(site.house, who.account_id, PostId(number(status_id)), body.visibility)
    return await one_status(site, who.account_id, boost, bearer=who.bearer)


@post("/api/v1/statuses/{status_id:str}/unreblog", status_code=200)
async def unreblog(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    original = await unboost_post(site.house, who.account_id, PostId(number(status_id)))
    return await one_status(site, who.account_id, original, bearer=who.bearer)


def _switch(name: str, scope: str, act: Callable[..., Coroutine[Any, Any, Post]], *, on: bool) -> Any:
    """The route that switches one mark on or off."""

    @post(f"/api/v1/statuses/{{status_id:str}}/{name}", status_code=200, name=f"mastodon_{name}")
    async def switch(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
        who = await person(request, site, scope)
        changed = await act(site.house, who.account_id, PostId(number(status_id)), on=on)
        return await one_status(site, who.account_id, changed, bearer=who.bearer)

    return switch


handlers = [
    reblog,
    unreblog,
    _switch("favourite", "write:favourites", favourite_post, on=True),
    _switch("unfavourite", "write:favourites", favourite_post, on=False),
    _switch("bookmark", "write:bookmarks", bookmark_post, on=True),
    _switch("unbookmark", "write:bookmarks", bookmark_post, on=False),
    _switch("pin", "write:accounts", pin_post, on=True),
    _switch("unpin", "write:accounts", pin_post, on=False),
    _switch("mute", "write:mutes", mute_thread, on=True),
    _switch("unmute", "write:mutes", mute_thread, on=False),
]
