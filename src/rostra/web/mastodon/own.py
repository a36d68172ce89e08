"""What belongs to the person who calls: marked posts, preferences."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.network.accounts import ProfileStore
from rostra.network.timelines import Marked, Timelines
from rostra.platform.keyset import Page
from rostra.web import answers
from rostra.web.mastodon.asking import OwnReading, own_reading
from rostra.web.mastodon.paging import listed, page_of
from rostra.web.mastodon.showing import statuses_of
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/api/v1/favourites")
async def favourites(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site, "read:favourites") as asked:
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        return await _marked(request, site, asked, await timelines.favourites(asked.viewer, page), page)


@get("/api/v1/bookmarks")
async def bookmarks(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site, "read:bookmarks") as asked:
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        return await _marked(request, site, asked, await timelines.bookmarks(asked.viewer, page), page)


@get("/api/v1/preferences")
async def preferences(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:accounts") as asked:
        own = await ProfileStore(asked.session).own(asked.viewer, requests_count=0)
    return answers.as_json(
        {
            "posting:default:visibility": own.post_visibility,
            "posting:default:sensitive": own.post_sensitive,
            "posting:default:language": own.post_language,
            "posting:default:quote_policy": own.post_quote_policy,
            "reading:expand:media": "default",
            "reading:expand:spoilers": False,
            "reading:autoplay:gifs": False,
        }
    )


async def _marked(
    request: AnyRequest, site: Site, asked: OwnReading, marked: list[Marked], page: Page
) -> Response[bytes]:
    posts = [each.post for each in marked]
    statuses = await statuses_of(asked.session, site, asked.viewer, posts, bearer=asked.bearer)
    return listed(request, site, statuses, [each.id for each in marked], page)


handlers = [favourites, bookmarks, preferences]
