"""What is needed beside posts to show them: what they quote and ask, the viewer's marks, what filters say.

The one place for pages and apps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.filters import Context, Filters, Match
from rostra.network.posts import Marks, MarkStore, Post, QuotePolicy
from rostra.platform.ids import AccountId


def quoting(post: Post, quoted: Mapping[int, Post]) -> Post:
    """The post, or what it boosts, with what it quotes. quoted: by the ids of posts that quote."""
    if post.boost_of is not None:
        return replace(post, boost_of=quoting(post.boost_of, quoted))
    return replace(post, quoted=quoted.get(post.id))


def poll_ids(posts: Sequence[Post]) -> set[int]:
    return {poll_id for post in posts for each in post.shown if (poll_id := each.poll_id) is not None}


async def marks_of(session: AsyncSession, viewer: AccountId | None, posts: Sequence[Post]) -> Marks | None:
    """What the viewer has done with the posts and with what they boost and quote; None without a viewer.

    One query; a second one where followers may quote a post.
    """
    if viewer is None:
        return None
    originals = [each for post in posts for each in post.shown]
    threads = {post.thread_id for post in originals}
    store = MarkStore(session)
    marks = await store.marks(viewer, {post.id for post in originals}, threads)
    asked = {post.author.id for post in originals if post.quote_policy is QuotePolicy.FOLLOWERS} - {viewer}
    marks.follows = await store.followed(viewer, asked)
    marks.viewer = viewer
    return marks


def matched(
    filters: Filters,
    viewer: int,
    posts: Sequence[Post],
    context: Context | None,
    options: Mapping[int, Sequence[str]],
    *,
    now: datetime,
) -> dict[int, list[Match]]:
    """What a viewer's filters say of the posts, by the ids of originals. options: of polls, by the polls' ids.

    One's own posts are never filtered.
    """
    found: dict[int, list[Match]] = {}
    for each in (each for post in posts for each in post.shown):
        if each.author.id != viewer:
            asked = options.get(each.poll_id or 0, ())
            if matches := filters.matches(each, context, now=now, options=asked):
                found[each.id] = matches
    return found
