"""Searching, alike for pages and apps: by words, or by the address of an account or a post of this site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import NoSuchAccount, Profile, ProfileStore
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.network.search import QUERY_CHARS, SearchStore, parse
from rostra.network.text import tag_key
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.shield.allowance import address_key
from rostra.web.guards.browsers import client_address
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
_ADDRESS: Final = re.compile(
    r"/(?:@(?P<handle>\w{1,60})(?:/(?P<post>\d{1,19}))?|users/(?P<user>\w{1,60})(?:/statuses/(?P<status>\d{1,19}))?)/?",
    re.ASCII,
)
_ID_MAX: Final = (1 << 63) - 1


class _Asked(Protocol):
    """Who reads, of pages and of apps alike."""

    @property
    def session(self) -> AsyncSession: ...
    @property
    def viewer(self) -> AccountId | None: ...
    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Searching:
    """A search of one caller, counted."""

    site: Site
    session: AsyncSession
    viewer: AccountId | None
    now: datetime

    @property
    def store(self) -> SearchStore:
        return SearchStore(self.session, self.viewer, now=self.now)


def of_reading(request: AnyRequest, site: Site, asked: _Asked) -> Searching:
    """Counts one search of whoever asks. Raises TooMany."""
    key = address_key(client_address(request)) if asked.viewer is None else f"account {asked.viewer}"
    site.limits.search.take(key)
    return Searching(site, asked.session, asked.viewer, asked.now)


class Place(NamedTuple):
    """What an address of this site names. post_id: None for the account itself."""

    handle: str
    post_id: PostId | None


def place_of(site: Site, text: str) -> Place | None:
    """The account or post whose page or permanent id `text` is; None for everything else."""
    path = text.strip()[:QUERY_CHARS]
    if not path.lower().startswith(f"{site.url.lower()}/"):
        return None
    found = _ADDRESS.fullmatch(path[len(site.url) :].partition("?")[0].partition("#")[0])
    if found is None:
        return None
    number = found["post"] or found["status"]
    if number is not None and int(number) > _ID_MAX:
        return None
    return Place(found["handle"] or found["user"], None if number is None else PostId(int(number)))


async def at_place(search: Searching, place: Place) -> Profile | Post | None:
    """What is there, if the viewer may read it."""
    try:
        if place.post_id is not None:
            return await PostStore(search.session).get(place.post_id, search.viewer, now=search.now)
        return await ProfileStore(search.session).by_handle(place.handle)
    except (NoSuchPost, NoSuchAccount):
        return None


async def people(search: Searching, text: str, *, limit: int, followed: bool = False) -> list[Profile]:
    """By the beginning of handle or name; "@ada" and, on this site, "@ada@example.org" are handles."""
    words, _, domain = text.strip()[:QUERY_CHARS].removeprefix("@").partition("@")
    if domain not in ("", search.site.host):
        return []
    return await search.store.people(words, limit=limit, followed=followed)


async def posts(search: Searching, text: str, page: Page, *, author: AccountId | None = None) -> list[Post]:
    """author: of this account alone."""
    return await search.store.posts(parse(text), page, author=author)


async def tags(search: Searching, text: str, *, limit: int) -> list[str]:
    """The hashtags that begin so; the one of just this name first, if it is in use."""
    key = tag_key(text.strip().removeprefix("#"))
    return [] if key is None else await search.store.tags(key, limit=limit)
