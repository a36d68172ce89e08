"""The control page's living part as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Stream

from rostra.media.wire import StageState
from rostra.platform.errors import RostraError
from rostra.platform.ids import BroadcastId
from rostra.web.answers import encoded
from rostra.web.api.addressing import broadcast_number
from rostra.web.api.broadcasts import ONE_READ
from rostra.web.api.describing import READS, answering
from rostra.web.guards.sessions import require_signed_in
from rostra.web.pages.control_view import control_view, load_control
from rostra.web.pages.views.control import ControlView
from rostra.web.site import Site

LOOK_EVERY_S: Final = 1.0
SAY_EVERY_S: Final = 5.0
AnyRequest = Request[Any, Any, Any]


@get(
    "/api/v1/broadcasts/{broadcast_id:int}/events",
    security=READS,
    responses=answering(str, "Server-sent events, until one goes.", *ONE_READ, media_type="text/event-stream"),
)
async def events(
    request: AnyRequest, site: NamedDependency[SkipValidation[Site]], broadcast_id: FromPath[int]
) -> Response[Any]:
    """`control` when anything changed and every five seconds, `stage` four times a second while there is a room."""
    who = await require_signed_in(request, site)
    await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return Stream(
        _stream(request, site, broadcast_number(broadcast_id)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(request: AnyRequest, site: Site, broadcast_id: BroadcastId) -> AsyncIterator[bytes]:
    """Until the listener goes, the process stops, or the session no longer counts."""
    clock = site.house.clock
    last: ControlView | None = None
    said_at = looked_at = clock.monotonic() - SAY_EVERY_S
    yield b"retry: 2000\n\n"
    with site.lookout.states(broadcast_id) as states:
        while not site.stopping.is_set():
            if clock.monotonic() - looked_at >= LOOK_EVERY_S:
                looked_at = clock.monotonic()
                try:
                    view = await _look(request, site, broadcast_id)
                except RostraError as error:
                    yield _event("gone", {"code": error.code, "detail": error.user_message})
                    return
                if last is None or _differs(view, last) or looked_at - said_at >= SAY_EVERY_S:
                    last, said_at = view, looked_at
                    yield _event("control", view)
            state = await _next(states, LOOK_EVERY_S / 2)
            if state is not None:
                yield _event("stage", state)


async def _look(request: AnyRequest, site: Site, broadcast_id: BroadcastId) -> ControlView:
    """The present, for somebody who may still see it."""
    who = await require_signed_in(request, site)
    return control_view(site, await load_control(site, who.viewer, broadcast_id=broadcast_id))


def _differs(new: ControlView, old: ControlView) -> bool:
    """Whether more than the time has changed; levels come by `stage`."""
    return replace(new, stage=None, **_clockwork(old)) != replace(old, stage=None)


def _clockwork(view: ControlView) -> dict[str, Any]:
    return {"at": view.at, "seconds_to_start": view.seconds_to_start, "minute_text": view.minute_text}


async def _next(states: asyncio.Queue[StageState], wait_s: float) -> StageState | None:
    try:
        return await asyncio.wait_for(states.get(), wait_s)
    except TimeoutError:
        return None


def _event(name: str, data: object) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + encoded(data) + b"\n\n"


handlers = [events]
