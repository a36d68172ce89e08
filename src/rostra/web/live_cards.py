"""Posts that announce a broadcast show where it stands: loaded once for a whole page of posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.network.posts import Post
from rostra.web.pages import building, words
from rostra.web.site import Site

WIDTH, HEIGHT = 1280, 720
"""Of a broadcast's picture at most; apps need the shape before they have the file."""


async def announced(session: AsyncSession, posts: Sequence[Post]) -> dict[int, Broadcast]:
    """The broadcasts that these posts, or what they boost, announce, by id. No query when there are none."""
    ids = {post.original.broadcast_id for post in posts} - {None}
    return await BroadcastStore(session).by_ids([each for each in ids if each is not None])


async def with_cards(session: AsyncSession, site: Site, posts: Sequence[Post]) -> list[Post]:
    """The posts with a PreviewCard of the broadcast that they announce, as it stands now."""
    broadcasts = await announced(session, posts)
    return [_carded(site, post, broadcasts) for post in posts] if broadcasts else list(posts)


def _carded(site: Site, post: Post, broadcasts: Mapping[int, Broadcast]) -> Post:
    boost_of = None if post.boost_of is None else _carded(site, post.boost_of, broadcasts)
    found = None if post.broadcast_id is None else broadcasts.get(post.broadcast_id)
    card = post.card if found is None else preview_card(site, found)
    return replace(post, card=card, boost_of=boost_of)


def preview_card(site: Site, broadcast: Broadcast) -> str:
    """JSON of Mastodon's PreviewCard; what apps show in place of a countdown or a lamp stands in the description."""
    shown = building.card(broadcast.as_heard(site.house.clock.now()))
    starts = f"{shown.starts.text} ({words.place_of(shown.starts.zone)}, {shown.starts.offset})"
    parts = [shown.phase_text if shown.when != "before" else starts]
    if shown.host_name:
        parts.append(f"with {shown.host_name}")
    picture = shown.picture_url
    return msgspec.json.encode(
        {
            "url": f"{site.url}{shown.url}",
            "title": shown.title,
            "description": " · ".join(parts),
            "language": None,
            "type": "link",
            "author_name": shown.host_name,
            "author_url": "",
            "authors": [],
            "provider_name": site.name,
            "provider_url": site.url,
            "html": "",
            "width": WIDTH if picture else 0,
            "height": HEIGHT if picture else 0,
            "image": f"{site.url}{picture}" if picture else None,
            "image_description": "",
            "embed_url": "",
            "blurhash": None,
            "published_at": None,
        }
    ).decode()
