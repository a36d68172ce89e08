"""What those on stage see of each other: the room's state as server-sent events, four a second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import Controller, Response, get, route
from litestar.params import FromPath
from litestar.response import Stream

from rostra.stage.performance import Performance
from rostra.web.whip.desk import Call
from rostra.web.whip.endpoints import TheDesk, allowed

_json: Final = msgspec.json.Encoder()


class StageEvents(Controller):
    """Read by the stage page with `fetch`, since an EventSource sends no bearer ticket."""

    path = "/stage/{broadcast_id:str}/events"

    @route(http_method=["OPTIONS"])
    async def answer_preflight(self) -> Response[bytes]:
        return allowed("OPTIONS, GET")

    @get()
    async def follow(self, request: Call, broadcast_id: FromPath[str], desk: TheDesk) -> Stream:
        """`StageState` as JSON in each event, until the room closes. Needs a ticket of this broadcast, which for those
        on stage may have run out.
        """
        desk.limit(request)
        ticket = desk.caller(request, broadcast_id, admitted=True)
        desk.rooms.check_not_revoked(ticket.speaker_id)
        performance = desk.rooms.performance(broadcast_id)
        if not any(seat.speaker.speaker_id == ticket.speaker_id for seat in performance.room.seats):
            desk.caller(request, broadcast_id)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Stream(_states(performance), media_type="text/event-stream", headers=headers)


async def _states(performance: Performance) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    while (state := await performance.next_state()) is not None:
        yield b"data: " + _json.encode(state) + b"\n\n"
