"""Two addresses of one site: the public's, and the one of speakers, hosts and moderators (ADR 74).

At the public address a page of theirs is a short answer that leads to the other one, before anything waits for a place.
At their own address there is nothing else: a page of the public leads back, and whoever is not signed in and asks for
something that is neither theirs nor the way in is refused before it costs anything. Fails closed.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar.enums import ScopeType

from rostra.platform.errors import Forbidden, problem
from rostra.web.guards.bulkheads import is_backstage
from rostra.web.rendering import STATIC_PATH
from rostra.web.site import Site

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

_NO_PAGES: Final = ("/api/", "/healthz", "/readyz")
_WAY_IN: Final = re.compile(rf"/(sign-in|sign-out|recover|suspended)(/|$)|{STATIC_PATH}/")


class PublicsOwn(Forbidden):
    code = "not_backstage"
    user_message = "This address is for speakers, hosts and moderators. Ask for this at the site's own address."


_DOCUMENT: Final = json.dumps(problem(PublicsOwn())).encode()


def led_backstage(app: ASGIApp, site: Site) -> ASGIApp:
    """The public's application. Without an address of its own, backstage stays where everybody is."""
    if not site.backstage_url:
        return app

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == ScopeType.HTTP else ""
        if is_backstage(path) and not path.startswith(_NO_PAGES) and _opens_a_page(scope):
            await _lead(scope, send, site.backstage_url)
        else:
            await app(scope, receive, send)

    return answer


def backstage_only(app: ASGIApp, site: Site) -> ASGIApp:
    """The application at the address of speakers, hosts and moderators.

    A session's cookie is not looked at here, only that there is one: who made it up waits behind those who did not.
    """
    cookie = site.cookie_name.encode() + b"="

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or is_backstage(scope["path"]) or _WAY_IN.match(scope["path"]):
            await app(scope, receive, send)
        elif _opens_a_page(scope):
            await _lead(scope, send, site.url)
        elif any(name == b"cookie" and cookie in value for name, value in scope["headers"]):
            await app(scope, receive, send)
        else:
            headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
            await _say(send, PublicsOwn.status, headers, _DOCUMENT)

    return answer


def _opens_a_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and any(  # type: ignore[typeddict-item]
        name == b"accept" and b"text/html" in value for name, value in scope["headers"]
    )


async def _lead(scope: Scope, send: Send, address: str) -> None:
    """To the same page at the other address. The path goes as it came, still encoded, so that it ends no header."""
    raw: Any = scope
    query = b"?" + raw["query_string"] if raw["query_string"] else b""
    headers = [(b"location", address.encode() + raw["raw_path"] + query), (b"cache-control", b"no-store")]
    await _say(send, HTTPStatus.TEMPORARY_REDIRECT, headers, b"")


async def _say(send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    start: Any = {"type": "http.response.start", "status": status.value, "headers": [*headers, length]}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
