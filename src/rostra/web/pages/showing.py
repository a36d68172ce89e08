"""Posts for a page: what they quote, ask, announce and link to, what the viewer has done with them.

Six queries at most, however long the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostra.flows.keep_filters import filters_of
from rostra.network.filters import Context, Match
from rostra.network.polls import Poll, PollStore
from rostra.network.posts import Post, PostStore
from rostra.web.beside_posts import marks_of, matched, poll_ids, quoting
from rostra.web.looking import looker
from rostra.web.pages.asking import Asked
from rostra.web.pages.live_cards import announced, link_cards
from rostra.web.pages.post_view import PostViews


async def views_of(
    asked: Asked, posts: Sequence[Post], *, back: str | None = None, context: Context | None = None
) -> PostViews:
    """back: where the posts' forms lead back to; this page when None. context: whose filters count; None for none."""
    quoted = await PostStore(asked.session).quoted(posts, asked.viewer, now=asked.now)
    posts = [quoting(post, quoted) for post in posts] if quoted else posts
    polls = await PollStore(asked.session).by_ids(poll_ids(posts), asked.viewer)
    return PostViews(
        asked.site,
        now=asked.now,
        looks=looker(asked.site),
        viewer=asked.viewer,
        marks=await marks_of(asked.session, asked.viewer, posts),
        broadcasts=await announced(asked.session, asked.site, posts),
        links=await link_cards(asked.session, posts),
        polls=polls,
        filtered=await _filtered(asked, posts, polls, context),
        quoted=quoted,
        back=asked.here if back is None else back,
    )


async def _filtered(
    asked: Asked, posts: Sequence[Post], polls: Mapping[int, Poll], context: Context | None
) -> dict[int, list[Match]]:
    if asked.viewer is None or asked.who is None or context is None:
        return {}
    version = asked.who.viewer.filters_version
    filters = await filters_of(asked.session, asked.site.filters, asked.viewer, version)
    options = {poll_id: [option.title for option in poll.options] for poll_id, poll in polls.items()}
    return matched(filters, asked.viewer, posts, context, options, now=asked.now) if filters else {}
