"""Posts for a page: what the viewer has done with them, what they ask, announce and link to: four queries at most."""

from __future__ import annotations

from collections.abc import Sequence

from rostra.network.polls import PollStore
from rostra.network.posts import Post
from rostra.web.live_cards import announced, link_cards
from rostra.web.mastodon.showing import marks_of, poll_ids
from rostra.web.pages.asking import Asked
from rostra.web.pages.post_view import PostViews


async def views_of(asked: Asked, posts: Sequence[Post], *, back: str | None = None) -> PostViews:
    """back: where the posts' forms lead back to; this page when None."""
    return PostViews(
        asked.site,
        now=asked.now,
        viewer=asked.viewer,
        marks=await marks_of(asked.session, asked.viewer, posts),
        broadcasts=await announced(asked.session, posts),
        links=await link_cards(asked.session, posts),
        polls=await PollStore(asked.session).by_ids(poll_ids(posts), asked.viewer),
        back=asked.here if back is None else back,
    )
