"""Posts as a viewer sees them: with what the viewer has done with them, one query for a whole page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile
from rostra.network.posts import Marks, MarkStore, Post
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.web import answers
from rostra.web.live_cards import with_cards
from rostra.web.mastodon.entities.statuses import Status
from rostra.web.mastodon.paging import listed
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]


async def statuses_of(
    session: AsyncSession, site: Site, viewer: AccountId | None, posts: Sequence[Post]
) -> list[Status]:
    carded = await with_cards(session, site, posts)
    return Writer(site.url).statuses(carded, await marks_of(session, viewer, posts))


async def marks_of(session: AsyncSession, viewer: AccountId | None, posts: Sequence[Post]) -> Marks | None:
    """What the viewer has done with the posts and with what they boost; None without a viewer."""
    if viewer is None:
        return None
    originals = [post.original for post in posts]
    threads = {post.thread_id for post in originals}
    return await MarkStore(session).marks(viewer, {post.id for post in originals}, threads)


async def timeline(
    request: AnyRequest, site: Site, session: AsyncSession, viewer: AccountId | None, posts: Sequence[Post], page: Page
) -> Response[bytes]:
    """A page of posts as an answer; their ids are its cursors."""
    statuses = await statuses_of(session, site, viewer, posts)
    return listed(request, site, statuses, [post.id for post in posts], page)


async def one_status(site: Site, viewer: AccountId, post: Post, *, text: str | None = None) -> Response[bytes]:
    """The answer to an act: the post after it."""
    async with site.house.database.reading() as session:
        marks = await marks_of(session, viewer, [post])
        (carded,) = await with_cards(session, site, [post])
    return answers.as_json(Writer(site.url).status(carded, marks, text=text))


def accounts(request: AnyRequest, site: Site, edges: Sequence[tuple[int, Profile]], page: Page) -> Response[bytes]:
    """A page of accounts as an answer; the ids of the edges are its cursors."""
    found = Writer(site.url).accounts(profile for _, profile in edges)
    return listed(request, site, found, [edge_id for edge_id, _ in edges], page)
