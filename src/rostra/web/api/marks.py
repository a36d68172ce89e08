"""Marks for the script of the control page and the organiser's own programs."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from rostra.flows.mark_moment import mark_moment, remove_mark, rename_mark
from rostra.web import answers
from rostra.web.api.addressing import broadcast_number
from rostra.web.api.broadcasts import ONE_WRITTEN
from rostra.web.api.describing import WRITES, Done, answering
from rostra.web.guards.sessions import require_own_page
from rostra.web.pages.control_view import control_view, load_control
from rostra.web.pages.controlling import mark_number
from rostra.web.pages.views.control import ControlView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class MarkBody(msgspec.Struct, frozen=True):
    """title: may be empty."""

    title: str = ""


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/marks",
    status_code=201,
    security=WRITES,
    responses=answering(ControlView, "The control page's data afterwards.", *ONE_WRITTEN, status=201),
)
async def mark(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[MarkBody]
) -> Response[bytes]:
    """Mark this moment; the answer is the control page's data after it."""
    who = await require_own_page(request, site)
    await mark_moment(site.house, broadcast_number(broadcast_id), data.title, by=who.viewer)
    loaded = await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return answers.as_json(control_view(site, loaded), status_code=201)


@patch(
    "/api/v1/broadcasts/{broadcast_id:int}/marks/{mark_id:str}",
    security=WRITES,
    responses=answering(Done, "It is renamed.", *ONE_WRITTEN),
)
async def rename(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], mark_id: FromPath[str], data: JSONBody[MarkBody]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    await rename_mark(site.house, broadcast_number(broadcast_id), mark_number(mark_id), data.title, by=who.viewer)
    return answers.as_json(Done())


@delete(
    "/api/v1/broadcasts/{broadcast_id:int}/marks/{mark_id:str}",
    status_code=200,
    security=WRITES,
    responses=answering(Done, "It is gone.", *ONE_WRITTEN),
)
async def remove(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], mark_id: FromPath[str]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    await remove_mark(site.house, broadcast_number(broadcast_id), mark_number(mark_id), by=who.viewer)
    return answers.as_json(Done())


handlers = [mark, rename, remove]
