"""Removing what was just said, for the script of the control page and the organiser's own programs."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from rostra.flows.dump_delay import dump_delay
from rostra.web import answers
from rostra.web.api.addressing import broadcast_number
from rostra.web.api.broadcasts import ONE_WRITTEN
from rostra.web.api.describing import WRITES, answering
from rostra.web.guards.sessions import require_own_page
from rostra.web.pages.delaying import removed_text
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class DumpBody(msgspec.Struct, frozen=True):
    """seconds: up to the delay; the whole delay is everything that no listener has heard."""

    seconds: float


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How much really went. text: the same in words."""

    removed_s: float
    text: str


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/dumps",
    status_code=201,
    security=WRITES,
    responses=answering(Removed, "It is removed.", *ONE_WRITTEN, status=201),
)
async def dump(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[DumpBody]
) -> Response[bytes]:
    """Remove what was said in the last seconds; the answer says how many really went."""
    who = await require_own_page(request, site)
    removed_s = await dump_delay(site.house, broadcast_number(broadcast_id), data.seconds, by=who.viewer)
    return answers.as_json(Removed(removed_s=round(removed_s, 2), text=removed_text(removed_s)), status_code=201)


handlers = [dump]
