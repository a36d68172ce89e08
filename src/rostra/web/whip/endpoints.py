"""The WHIP endpoint and its sessions (RFC 9725). One controller is one path, its OPTIONS included.

`answer_preflight` must sort before the other names of its controller: Litestar registers handlers by name, and
puts an OPTIONS of its own on every path whose first handler is none.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from litestar import Controller, Response, delete, get, head, patch, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.platform.errors import Invalid
from rostra.stage.session import Session
from rostra.web.whip.desk import SDP, SDP_FRAGMENT, Call, Desk, speaker_of, text_body

TheDesk = NamedDependency[SkipValidation[Desk]]
"""What handlers take as `desk`."""


class Muting(msgspec.Struct, frozen=True):
    """What a page says when its speaker presses the space bar."""

    muted: bool


class Endpoint(Controller):
    """Where sessions begin."""

    path = "/whip/{broadcast_id:str}"

    @route(http_method=["OPTIONS"])
    async def answer_preflight(self, request: Call, broadcast_id: FromPath[str], desk: TheDesk) -> Response[bytes]:
        """Needs no ticket: a browser's preflight carries none. With one, the ICE servers come along (4.6), so that
        a client has them before its first offer."""
        links = {}
        if "authorization" in request.headers:
            desk.limit(request)
            links = desk.ice_links(desk.caller(request, broadcast_id)) | {"Cache-Control": "no-store"}
        return allowed("OPTIONS, GET, HEAD, POST", **{"Accept-Post": SDP}, **links)

    @post(status_code=HTTPStatus.CREATED)
    async def start(self, request: Call, broadcast_id: FromPath[str], desk: TheDesk) -> Response[bytes]:
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
        headers |= desk.ice_links(ticket)
        return Response(answer.encode(), media_type=SDP, headers=headers, status_code=HTTPStatus.CREATED)

    @get(status_code=HTTPStatus.NO_CONTENT)
    async def nothing(self) -> None:
        """2xx without a body (4.1)."""

    @head(status_code=HTTPStatus.NO_CONTENT)
    async def nothing_of_it(self) -> None:
        """As GET (RFC 9110, 9.3.2)."""


class SessionResource(Controller):
    """One session, named by the Location of its answer."""

    path = "/whip/{broadcast_id:str}/{session_id:str}"

    @route(http_method=["OPTIONS"])
    async def answer_preflight(self) -> Response[bytes]:
        return allowed("OPTIONS, GET, HEAD, PATCH, DELETE", **{"Accept-Patch": SDP_FRAGMENT})

    @patch(status_code=HTTPStatus.OK)
    async def change(
        self, request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk
    ) -> Response[bytes]:
        """Candidates that the client found later: 204 (4.3.2). An ICE restart: 200 with its answer (4.3.3)."""
        session = _session(request, desk, broadcast_id, session_id)
        body = await text_body(request, SDP_FRAGMENT)
        answer = await desk.sessions.patch(session, request.headers.get("if-match"), body)
        if answer is None:
            return Response(b"", media_type="text/plain", status_code=HTTPStatus.NO_CONTENT)
        headers = {"ETag": session.etag, "Cache-Control": "no-store"}
        return Response(answer.encode(), media_type=SDP_FRAGMENT, headers=headers, status_code=HTTPStatus.OK)

    @delete(status_code=HTTPStatus.OK)
    async def end(
        self, request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk
    ) -> Response[bytes]:
        """The speaker leaves (4.2). Entity tags do not matter."""
        await desk.sessions.end(_session(request, desk, broadcast_id, session_id))
        return empty()

    @get(status_code=HTTPStatus.NO_CONTENT)
    async def nothing(self) -> None:
        """2xx without a body (4.1)."""

    @head(status_code=HTTPStatus.NO_CONTENT)
    async def nothing_of_it(self) -> None:
        """As GET (RFC 9110, 9.3.2)."""


class MuteResource(Controller):
    """Not part of WHIP: the page mutes its microphone by itself, and tells it here."""

    path = "/whip/{broadcast_id:str}/{session_id:str}/mute"

    @route(http_method=["OPTIONS"])
    async def answer_preflight(self) -> Response[bytes]:
        return allowed("OPTIONS, POST")

    @post(status_code=HTTPStatus.NO_CONTENT)
    async def mute(self, request: Call, broadcast_id: FromPath[str], session_id: FromPath[str], desk: TheDesk) -> None:
        """`{"muted": true}`: everybody on stage sees it, and the stage lets nothing through."""
        session = _session(request, desk, broadcast_id, session_id)
        try:
            wanted = msgspec.json.decode(await request.body(), type=Muting)
        except msgspec.DecodeError as error:
            text = 'Send {"muted": true} or {"muted": false}.'
            raise Invalid(str(error), user_message=text, field="muted") from error
        desk.sessions.mute(session, muted=wanted.muted)


def allowed(methods: str, **more: str) -> Response[bytes]:
    """The answer to OPTIONS and to a browser's preflight."""
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, Last-Event-ID",
        "Access-Control-Max-Age": "86400",
    }
    return empty(headers | more)


def empty(headers: dict[str, str] | None = None) -> Response[bytes]:
    """200 without a body."""
    return Response(b"", status_code=HTTPStatus.OK, media_type="text/plain", headers=headers)


def _session(request: Call, desk: Desk, broadcast_id: str, session_id: str) -> Session:
    desk.limit(request)
    ticket = desk.caller(request, broadcast_id, admitted=True)
    return desk.sessions.find(broadcast_id, session_id, ticket.speaker_id)
