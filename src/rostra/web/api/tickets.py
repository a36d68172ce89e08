"""Tickets for speakers: the one part of the API that any page and any tool may call."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromPath, SkipValidation

from rostra.flows.issue_ticket import IssuedTicket, issue_ticket
from rostra.platform.errors import Invalid, RostraError, problem
from rostra.platform.randomness import fingerprint
from rostra.web import answers
from rostra.web.api.describing import answering, json_body, taking
from rostra.web.pages.speaking import seat_of
from rostra.web.problems import PROBLEM_TYPE
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
ADDRESS: Final = "/api/v1/invitations/{token:str}/ticket"
BODY_BYTES: Final = 4_096
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
}


SEAT_REFUSED: Final = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.GONE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_NAME: Final = Schema(
    type=OpenAPIType.OBJECT,
    properties={"name": Schema(one_of=[Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.NULL)])},
)


class TicketRequest(msgspec.Struct, frozen=True):
    """name: how the speaker wants to be called; absent or empty: as the host wrote it."""

    name: str | None = None


@route(
    ADDRESS,
    http_method=[HttpMethod.POST, HttpMethod.OPTIONS],
    request_max_body_size=BODY_BYTES,
    status_code=200,
    responses=answering(IssuedTicket, "The ticket.", *SEAT_REFUSED)
    | {204: ResponseSpec(None, generate_examples=False, description="What a browser asks first (CORS).")},
    operation_class=taking(body=json_body(_NAME, required=False)),
)
async def ticket(
    request: AnyRequest, site: NamedDependency[SkipValidation[Site]], token: FromPath[str]
) -> Response[bytes]:
    """Body: JSON {"name"} or nothing. No cookie counts here: whoever holds the link may take the seat."""
    if request.method == HttpMethod.OPTIONS:
        return Response(b"", status_code=204, headers=CORS)
    try:
        await seat_of(request, site, token)
        site.limits.ticket.take(fingerprint(token))
        issued = await issue_ticket(site.house, token, _wanted(await request.body()).name)
    except RostraError as error:
        headers = CORS | {"Cache-Control": "no-store"}
        if error.retry_after_s is not None:
            headers["Retry-After"] = str(error.retry_after_s)
        content = msgspec.json.encode(problem(error))
        return Response(content, status_code=error.status, media_type=PROBLEM_TYPE, headers=headers)
    answer = answers.as_json(issued)
    answer.headers.update(CORS)
    return answer


def _wanted(body: bytes) -> TicketRequest:
    """Raises Invalid."""
    try:
        return msgspec.json.decode(body, type=TicketRequest) if body.strip() else TicketRequest()
    except msgspec.DecodeError as error:
        raise Invalid(
            str(error), user_message='Send JSON such as {"name": "Ada"}, or nothing.', field="name"
        ) from error


handlers = [ticket]
