"""Finding accounts and hashtags, and who is here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.network.accounts import ProfileStore
from rostra.network.text import tag_key
from rostra.platform.errors import NotFound
from rostra.web import answers
from rostra.web.mastodon.addresses import Addresses
from rostra.web.mastodon.asking import reading
from rostra.web.mastodon.bodies import read_query
from rostra.web.mastodon.paging import accounts_page_of, page_of
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    type: Literal["accounts", "hashtags", "statuses"] | None = None


class DirectoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    order: Literal["active", "new"] = "active"


@get("/api/v2/search")
async def search(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Accounts by the beginning of handle or name, and the hashtag of that name."""
    page, query = page_of(request), read_query(request, SearchQuery)
    words = query.q.strip().removeprefix("@").partition("@")[0]
    async with reading(request, site, "read:search") as asked:
        wants_accounts = bool(words) and query.type in (None, "accounts")
        found = await ProfileStore(asked.session).search(words, limit=page.limit) if wants_accounts else []
    key = tag_key(query.q.strip().removeprefix("#")) if query.type in (None, "hashtags") else None
    tags = [] if key is None else [_tag(site, key)]
    return answers.as_json({"accounts": Writer(site.url).accounts(found), "statuses": [], "hashtags": tags})


@get("/api/v1/directory")
async def directory(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = accounts_page_of(request), read_query(request, DirectoryQuery)
    async with reading(request, site, "read:accounts") as asked:
        profiles = ProfileStore(asked.session)
        found = await profiles.directory(newest=query.order == "new", limit=page.limit)
    return answers.as_json(Writer(site.url).accounts(found))


@get("/api/v1/tags/{name:str}")
async def tag(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:follows"):
        if (key := tag_key(name)) is None:
            raise NotFound(f"tag {name[:80]!r}")
    return answers.as_json(_tag(site, key))


def _tag(site: Site, key: str) -> dict[str, Any]:
    return {"id": key, "name": key, "url": Addresses(site.url).tag(key), "history": [], "following": False}


handlers = [search, directory, tag]
