"""The WHIP endpoint and its sessions (RFC 9725)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from litestar import Response, Router, delete, get, patch, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.platform.errors import Invalid
from rostra.stage.session import Session
from rostra.web.whip.desk import SDP, SDP_FRAGMENT, Call, Desk, speaker_of, text_body

TheDesk = NamedDependency[SkipValidation[Desk]]
METHODS: Final = {"endpoint": "OPTIONS, GET, POST", "session": "OPTIONS, GET, PATCH, DELETE", "mute": "OPTIONS, POST"}


class Muting(msgspec.Struct, frozen=True):
    muted: bool


@post("/whip/{broadcast_id:str}", status_code=HTTPStatus.CREATED)
async def start_session(request: Call, broadcast_id: FromPath[str], desk: TheDesk) -> Response[bytes]:
    """201 with the answer; the Location is the session (4.2)."""
    desk.limit(request)
    ticket = desk.caller(request, broadcast_id)
    desk.by_speaker.take(ticket.speaker_id)
    offer = await text_body(request, SDP)
    session, answer = await desk.sessions.open(broadcast_id, speaker_of(ticket), offer)
    headers = {
        "Location": desk.session_path(broadcast_id, session.session_id),
        "ETag": session.etag,
        "Accept-Post": SDP,
        "Accept-Patch": SDP_FRAGMENT,
        "Cache-Control": "no-store",
    }
    if links := desk.ice_links():
        headers["Link"] = links
    return Response(answer.encode(), media_type=SDP, headers=headers, status_code=HTTPStatus.CREATED)


@get(["/whip/{broadcast_id:str}", "/whip/{broadcast_id:str}/{session_id:str}"], status_code=HTTPStatus.NO_CONTENT)
async def nothing_to_get(broadcast_id: FromPath[str]) -> None:  # part of the path
    """2xx without a body (4.2, 4.3)."""


@patch("/whip/{broadcast_id:str}/{session_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def trickle(request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk) -> None:
    """Candidates that the client found later (4.3.2). 428, 412 and 422 as the RFC says."""
    session = _session(request, desk, broadcast_id, session_id)
    await desk.sessions.trickle(session, request.headers.get("if-match"), await text_body(request, SDP_FRAGMENT))


@delete("/whip/{broadcast_id:str}/{session_id:str}", status_code=HTTPStatus.OK)
async def end_session(request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk) -> None:
    """The speaker leaves (4.2). Entity tags do not matter."""
    await desk.sessions.end(_session(request, desk, broadcast_id, session_id))


@post("/whip/{broadcast_id:str}/{session_id:str}/mute", status_code=HTTPStatus.NO_CONTENT)
async def mute(request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk) -> None:
    """The speaker has muted or speaks again: `{"muted": true}`. Everybody on stage sees it."""
    session = _session(request, desk, broadcast_id, session_id)
    try:
        wanted = msgspec.json.decode(await request.body(), type=Muting)
    except msgspec.DecodeError as error:
        raise Invalid(str(error), user_message='Send {"muted": true} or {"muted": false}.', field="muted") from error
    desk.sessions.mute(session, muted=wanted.muted)


def _session(request: Call, desk: Desk, broadcast_id: str, session_id: str) -> Session:
    desk.limit(request)
    ticket = desk.caller(request, broadcast_id)
    return desk.sessions.find(broadcast_id, session_id, ticket.speaker_id)


def _allowed(methods: str, **more: str) -> Response[None]:
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
        "Access-Control-Max-Age": "86400",
    }
    return Response(None, status_code=HTTPStatus.OK, headers=headers | more)


@route("/whip/{broadcast_id:str}", http_method=["OPTIONS"])
async def endpoint_options(broadcast_id: FromPath[str]) -> Response[None]:  # noqa: ARG001  # part of the path
    """Needs no ticket: a browser's preflight carries none."""
    return _allowed(METHODS["endpoint"], **{"Accept-Post": SDP})


@route("/whip/{broadcast_id:str}/{session_id:str}", http_method=["OPTIONS"])
async def session_options(broadcast_id: FromPath[str], session_id: FromPath[str]) -> Response[None]:  # noqa: ARG001
    return _allowed(METHODS["session"], **{"Accept-Patch": SDP_FRAGMENT})


@route("/whip/{broadcast_id:str}/{session_id:str}/mute", http_method=["OPTIONS"])
async def mute_options(broadcast_id: FromPath[str], session_id: FromPath[str]) -> Response[None]:  # noqa: ARG001
    return _allowed(METHODS["mute"])


whip_router = Router(
    path="/",
    route_handlers=[
        start_session,
        nothing_to_get,
        trickle,
        end_session,
        mute,
        endpoint_options,
        session_options,
        mute_options,
    ],
)
