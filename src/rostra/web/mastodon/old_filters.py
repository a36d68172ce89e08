"""Filters as the first API has them, which older apps still use: one phrase, which is a keyword of a filter here."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import keep_filters as flows
from rostra.network.filters import Action, Filter, FilterChange, FilterStore, Keyword, KeywordChange, KeywordId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import parameters, shaped
from rostra.web.mastodon.entities.filters import OldFilter
from rostra.web.mastodon.filters import contexts, expiry
from rostra.web.mastodon.paging import number
from rostra.web.mastodon.writing import stamp
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_TEXT_SEEN: Final = 2000


class PhraseBody(msgspec.Struct, frozen=True, kw_only=True):
    """expires_in: seconds."""

    phrase: str | None = None
    context: list[str] | None = None
    irreversible: bool | None = None
    whole_word: bool | None = None
    expires_in: int | None = None


@get("/api/v1/filters")
async def every(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).of(asked.viewer)
    return answers.as_json([_entity(each, keyword) for each in found for keyword in each.keywords])


@post("/api/v1/filters", status_code=200)
async def make(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    change, keyword = await _read(request, site)
    made = await flows.make_filter(site.house, who.account_id, change, [keyword])
    return answers.as_json(_entity(made, made.keywords[0]))


@get("/api/v1/filters/{keyword_id:str}")
async def one(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:filters") as asked:
        found = await FilterStore(asked.session).with_keyword(asked.viewer, _id(keyword_id))
    return answers.as_json(_entity(*found))


@put("/api/v1/filters/{keyword_id:str}")
async def change(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    wanted, keyword = await _read(request, site)
    changed = await flows.change_phrase(site.house, who.account_id, _id(keyword_id), wanted, keyword)
    return answers.as_json(_entity(*changed))


@delete("/api/v1/filters/{keyword_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, keyword_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:filters")
    await flows.delete_keyword(site.house, who.account_id, _id(keyword_id), whole=True)
    return answers.as_json({})


async def _read(request: AnyRequest, site: Site) -> tuple[FilterChange, KeywordChange]:
    found = await parameters(request)
    body = shaped(found, PhraseBody)
    expires, expires_at = expiry(found, body.expires_in, site.house.clock.now())
    phrase = None if body.phrase is None else body.phrase[:_TEXT_SEEN]
    change = FilterChange(
        title=phrase,
        contexts=None if body.context is None else contexts(body.context),
        action=None if body.irreversible is None else Action.HIDE if body.irreversible else Action.WARN,
        expires_at=expires_at,
        expires=expires,
    )
    return change, KeywordChange(text=phrase, whole_word=body.whole_word)


def _entity(found: Filter, keyword: Keyword) -> OldFilter:
    return OldFilter(
        id=str(keyword.id),
        phrase=keyword.text,
        context=list(found.contexts),
        whole_word=keyword.whole_word,
        expires_at=None if found.expires_at is None else stamp(found.expires_at),
        irreversible=found.action is Action.HIDE,
    )


def _id(text: str) -> KeywordId:
    return KeywordId(number(text))


handlers = [every, make, one, change, remove]
