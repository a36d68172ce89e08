"""The stage's HTTP application: WHIP, the state feed, health. Everything else is a problem document."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from rostra.platform import metrics
from rostra.platform.errors import RostraError, problem
from rostra.platform.log import get_logger
from rostra.shield.tickets import TicketRefused
from rostra.stage.offer import MAX_OFFER_BYTES
from rostra.web.whip.desk import Desk
from rostra.web.whip.endpoints import Endpoint, MuteResource, SessionResource, TheDesk
from rostra.web.whip.events import StageEvents
from rostra.web.whip.media_type import UnsupportedMediaType

PROBLEM_TYPE = "application/problem+json"
_log = get_logger(__name__)


def create_app(desk: Desk) -> Litestar:
    """The ASGI application of a stage process."""
    return Litestar(
        route_handlers=[Endpoint, SessionResource, MuteResource, StageEvents, healthz, readyz],
        dependencies={"desk": Provide(lambda: desk, sync_to_thread=False)},
        exception_handlers={RostraError: _expected, HTTPException: _http, Exception: _bug},
        before_send=[_allow_origins],
        request_max_body_size=MAX_OFFER_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def create_metrics_app() -> Litestar:
    """/metrics alone, for the internal port."""
    return Litestar(route_handlers=[exposition], openapi_config=None, logging_config=None)


@get("/metrics")
async def exposition() -> Response[bytes]:
    """Prometheus's text format."""
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


@get("/healthz")
async def healthz() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@get("/readyz")
async def readyz(desk: TheDesk) -> Response[dict[str, Any]]:
    """200 when the stage can work, else 503 with the reasons."""
    reasons = desk.rooms.unready()
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return Response({"ready": not reasons, "reasons": reasons}, status_code=status)


def _problem(document: dict[str, object], headers: dict[str, str]) -> Response[bytes]:
    status = int(str(document["status"]))
    return Response(json.dumps(document).encode(), status_code=status, media_type=PROBLEM_TYPE, headers=headers)


def _expected(request: Request[Any, Any, Any], error: RostraError) -> Response[bytes]:
    _log.info("request_refused", method=request.method, code=error.code, reason=str(error))
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, UnsupportedMediaType):
        headers["Accept-Patch" if request.method == "PATCH" else "Accept-Post"] = error.wanted
    if isinstance(error, TicketRefused):
        given = "authorization" in request.headers
        headers["WWW-Authenticate"] = 'Bearer realm="rostra"' + (', error="invalid_token"' if given else "")
    return _problem(problem(error), headers)


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    texts = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address. A WHIP endpoint is /whip/ and a broadcast's number.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body may have at most {MAX_OFFER_BYTES} bytes.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This method is not allowed here. OPTIONS lists those that are.",
    }
    code = status.phrase.lower().replace(" ", "_")
    document: dict[str, object] = {
        "type": f"urn:rostra:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": texts.get(status, status.phrase),
        "code": code,
    }
    return _problem(document, dict(error.headers or {}))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("request_crashed", method=request.method, exc_info=error)
    crash = RostraError(user_message="Something broke on the stage. The log says more; try again.")
    document = problem(crash) | {"status": 500, "title": "Internal Server Error", "code": "internal"}
    document["type"] = "urn:rostra:problem:internal"
    return _problem(document, {})


async def _allow_origins(message: Message, scope: Scope) -> None:  # noqa: ARG001  # Litestar's signature
    """Any page may call: what counts is the ticket, and no cookie is ever looked at."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "Location, ETag, Link, Retry-After, Accept-Post, Accept-Patch"
