"""Finding accounts, posts and hashtags, and who is here."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.network.accounts import Profile, ProfileStore
from rostra.network.posts import Post
from rostra.network.tagging import TagStore
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.web import answers, searching
from rostra.web.mastodon.asking import reading
from rostra.web.mastodon.bodies import read_query
from rostra.web.mastodon.paging import accounts_page_of, number, page_of
from rostra.web.mastodon.showing import statuses_of
from rostra.web.mastodon.tags import tags_of
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
OFFSET_MAX: Final = 200
"""No app leads further; older posts are reached by `max_id`."""


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """resolve: an address of this site is looked up without it, too; those of others cannot be.

    exclude_unreviewed: nothing here waits for a review.
    """

    q: str = ""
    type: Literal["accounts", "hashtags", "statuses"] | None = None
    following: bool = False
    account_id: str | None = None
    offset: int = 0


class DirectoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    order: Literal["active", "new"] = "active"


class _Found(msgspec.Struct):
    profiles: list[Profile] = []
    posts: list[Post] = []
    tags: list[str] = []


@get("/api/v2/search")
async def search(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Accounts, posts and hashtags; or what an address of this site names. Posts are found with a token alone."""
    page, query = page_of(request), read_query(request, SearchQuery)
    async with reading(request, site, "read:search", at_length=True) as asked:
        found = await _found(searching.of_reading(request, site, asked), query, page)
        statuses = await statuses_of(asked.session, site, asked.viewer, found.posts)
        followed = None
        if asked.viewer is not None:
            followed = await TagStore(asked.session).followed_among(asked.viewer, found.tags)
    accounts = Writer(site.url).accounts(found.profiles)
    tags = tags_of(site, found.tags, followed)
    return answers.as_json({"accounts": accounts, "statuses": statuses, "hashtags": tags})


async def _found(search: searching.Searching, query: SearchQuery, page: Page) -> _Found:
    kinds = {query.type} if query.type is not None else {"accounts", "hashtags", "statuses"}
    if (place := searching.place_of(search.site, query.q)) is not None:
        there = await searching.at_place(search, place)
        if isinstance(there, Post):
            return _Found(posts=[there] if "statuses" in kinds else [])
        return _Found(profiles=[there] if there is not None and "accounts" in kinds else [])
    offset = min(max(query.offset, 0), OFFSET_MAX) if query.type is not None else 0
    wider = Page(limit=page.limit + offset, max_id=page.max_id, since_id=page.since_id, min_id=page.min_id)
    author = None if query.account_id is None else AccountId(number(query.account_id))
    found = _Found()
    if "accounts" in kinds:
        found.profiles = await searching.people(search, query.q, limit=wider.limit, followed=query.following)
    if "statuses" in kinds:
        found.posts = await searching.posts(search, query.q, wider, author=author)
    if "hashtags" in kinds:
        found.tags = await searching.tags(search, query.q, limit=wider.limit)
    return _Found(profiles=found.profiles[offset:], posts=found.posts[offset:], tags=found.tags[offset:])


@get("/api/v1/directory")
async def directory(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = accounts_page_of(request), read_query(request, DirectoryQuery)
    async with reading(request, site, "read:accounts") as asked:
        profiles = ProfileStore(asked.session)
        found = await profiles.directory(newest=query.order == "new", limit=page.limit)
    return answers.as_json(Writer(site.url).accounts(found))


handlers = [search, directory]
