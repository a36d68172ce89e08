"""Timelines: home, of a list, public, of a hashtag."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.network.filters import Context
from rostra.network.lists import ListId, ListStore
from rostra.network.text import tag_key
from rostra.network.timelines import Timelines
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, reading
from rostra.web.mastodon.bodies import read_query
from rostra.web.mastodon.paging import number, page_of
from rostra.web.mastodon.showing import timeline
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class PublicQuery(msgspec.Struct, frozen=True, kw_only=True):
    """remote: posts of other servers, of which there are none."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class TagQuery(PublicQuery, frozen=True, kw_only=True):
    any: list[str] = []
    all: list[str] = []
    none: list[str] = []


@get("/api/v1/timelines/home")
async def home(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site, "read:statuses") as asked:
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        posts = await timelines.home(asked.viewer, page, follows=asked.bearer.follows, tags=asked.bearer.followed_tags)
        return await timeline(
            request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer, context=Context.HOME
        )


@get("/api/v1/timelines/list/{list_id:str}")
async def of_list(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site, "read:lists") as asked:
        found = await ListStore(asked.session).get(asked.viewer, ListId(number(list_id)))
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        posts = await timelines.list_(asked.viewer, page, found)
        return await timeline(
            request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer, context=Context.HOME
        )


@get("/api/v1/timelines/public")
async def public(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = page_of(request), read_query(request, PublicQuery)
    async with reading(request, site, "read:statuses") as asked:
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        posts = [] if query.remote else await timelines.public(page, only_media=query.only_media)
        return await timeline(
            request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer, context=Context.PUBLIC
        )


@get("/api/v1/timelines/tag/{name:str}")
async def tag(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    page, query = page_of(request), read_query(request, TagQuery)
    any_of, all_of, none_of = (_keys(names) for names in ([name, *query.any], query.all, query.none))
    async with reading(request, site, "read:statuses") as asked:
        if query.remote or not any_of:
            return answers.as_json([])
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        posts = await timelines.tag(any_of, page, all_of=all_of, none_of=none_of)
        return await timeline(
            request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer, context=Context.PUBLIC
        )


def _keys(names: list[str]) -> list[str]:
    """Folded, once each, without what no hashtag can be."""
    return list(dict.fromkeys(key for name in names if (key := tag_key(name.removeprefix("#"))) is not None))


handlers = [home, of_list, public, tag]
