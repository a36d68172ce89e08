"""What the native API says of itself (OpenAPI 3.1, at /api/openapi.json): what is answered and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
    SecurityRequirement,
    SecurityScheme,
)

import rostra
from rostra.web.answers import JSON
from rostra.web.problems import PROBLEM_TYPE

PATH: Final = "/api"
SESSION: Final = "session"
CSRF: Final = "csrf"
READS: Final[list[SecurityRequirement]] = [{SESSION: []}]
WRITES: Final[list[SecurityRequirement]] = [{SESSION: [], CSRF: []}]
_REFUSED: Final = {
    HTTPStatus.BAD_REQUEST: "The request could not be read.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in.",
    HTTPStatus.FORBIDDEN: "Whoever is signed in may not do this, or the token against forged requests is missing.",
    HTTPStatus.NOT_FOUND: "There is nothing here.",
    HTTPStatus.CONFLICT: "It is in another state by now, or somebody changed it in the meantime.",
    HTTPStatus.GONE: "It is over, or the link is not good any more.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A member is missing, or cannot be taken; `field` names it.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too often. Retry-After says when to come again.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The disk of the server is full.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A part of the site does not answer. Retry-After says when to come again.",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was refused (RFC 9457). code: the last part of `type`. detail: for people. field: what is wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | msgspec.UnsetType = msgspec.UNSET
    field: str | msgspec.UnsetType = msgspec.UNSET


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """It is done, and there is nothing more to say."""

    ok: bool = True


def answering(
    kind: Any, text: str, *refused: HTTPStatus, status: int = 200, media_type: str = JSON
) -> dict[int, ResponseSpec]:
    """The responses of a handler: `kind` with `status`, and problems. kind: None for no content."""
    found = {status: ResponseSpec(kind, generate_examples=False, description=text, media_type=media_type)}
    for each in (HTTPStatus.BAD_REQUEST, *refused, HTTPStatus.SERVICE_UNAVAILABLE):
        found[int(each)] = ResponseSpec(
            Problem, generate_examples=False, description=_REFUSED[each], media_type=PROBLEM_TYPE
        )
    return found


def taking(*parameters: Parameter, body: RequestBody | None = None) -> type[Operation]:
    """For handlers that read their query or body themselves: an operation that names them."""

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or []), *parameters]
            self.request_body = body or self.request_body

    return Described


def json_body(schema: Schema, *, required: bool) -> RequestBody:
    return RequestBody(content={JSON: OpenAPIMediaType(schema=schema)}, required=required)


def whole_number(name: str, text: str) -> Parameter:
    """A number in the query, of 0 or more."""
    schema = Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=10**18 - 1)
    return Parameter(name=name, param_in="query", required=True, description=text, schema=schema)


def openapi(cookie_name: str) -> OpenAPIConfig:
    """cookie_name: of the session."""
    return OpenAPIConfig(
        title="Rostra",
        version=rostra.__version__,
        description="Broadcasts for the programs of those who organise them, and seats for speakers. Apps of the "
        "network speak the Mastodon API, which is described at docs.joinmastodon.org.",
        path=PATH,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                SESSION: SecurityScheme(
                    type="apiKey", name=cookie_name, security_scheme_in="cookie", description="The session of a member."
                ),
                CSRF: SecurityScheme(
                    type="apiKey",
                    name="X-Rostra-CSRF",
                    security_scheme_in="header",
                    description='The content of `<meta name="csrf-token">` on any page of the member.',
                ),
            }
        ),
    )


__all__ = ["READS", "WRITES", "Done", "Problem", "answering", "json_body", "openapi", "taking", "whole_number"]
