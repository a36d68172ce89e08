"""What those on stage see of each other: the room's state as server-sent events, four a second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

import msgspec
from litestar import Response, Router, get, route
from litestar.params import FromPath
from litestar.response import Stream

from rostra.stage.performance import Performance
from rostra.web.whip.desk import Call
from rostra.web.whip.endpoints import TheDesk

_json: Final = msgspec.json.Encoder()


@get("/stage/{broadcast_id:str}/events")
async def stage_events(request: Call, broadcast_id: FromPath[str], desk: TheDesk) -> Stream:
    """`StageState` as JSON in each event, until the room closes. Needs a ticket of this broadcast."""
    desk.limit(request)
    ticket = desk.caller(request, broadcast_id)
    desk.rooms.check_not_revoked(ticket.speaker_id)
    performance = desk.rooms.performance(broadcast_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(_states(performance), media_type="text/event-stream", headers=headers)


async def _states(performance: Performance) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    while (state := await performance.next_state()) is not None:
        yield b"data: " + _json.encode(state) + b"\n\n"


@route("/stage/{broadcast_id:str}/events", http_method=["OPTIONS"])
async def events_options(broadcast_id: FromPath[str]) -> Response[None]:  # noqa: ARG001  # part of the path
    headers = {
        "Allow": "OPTIONS, GET",
        "Access-Control-Allow-Methods": "OPTIONS, GET",
        "Access-Control-Allow-Headers": "Authorization, Last-Event-ID",
        "Access-Control-Max-Age": "86400",
    }
    return Response(None, status_code=HTTPStatus.OK, headers=headers)


events_router = Router(path="/", route_handlers=[stage_events, events_options])
