"""The first page of the site."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.web.pages.views.listing import BroadcastCard
from rostra.web.pages.views.posts import PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`home.html`: on the air now, next (soonest first), latest recordings, latest posts. Each list may be empty.

    podcast_url: feed of everything public. posts_url: all public posts.
    """

    on_air: tuple[BroadcastCard, ...]
    coming: tuple[BroadcastCard, ...]
    past: tuple[BroadcastCard, ...]
    podcast_url: str
    posts: tuple[PostView, ...]
    posts_url: str
