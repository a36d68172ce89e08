"""Removing what was just said, for the script of the control page and the organiser's own programs."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from rostra.flows.dump_delay import dump_delay
from rostra.platform.ids import BroadcastId
from rostra.web import answers
from rostra.web.guards.sessions import require_own_page
from rostra.web.pages.delaying import removed_text
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class DumpBody(msgspec.Struct, frozen=True):
    """seconds: up to the delay; the whole delay is everything that no listener has heard."""

    seconds: float


@post("/api/v1/broadcasts/{broadcast_id:int}/dumps", status_code=201)
async def dump(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[DumpBody]
) -> Response[bytes]:
    """Remove what was said in the last seconds; the answer says how many really went."""
    who = await require_own_page(request, site)
    removed_s = await dump_delay(site.house, BroadcastId(broadcast_id), data.seconds, by=who.viewer)
    return answers.as_json({"removed_s": round(removed_s, 2), "text": removed_text(removed_s)}, status_code=201)


handlers = [dump]
