"""Timelines: home, lists, public, of a tag, of an account, and what somebody has marked. Each is one query a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.lists import AccountList
from rostra.network.posts.posts import Post
from rostra.network.posts.quoting import QuoteState
from rostra.network.posts.reading import P, read, read_beside, readable, viewing, wanted, with_authors
from rostra.network.posts.tables import BookmarkRow, FavouriteRow, PostTagRow
from rostra.network.timelines.shapes import (
    ANY_TAG,
    HEADS_FROM,
    HEADS_PER_POST,
    USUAL_SIZES,
    WALKS,
    Bounds,
    Only,
    for_strangers,
    has_tag,
    home,
    home_of_heads,
    home_walked,
    list_,
    of_account,
    of_followed_tags,
    page_parameters,
    public,
)
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.platform.remembered import Remembered

TAGS_MAX: Final = 4
_PUBLIC: Final[Any] = literal_column("'public'")
_FAR: Final[Remembered[tuple[AccountId, datetime], bool]] = Remembered(4_096)
"""For whom the newest posts of all did not fill a page in this hour: what they follow is too small a part of the house.
"""


class Marked(NamedTuple):
    """A post that somebody has marked; `id`, of the mark, is its cursor."""

    id: int
    post: Post


class Timelines:
    """viewer: None for somebody without an account."""

    def __init__(self, session: AsyncSession, viewer: AccountId | None, *, now: datetime) -> None:
        self._session = session
        self._viewer = viewer
        self._viewed = viewer is not None
        self._now = now
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    async def home(self, viewer: AccountId, page: Page, *, follows: int, tags: int = 0) -> list[Post]:
        """What the viewer follows, and their own. follows: how many accounts those are, to choose the shape by.

        tags: how many hashtags; their public posts are a second statement, for those alone who follow any.
        """
        bounds = Bounds.of(page)
        parameters = viewing(viewer, self._now) | page_parameters(page)
        posts = None
        if bounds is Bounds.NEWEST and not self._sqlite:
            posts = await self._home_walked(viewer, follows, parameters, page)
        if posts is None and follows >= HEADS_FROM and bounds in (Bounds.NEWEST, Bounds.SINCE):
            posts = await self._home_of_heads(bounds, parameters, page)
        if posts is None:
            posts = await read(self._session, home(bounds, sqlite=self._sqlite), parameters)
        if tags:
            tagged = await read(self._session, of_followed_tags(bounds, sqlite=self._sqlite), parameters)
            posts = _merged(posts, tagged, page)
        return posts

    async def _home_walked(
        self, viewer: AccountId, follows: int, parameters: dict[str, Any], page: Page
    ) -> list[Post] | None:
        """None when the newest posts of all do not fill the page, nor did in this hour."""
        walk = next((posts for least, posts in WALKS if least <= follows), None)
        hour = (viewer, self._now.replace(minute=0, second=0, microsecond=0))
        if walk is None or _FAR.get(hour):
            return None
        posts = await read(self._session, home_walked(walk, size=_usual(page)), parameters)
        if len(posts) == page.limit:
            return posts
        _FAR.keep(hour, True)
        return None

    async def _home_of_heads(self, bounds: Bounds, parameters: dict[str, Any], page: Page) -> list[Post] | None:
        """None when others than the heads may have posts on the page."""
        wanted_heads = HEADS_PER_POST * page.limit
        statement = home_of_heads(bounds, sqlite=self._sqlite)
        count, posts = await read_beside(self._session, statement, parameters | {"heads": wanted_heads})
        is_whole = len(posts) == page.limit or (count is not None and count < wanted_heads)
        return posts if is_whole else None

    async def list_(self, viewer: AccountId, page: Page, of: AccountList) -> list[Post]:
        """What the members of one of the viewer's lists post."""
        statement = list_(Bounds.of(page), sqlite=self._sqlite, policy=of.replies_policy)
        parameters = viewing(viewer, self._now) | page_parameters(page) | {"list": of.id}
        return await read(self._session, statement, parameters)

    async def public(self, page: Page, *, only_media: bool = False) -> list[Post]:
        """Everybody's public posts, without boosts and without answers to others. Index: ix_posts_listed."""
        bounds = Bounds.of(page)
        statement = public(bounds, viewed=self._viewed, only_media=only_media, size=_usual(page))
        return await read(self._session, statement, viewing(self._viewer, self._now) | page_parameters(page))

    async def tag(
        self, any_of: Sequence[str], page: Page, *, all_of: Sequence[str] = (), none_of: Sequence[str] = ()
    ) -> list[Post]:
        """Public posts with one of `any_of`, all of `all_of` and none of `none_of`; tags folded, TAGS_MAX each."""
        tagged = select(PostTagRow.post_id.label("id")).join(P, P.id == PostTagRow.post_id)
        tagged = tagged.where(PostTagRow.tag.in_(any_of[:TAGS_MAX]))
        for tag in all_of[:TAGS_MAX]:
            tagged = tagged.where(has_tag(tag))
        for tag in none_of[:TAGS_MAX]:
            tagged = tagged.where(~has_tag(tag))
        if len(any_of) > 1:
            tagged = tagged.distinct()
        tagged = tagged.where(P.visibility == _PUBLIC, for_strangers(), wanted(viewed=self._viewed))
        return await self._read(tagged, PostTagRow.post_id, page)

    async def account(self, author: AccountId, page: Page, only: Only) -> list[Post]:
        """What an account has posted and the viewer may read; pinned ones by the time of their pin."""
        statement = of_account(Bounds.of(page), viewed=self._viewed, only=replace(only, tag=only.tag and ANY_TAG))
        parameters = viewing(self._viewer, self._now) | page_parameters(page) | {"author": author, "tag": only.tag}
        return await read(self._session, statement, parameters)

    async def quotes(self, of: PostId, page: Page) -> list[Post]:
        """Posts that quote one. Index: ix_posts_quote_of_id."""
        accepted: Any = literal_column(f"'{QuoteState.ACCEPTED.value}'")
        query = select(P.id).where(P.quote_of_id == of, P.quote_state == accepted)
        return await self._read(query.where(readable(viewed=self._viewed), wanted(viewed=self._viewed)), P.id, page)

    async def favourites(self, viewer: AccountId, page: Page) -> list[Marked]:
        return await self._marked(FavouriteRow, viewer, page)

    async def bookmarks(self, viewer: AccountId, page: Page) -> list[Marked]:
        return await self._marked(BookmarkRow, viewer, page)

    async def _marked(self, table: Any, viewer: AccountId, page: Page) -> list[Marked]:
        """Two queries: the marks whose posts can still be read, and the posts."""
        query = select(table.id, table.post_id).join(P, P.id == table.post_id)
        query = page.narrow(query.where(table.account_id == viewer, readable(viewed=True)), table.id)
        marks = page.in_order((await self._session.execute(query, viewing(viewer, self._now))).all())
        ids = select(P.id).where(P.id.in_([mark.post_id for mark in marks]))
        posts = {post.id: post for post in await read(self._session, with_authors(ids), {})} if marks else {}
        return [Marked(mark.id, posts[mark.post_id]) for mark in marks if mark.post_id in posts]

    async def _read(self, query: Select[Any], column: Any, page: Page) -> list[Post]:
        parameters = viewing(self._viewer, self._now) | page_parameters(page)
        return await read(self._session, with_authors(Bounds.of(page).narrow(query, column)), parameters)


def _usual(page: Page) -> int | None:
    return page.limit if page.limit in USUAL_SIZES else None


def _merged(some: Sequence[Post], others: Sequence[Post], page: Page) -> list[Post]:
    """Of two pages of the same bounds the one of both together, each post once, newest first."""
    by_id = {post.id: post for post in (*some, *others)}
    ids = sorted(by_id, reverse=True)
    return [by_id[id_] for id_ in (ids[-page.limit :] if page.min_id is not None else ids[: page.limit])]
