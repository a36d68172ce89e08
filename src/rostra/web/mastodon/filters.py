"""Filters with their keywords and single statuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import keep_filters as flows
from rostra.network.filters import (
    Action,
    Context,
    FilterChange,
    FilterId,
    FilterInvalid,
    FilterStore,
    KeywordChange,
    KeywordId,
)
from rostra.platform.ids import PostId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import parameters, read, shaped
from rostra.web.mastodon.filtering import entry_entity, filter_entity, keyword_entity
from rostra.web.mastodon.paging import number
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_TEXT_SEEN: Final = 2000
_KEYWORDS_SEEN: Final = 501
_SECONDS_SEEN: Final = 10**9
"""So much is looked at; what is more is too much anyway."""


class KeywordBody(msgspec.Struct, frozen=True, kw_only=True):
    id: str | int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    destroy: bool = msgspec.field(default=False, name="_destroy")

    @property
    def change(self) -> KeywordChange:
        return KeywordChange(
            id=None if self.id in (None, "") else KeywordId(number(str(self.id))),
            text=None if self.keyword is None else self.keyword[:_TEXT_SEEN],
            whole_word=self.whole_word,
            remove=self.destroy,
        )


class FilterBody(msgspec.Struct, frozen=True, kw_only=True):
    """expires_in: seconds."""

    title: str | None = None
    context: list[str] | None = None
    filter_action: Action | None = None
    expires_in: int | None = None
    keywords_attributes: list[dict[str, Any]] = []

    @property
    def keywords(self) -> list[KeywordChange]:
        return [shaped(each, KeywordBody).change for each in self.keywords_attributes[:_KEYWORDS_SEEN]]


class StatusBody(msgspec.Struct, frozen=True, kw_only=True):
    status_id: str = ""


@get("/api/v2/filters")
async def every(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).of(asked.viewer)
    return answers.as_json([filter_entity(each) for each in found])


@post("/api/v2/filters", status_code=200)
async def make(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    body, change = await _read(request, site)
    return answers.as_json(filter_entity(await flows.make_filter(site.house, who.account_id, change, body.keywords)))


@get("/api/v2/filters/{filter_id:str}")
async def one(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).get(asked.viewer, _id(filter_id))
    return answers.as_json(filter_entity(found))


@put("/api/v2/filters/{filter_id:str}")
async def change(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    body, wanted = await _read(request, site)
    changed = await flows.change_filter(site.house, who.account_id, _id(filter_id), wanted, body.keywords)
    return answers.as_json(filter_entity(changed))


@delete("/api/v2/filters/{filter_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    await flows.delete_filter(site.house, who.account_id, _id(filter_id))
    return answers.as_json({})


@get("/api/v2/filters/{filter_id:str}/keywords")
async def keywords(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).get(asked.viewer, _id(filter_id))
    return answers.as_json([keyword_entity(each) for each in found.keywords])


@post("/api/v2/filters/{filter_id:str}/keywords", status_code=200)
async def add_keyword(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    body = await read(request, KeywordBody)
    made = await flows.add_keyword(site.house, who.account_id, _id(filter_id), body.change)
    return answers.as_json(keyword_entity(made))


@get("/api/v2/filters/keywords/{keyword_id:str}")
async def keyword(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        _, found = await FilterStore(asked.session).with_keyword(asked.viewer, KeywordId(number(keyword_id)))
    return answers.as_json(keyword_entity(found))


@put("/api/v2/filters/keywords/{keyword_id:str}")
async def change_keyword(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    body = await read(request, KeywordBody)
    wanted = msgspec.structs.replace(body, destroy=False).change
    changed = await flows.change_keyword(site.house, who.account_id, KeywordId(number(keyword_id)), wanted)
    return answers.as_json(keyword_entity(changed))


@delete("/api/v2/filters/keywords/{keyword_id:str}", status_code=200)
async def remove_keyword(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    await flows.delete_keyword(site.house, who.account_id, KeywordId(number(keyword_id)))
    return answers.as_json({})


@get("/api/v2/filters/{filter_id:str}/statuses")
async def statuses(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).get(asked.viewer, _id(filter_id))
    return answers.as_json([entry_entity(each) for each in found.posts])


@post("/api/v2/filters/{filter_id:str}/statuses", status_code=200)
async def add_status(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    body = await read(request, StatusBody)
    post_id = PostId(number(body.status_id))
    return answers.as_json(entry_entity(await flows.filter_post(site.house, who.account_id, _id(filter_id), post_id)))


@get("/api/v2/filters/statuses/{entry_id:str}")
async def status(request: AnyRequest, site: TheSite, entry_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        _, found = await FilterStore(asked.session).with_entry(asked.viewer, number(entry_id))
    return answers.as_json(entry_entity(found))


@delete("/api/v2/filters/statuses/{entry_id:str}", status_code=200)
async def remove_status(request: AnyRequest, site: TheSite, entry_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    return answers.as_json(entry_entity(await flows.unfilter_post(site.house, who.account_id, number(entry_id))))


async def _read(request: AnyRequest, site: Site) -> tuple[FilterBody, FilterChange]:
    found = await parameters(request)
    body = shaped(found, FilterBody)
    expires, expires_at = expiry(found, body.expires_in, site.house.clock.now())
    return body, FilterChange(
        title=None if body.title is None else body.title[:_TEXT_SEEN],
        contexts=None if body.context is None else contexts(body.context),
        action=body.filter_action,
        expires_at=expires_at,
        expires=expires,
    )


def contexts(names: list[str]) -> tuple[Context, ...]:
    """Each once. Raises FilterInvalid."""
    wanted = [name.strip() for name in names if name.strip()]
    if not set(wanted) <= set(Context):
        raise FilterInvalid("Context None or invalid context supplied")
    return tuple(each for each in Context if each in wanted)


def expiry(found: dict[str, Any], seconds: int | None, now: datetime) -> tuple[bool, datetime | None]:
    """Whether an end is meant, and when it is: an empty `expires_in` is never, none at all leaves what is there."""
    if seconds is None:
        return "expires_in" in found, None
    return True, now + timedelta(seconds=min(max(seconds, 0), _SECONDS_SEEN))


def _id(text: str) -> FilterId:
    return FilterId(number(text))


handlers = [
    every,
    make,
    one,
    change,
    remove,
    keywords,
    add_keyword,
    keyword,
    change_keyword,
    remove_keyword,
    statuses,
    add_status,
    status,
    remove_status,
]
