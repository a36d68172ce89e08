"""Limits by address on the whole site, while the shield is not calm: each class of requests has its own.

On a calm day nothing is counted here; what guards secrets (sign-in, links, tickets) has limits that always hold. The
numbers and the level are those of the edges (`rostra.shield.rates`, `rostra.shield.levels`). Fails open.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar.enums import ScopeType

from rostra.platform import metrics
from rostra.platform.errors import RostraError, problem
from rostra.platform.randomness import jittered
from rostra.shield.addresses import origin_of
from rostra.shield.gate import Refusal
from rostra.shield.levels import Level
from rostra.shield.rates import Traffic
from rostra.web.rendering import STATIC_PATH
from rostra.web.site import Site

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

RETRY_S: Final = 12.0
_FREE: Final = (STATIC_PATH + "/", "/healthz", "/readyz")
"""Small files of ours, which caches hold, and what watches over the process."""
_CLASSES: Final = (
    (Traffic.SIGN_IN, re.compile(r"/(sign-in|sign-up|join|confirm|recover)(/|$)|/oauth/")),
    (Traffic.UPLOADS, re.compile(r"/api/v1/invitations/[^/]+/recordings|/api/v\d/media(/|$)")),
    (Traffic.NOTICES, re.compile(r"/(notices|reports)(/|$)|/api/v1/reports(/|$)")),
    (Traffic.API, re.compile(r"/api/|/\.well-known/|/nodeinfo/")),
    (Traffic.FEEDS, re.compile(r".*(\.rss|\.atom|\.xml|/feed)$")),
)
_refused = metrics.counter(
    "site_refused_requests", "Requests that the shield refused on the site.", ("traffic", "reason")
)


class Crowded(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"
    user_message = "Too many requests come from your network at the moment. Wait a few seconds, then try again."


_DOCUMENT: Final = json.dumps(problem(Crowded()) | {"error": Crowded.user_message}).encode()
"""RFC 9457, and with the member that apps of the Mastodon API show."""
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    f"<title>Too many requests</title><h1>Too many requests</h1><p>{Crowded.user_message}</p></html>"
).encode()


def traffic_of(path: str) -> Traffic | None:
    """The class of an address; None for what is never counted."""
    if path.startswith(_FREE):
        return None
    return next((traffic for traffic, pattern in _CLASSES if pattern.match(path)), Traffic.PAGES)


def limited(app: ASGIApp, site: Site) -> ASGIApp:
    """The application behind the limits."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        gate = site.gate
        if gate.level is Level.CALM or scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        if (traffic := traffic_of(scope["path"])) is None:
            await app(scope, receive, send)
            return
        found = gate.judge(traffic, b"", None, origin_of(_address(scope, site)))
        if not isinstance(found, Refusal):
            await app(scope, receive, send)
            return
        _refused.labels(traffic.value, found.value).inc()
        await _refuse(send, for_people=traffic in (Traffic.PAGES, Traffic.SIGN_IN) and _is_browser(scope))

    return answer


async def _refuse(send: Send, *, for_people: bool) -> None:
    """Programs get JSON, never a page; people a page of two sentences."""
    kind, body = (b"text/html; charset=utf-8", _PAGE) if for_people else (b"application/problem+json", _DOCUMENT)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", str(max(1, round(jittered(RETRY_S, spread=2 / 3)))).encode()),
    ]
    start: Any = {"type": "http.response.start", "status": Crowded.status.value, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _address(scope: Scope, site: Site) -> str:
    client: Any = scope.get("client")
    return site.proxies.client(client[0] if client else "", ",".join(_values(scope, b"x-forwarded-for")))


def _is_browser(scope: Scope) -> bool:
    return any("text/html" in value for value in _values(scope, b"accept"))


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
