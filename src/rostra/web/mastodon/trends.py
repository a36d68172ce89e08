"""What trends, and whom one could follow."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.follow_account import dismiss_suggestion
from rostra.network.follows import Suggestion, SuggestionStore
from rostra.network.tagging import TagStore
from rostra.network.trends import TrendingTag, TrendStore
from rostra.platform.ids import AccountId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person, reading
from rostra.web.mastodon.bodies import read_query
from rostra.web.mastodon.entities.tags import TagHistory
from rostra.web.mastodon.paging import accounts_page_of, number, page_of
from rostra.web.mastodon.showing import statuses_of
from rostra.web.mastodon.tags import tags_of
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
TAGS_LIMIT: Final = 10
TAGS_LIMIT_MAX: Final = 20


class OffsetQuery(msgspec.Struct, frozen=True, kw_only=True):
    """offset: into a list that has a few dozen entries at most."""

    offset: int = 0


@get(["/api/v1/trends", "/api/v1/trends/tags"])
async def trending_tags(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = page_of(request, default=TAGS_LIMIT, most=TAGS_LIMIT_MAX), read_query(request, OffsetQuery)
    async with reading(request, site, "read") as asked:
        first = max(query.offset, 0)
        trending = site.trends.newest.tags[first : first + page.limit]
        names = [each.name for each in trending]
        followed = None
        if asked.viewer is not None:
            followed = await TagStore(asked.session).followed_among(asked.viewer, names)
    tags = tags_of(site, names, followed)
    shown = [msgspec.structs.replace(tag, history=_history(each)) for tag, each in zip(tags, trending, strict=True)]
    return answers.as_json(shown)


@get("/api/v1/trends/statuses")
async def trending_statuses(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = page_of(request), read_query(request, OffsetQuery)
    async with reading(request, site, "read") as asked:
        posts = await TrendStore(asked.session).posts(site.trends.newest.posts, asked.viewer, now=asked.now)
        first = max(query.offset, 0)
        statuses = await statuses_of(asked.session, site, asked.viewer, posts[first : first + page.limit])
    return answers.as_json(statuses)


@get("/api/v1/suggestions")
async def accounts(request: AnyRequest, site: TheSite) -> Response[bytes]:
    found = await _suggested(request, site)
    return answers.as_json(Writer(site.url).accounts(each.profile for each in found))


@get("/api/v2/suggestions")
async def suggestions(request: AnyRequest, site: TheSite) -> Response[bytes]:
    writer = Writer(site.url)
    return answers.as_json(
        [
            {
                "source": "past_interactions" if each.by_friends else "global",
                "sources": ["friends_of_friends" if each.by_friends else "most_followed"],
                "account": writer.account(each.profile),
            }
            for each in await _suggested(request, site)
        ]
    )


@delete("/api/v1/suggestions/{account_id:str}", status_code=200)
async def dismiss(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "read")
    await dismiss_suggestion(site.house, who.account_id, AccountId(number(account_id)))
    return answers.as_json({})


async def _suggested(request: AnyRequest, site: Site) -> list[Suggestion]:
    page = accounts_page_of(request)
    async with own_reading(request, site, "read") as asked:
        store = SuggestionStore(asked.session)
        offered = site.trends.newest.accounts
        return await store.suggestions(asked.viewer, offered, limit=page.limit, now=asked.now)


def _history(tag: TrendingTag) -> list[TagHistory]:
    return [
        TagHistory(
            day=str(int(datetime.combine(each.day, time(), UTC).timestamp())),
            uses=str(each.uses),
            accounts=str(each.accounts),
        )
        for each in tag.days
    ]


handlers = [trending_tags, trending_statuses, accounts, suggestions, dismiss]
