"""What rules are told of a post: gathered from its row, its author, and, where a rule asks for it, from elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network import text
from rostra.network.posts import MentionRef, Post, PostStore
from rostra.platform.ids import first_id, made_at
from rostra.safety.watching.facts import (
    LISTED_MAX,
    TEXT_MAX,
    AuthorFacts,
    Facts,
    PostFacts,
    folded,
    hosts_of,
    posts_per_day,
)
from rostra.safety.watching.tongues import detect_if_ready

DAY: Final = timedelta(days=1)
_DAY_S: Final = 86_400.0


class _Medium(msgspec.Struct, frozen=True):
    type: str


_media: Final = msgspec.json.Decoder(list[_Medium])
_mentions: Final = msgspec.json.Decoder(list[MentionRef])


async def gather_facts(
    session: AsyncSession, post: Post, source: str, warning: str, *, asks: frozenset[str], is_edit: bool, now: datetime
) -> Facts:
    """source, warning: as they were typed. asks: what rules name; a query or a model is only asked where one does."""
    author = post.author
    age_days = max(0.0, (now - made_at(author.id)).total_seconds() / _DAY_S)
    last_day = 0
    if "author.posts_last_day" in asks:
        last_day = await PostStore(session).count_since(author.id, first_id(now - DAY))
    links = text.urls_in(source)[:LISTED_MAX]
    return Facts(
        PostFacts(
            text=source[:TEXT_MAX],
            folded=folded(source) if "post.folded" in asks else "",
            warning=warning[:TEXT_MAX],
            characters=text.length(source),
            language=post.language or "",
            detected_language=detect_if_ready(source) if "post.detected_language" in asks else "",
            links=links,
            hosts=hosts_of(links),
            tags=tuple(post.tag_names[:LISTED_MAX]),
            mentions=tuple(each.acct for each in _mentions.decode(post.mentions)[:LISTED_MAX]),
            media=tuple(each.type for each in _media.decode(post.media)[:LISTED_MAX]),
            visibility=post.visibility.value,
            is_reply=post.in_reply_to_id is not None,
            is_edit=is_edit,
            has_poll=post.poll_id is not None,
            is_sensitive=post.sensitive,
        ),
        AuthorFacts(
            handle=author.handle,
            age_days=age_days,
            followers=author.followers_count,
            following=author.following_count,
            posts=author.posts_count,
            posts_per_day=posts_per_day(author.posts_count, age_days),
            posts_last_day=last_day,
            is_bot=author.bot,
        ),
    )
