"""What a viewer's filters say of posts, and filters as the API writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.keep_filters import filters_of
from rostra.network.filters import Context, Filter, FilteredPost, Keyword, Match
from rostra.network.posts import Post
from rostra.platform.ids import AccountId
from rostra.web.beside_posts import matched
from rostra.web.mastodon.entities import filters as entities
from rostra.web.mastodon.entities.filters import FilterResult
from rostra.web.mastodon.entities.polls import AskedPoll
from rostra.web.mastodon.writing import stamp
from rostra.web.site import Site

_polls: Final = msgspec.json.Decoder(AskedPoll)


async def matches_in(
    session: AsyncSession,
    site: Site,
    viewer: AccountId,
    version: int,
    posts: Sequence[Post],
    context: Context | None,
) -> dict[int, list[Match]]:
    """What the viewer's filters say of the posts, by the ids of originals. context: None for all filters, where an app
    takes the answer for whatever it shows. version: of the filters.
    """
    filters = await filters_of(session, site.filters, viewer, version)
    return matched(filters, viewer, posts, context, options_in(posts), now=site.house.clock.now()) if filters else {}


def options_in(posts: Sequence[Post]) -> dict[int, list[str]]:
    """The options of polls that were filled in for showing."""
    return {
        each.poll_id: [option.title for option in _polls.decode(each.poll).options]
        for post in posts
        for each in post.shown
        if each.poll is not None and each.poll_id is not None
    }


def result(match: Match) -> FilterResult:
    return FilterResult(
        filter=_without_entries(match.filter),
        keyword_matches=list(match.keywords) or None,
        status_matches=None if match.post_id is None else [str(match.post_id)],
    )


def filter_entity(found: Filter) -> entities.Filter:
    return msgspec.structs.replace(
        _without_entries(found),
        keywords=[keyword_entity(each) for each in found.keywords],
        statuses=[entry_entity(each) for each in found.posts],
    )


def keyword_entity(keyword: Keyword) -> entities.FilterKeyword:
    return entities.FilterKeyword(id=str(keyword.id), keyword=keyword.text, whole_word=keyword.whole_word)


def entry_entity(entry: FilteredPost) -> entities.FilterStatus:
    return entities.FilterStatus(id=str(entry.id), status_id=str(entry.post_id))


def _without_entries(found: Filter) -> entities.Filter:
    return entities.Filter(
        id=str(found.id),
        title=found.title,
        context=list(found.contexts),
        expires_at=None if found.expires_at is None else stamp(found.expires_at),
        filter_action=found.action,
    )
