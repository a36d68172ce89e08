"""What rules are told of a post or an account: from its row, its author, and elsewhere where a rule asks for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network import text
from rostra.network.accounts import Profile, ProfileField
from rostra.network.posts import MentionRef, Post, PostStore
from rostra.platform.ids import AccountId, first_id, made_at
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
_fields: Final = msgspec.json.Decoder(list[ProfileField])
_TAG: Final = re.compile(r"<[^>]+>")
_mentions: Final = msgspec.json.Decoder(list[MentionRef])


async def gather_facts(
    session: AsyncSession, post: Post, source: str, warning: str, *, asks: frozenset[str], is_edit: bool, now: datetime
) -> Facts:
    """source, warning: as they were typed. asks: what rules name; a query or a model is only asked where one does."""
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
        await author_facts(session, post.author, asks=asks, now=now),
    )


async def author_facts(session: AsyncSession, author: Profile, *, asks: frozenset[str], now: datetime) -> AuthorFacts:
    """What is known of an account. asks: as gather_facts."""
    age_days = max(0.0, (now - made_at(author.id)).total_seconds() / _DAY_S)
    last_day, note = 0, ""
    if "author.posts_last_day" in asks:
        last_day = await PostStore(session).count_since(AccountId(author.id), first_id(now - DAY))
    if asks & {"author.note", "author.folded"}:
        note = _note_of(author)
    return AuthorFacts(
        handle=author.handle,
        name=author.display_name,
        note=note,
        folded=folded(f"{author.display_name}\n{note}") if "author.folded" in asks else "",
        age_days=age_days,
        followers=author.followers_count,
        following=author.following_count,
        posts=author.posts_count,
        posts_per_day=posts_per_day(author.posts_count, age_days),
        posts_last_day=last_day,
        is_bot=author.bot,
    )


def _note_of(author: Profile) -> str:
    """What somebody says of themselves: their words, and the lines below them."""
    lines = [f"{each.name}: {each.value}" for each in _fields.decode(author.fields or "[]")]
    return "\n".join([unescape(_TAG.sub(" ", author.note_html)).strip(), *lines])[:TEXT_MAX]
