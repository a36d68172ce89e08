"""Posts as a viewer sees them: with what hangs on them and what the viewer has done, each in a query for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from litestar import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile
from rostra.network.filters import Context
from rostra.network.oauth import Bearer
from rostra.network.polls import PollStore
from rostra.network.posts import Marks, Post, PostStore
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.web import answers
from rostra.web.beside_posts import marks_of, poll_ids, quoting
from rostra.web.looking import looker
from rostra.web.mastodon.entities.filters import FilterResult
from rostra.web.mastodon.entities.statuses import Status
from rostra.web.mastodon.filtering import matches_in, result
from rostra.web.mastodon.paging import listed
from rostra.web.mastodon.polls import poll_entity
from rostra.web.mastodon.writing import Writer
from rostra.web.pages.live_cards import with_cards
from rostra.web.seeing import seen
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]


async def statuses_of(
    session: AsyncSession,
    site: Site,
    viewer: AccountId | None,
    posts: Sequence[Post],
    *,
    bearer: Bearer | None = None,
    context: Context | None = None,
) -> list[Status]:
    """bearer: of the viewer, whose filters count where the posts are shown: in `context`, or anywhere."""
    shown = await completed(session, site, viewer, posts)
    writer = Writer(site.url, await filtered_in(session, site, bearer, shown, context))
    return writer.statuses(shown, await marks_of(session, viewer, shown))


async def filtered_in(
    session: AsyncSession, site: Site, bearer: Bearer | None, posts: Sequence[Post], context: Context | None
) -> dict[int, list[FilterResult]]:
    """What the caller's filters say of the posts. No query while the filters are kept in memory."""
    if bearer is None or bearer.account_id is None:
        return {}
    found = await matches_in(session, site, bearer.account_id, bearer.filters_version, posts, context)
    return {post_id: [result(match) for match in matches] for post_id, matches in found.items()}


async def completed(session: AsyncSession, site: Site, viewer: AccountId | None, posts: Sequence[Post]) -> list[Post]:
    """The posts as who looks may see them, with what they quote, and all of them with their cards and polls."""
    if all(map(_is_whole, posts)):
        return seen(looker(site), posts)
    shown = seen(looker(site), await with_quotes(session, site, viewer, posts))
    return await with_polls(session, site, viewer, await with_cards(session, site, shown))


def _is_whole(post: Post) -> bool:
    """Nothing is to be filled in: a look at each post, where looking for all that is missing were five."""
    original = post.original
    asked = (original.quote_state, original.poll_id, original.link, original.broadcast_id)
    return asked == (None, None, None, None)


async def with_quotes(session: AsyncSession, site: Site, viewer: AccountId | None, posts: Sequence[Post]) -> list[Post]:
    """The posts with what they quote, where it is shown. No query when nothing is quoted."""
    found = await PostStore(session).quoted(posts, viewer, now=site.house.clock.now())
    return [quoting(post, found) for post in posts] if found else list(posts)


async def with_polls(session: AsyncSession, site: Site, viewer: AccountId | None, posts: Sequence[Post]) -> list[Post]:
    """The posts with JSON of the polls that they, or what they boost, ask. No query when there are none."""
    found = await PollStore(session).by_ids(poll_ids(posts), viewer)
    now = site.house.clock.now()
    written = {id_: msgspec.json.encode(poll_entity(poll, now)).decode() for id_, poll in found.items()}
    return [_polled(post, written) for post in posts] if written else list(posts)


def _polled(post: Post, polls: Mapping[int, str]) -> Post:
    boost_of = None if post.boost_of is None else _polled(post.boost_of, polls)
    quoted = None if post.quoted is None else _polled(post.quoted, polls)
    return replace(post, poll=polls.get(post.poll_id or 0), boost_of=boost_of, quoted=quoted)


async def timeline(
    request: AnyRequest,
    site: Site,
    session: AsyncSession,
    viewer: AccountId | None,
    posts: Sequence[Post],
    page: Page,
    *,
    bearer: Bearer | None = None,
    context: Context | None = None,
) -> Response[bytes]:
    """A page of posts as an answer; their ids are its cursors. bearer, context: as of `statuses_of`."""
    shown = await completed(session, site, viewer, posts)
    writer = Writer(site.url, await filtered_in(session, site, bearer, shown, context))
    encoded = writer.encoded(shown, await marks_of(session, viewer, shown))
    return listed(request, site, encoded, [post.id for post in posts], page)


async def one_status(
    site: Site,
    viewer: AccountId,
    post: Post,
    *,
    text: str | None = None,
    bearer: Bearer | None = None,
    marks: Marks | None = None,
) -> Response[bytes]:
    """The answer to an act: the post after it, which an app puts wherever it shows the post. marks: where they are
    known already.
    """
    async with site.house.database.reading() as session:
        (shown,) = await completed(session, site, viewer, [post])
        known = marks if marks is not None else await marks_of(session, viewer, [shown])
        filtered = await filtered_in(session, site, bearer, [shown], None)
    return answers.as_json(Writer(site.url, filtered).status(shown, known, text=text))


def accounts(request: AnyRequest, site: Site, edges: Sequence[tuple[int, Profile]], page: Page) -> Response[bytes]:
    """A page of accounts as an answer; the ids of the edges are its cursors."""
    found = Writer(site.url).accounts(profile for _, profile in edges)
    return listed(request, site, found, [edge_id for edge_id, _ in edges], page)
