"""Quotes of statuses: who has quoted one, taking a quote back, who may quote.

Quoting itself is a parameter of POST /api/v1/statuses. Source: docs.joinmastodon.org/client/quotes.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.act_on_post import revoke_quote, set_quote_policy
from rostra.network.posts import PostStore, QuotePolicy
from rostra.network.timelines import Timelines
from rostra.platform.ids import PostId
from rostra.web import answers
from rostra.web.mastodon.asking import person, reading
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.paging import number, page_of
from rostra.web.mastodon.showing import one_status, timeline
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class PolicyBody(msgspec.Struct, frozen=True, kw_only=True):
    quote_approval_policy: QuotePolicy


@get("/api/v1/statuses/{status_id:str}/quotes")
async def quotes(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    page = page_of(request)
    async with reading(request, site, "read:statuses") as asked:
        of = (await PostStore(asked.session).get(_id(status_id), asked.viewer, now=asked.now)).original
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).quotes(of.id, page)
        return await timeline(request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer)


@post("/api/v1/statuses/{status_id:str}/quotes/{quoting_id:str}/revoke", status_code=200)
async def revoke(
    request: AnyRequest, site: TheSite, status_id: FromPath[str], quoting_id: FromPath[str]
) -> Response[bytes]:
    """The status that has quoted; an empty object when it is not shown to whoever calls."""
    who = await person(request, site, "write:statuses")
    was = await revoke_quote(site.house, who.account_id, _id(status_id), _id(quoting_id))
    return answers.as_json({}) if was is None else await one_status(site, who.account_id, was, bearer=who.bearer)


@put("/api/v1/statuses/{status_id:str}/interaction_policy")
async def interaction_policy(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, PolicyBody)
    changed = await set_quote_policy(site.house, who.account_id, _id(status_id), body.quote_approval_policy)
    return await one_status(site, who.account_id, changed, bearer=who.bearer)


def _id(text: str) -> PostId:
    return PostId(number(text))


handlers = [quotes, revoke, interaction_policy]
