"""Cards of posts: where the broadcast stands that they announce, or what a linked page says of itself.

Loaded once for a whole page of posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.network.posts import Post
from rostra.network.previews import Card, PreviewStore
from rostra.safety.restrictions import Kind, Subject
from rostra.web.looking import looker
from rostra.web.pages import building, words
from rostra.web.site import Site

WIDTH, HEIGHT = 1280, 720
"""Of a broadcast's picture at most; apps need the shape before they have the file."""


async def announced(session: AsyncSession, site: Site, posts: Sequence[Post]) -> dict[int, Broadcast]:
    """The broadcasts that these posts, or what they boost, announce, by id. No query when there are none.

    One that is withheld has no card.
    """
    ids = {each.broadcast_id for post in posts for each in post.shown} - {None}
    found = await BroadcastStore(session).by_ids([each for each in ids if each is not None])
    looks = looker(site)
    return {each: one for each, one in found.items() if looks.at(Subject(Kind.BROADCAST, each)).shown}


async def with_cards(session: AsyncSession, site: Site, posts: Sequence[Post]) -> list[Post]:
    """The posts with a PreviewCard of the broadcast that they announce, as it stands now, or else of their link."""
    broadcasts = await announced(session, site, posts)
    links = await link_cards(session, posts)
    return [_carded(site, post, broadcasts, links) for post in posts] if broadcasts or links else list(posts)


async def link_cards(session: AsyncSession, posts: Sequence[Post]) -> dict[str, str]:
    """JSON of the PreviewCards that these posts, or what they boost, link to, by link. No query without a link."""
    links = {link for post in posts for each in post.shown if (link := each.link) is not None}
    return {link: _link_card(card) for link, card in (await PreviewStore(session).cards(links)).items()}


def _carded(site: Site, post: Post, broadcasts: Mapping[int, Broadcast], links: Mapping[str, str]) -> Post:
    boost_of = None if post.boost_of is None else _carded(site, post.boost_of, broadcasts, links)
    quoted = None if post.quoted is None else _carded(site, post.quoted, broadcasts, links)
    found = None if post.broadcast_id is None else broadcasts.get(post.broadcast_id)
    card = links.get(post.link or "") if found is None else preview_card(site, found)
    return replace(post, card=card, boost_of=boost_of, quoted=quoted)


def preview_card(site: Site, broadcast: Broadcast) -> str:
    """JSON of Mastodon's PreviewCard; what apps show in place of a countdown or a lamp stands in the description."""
    answer = looker(site).at(Subject(Kind.BROADCAST, broadcast.id))
    shown = building.card(broadcast.as_heard(site.house.clock.now()), answer)
    starts = f"{shown.starts.text} ({words.place_of(shown.starts.zone)}, {shown.starts.offset})"
    parts = [shown.phase_text if shown.when != "before" else starts]
    if shown.host_name:
        parts.append(f"with {shown.host_name}")
    parts += shown.labels
    picture = shown.picture_url
    return _preview(
        url=f"{site.url}{shown.url}",
        title=shown.title,
        description=" · ".join(parts),
        author_name=shown.host_name,
        provider_name=site.name,
        provider_url=site.url,
        width=WIDTH if picture else 0,
        height=HEIGHT if picture else 0,
        image=f"{site.url}{picture}" if picture else None,
    )


def _link_card(card: Card) -> str:
    return _preview(url=card.url, title=card.title, description=card.description, provider_name=card.provider_name)


def _preview(**members: object) -> str:
    """A PreviewCard with these members; apps expect all the others, too."""
    return msgspec.json.encode(_PREVIEW | members).decode()


_PREVIEW: Final[dict[str, object]] = {
    "url": "",
    "title": "",
    "description": "",
    "language": None,
    "type": "link",
    "author_name": "",
    "author_url": "",
    "authors": [],
    "provider_name": "",
    "provider_url": "",
    "html": "",
    "width": 0,
    "height": 0,
    "image": None,
    "image_description": "",
    "embed_url": "",
    "blurhash": None,
    "published_at": None,
}
