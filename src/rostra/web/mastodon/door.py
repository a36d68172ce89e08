"""What stands before every address of the Mastodon API: open to scripts of other sites, with the caller's allowance.

Opening it gives nothing away: cookies count for nothing here, so a script has what its token has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from litestar.enums import ScopeType

from rostra.shield.allowance import Allowance
from rostra.web.mastodon.asking import ALLOWANCE

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

_OPEN: Final = re.compile(
    r"/api/v(?!1/(broadcasts|invitations)(/|$))\d+/|/oauth/(token|revoke)$|/\.well-known/|/nodeinfo/", re.ASCII
)
_CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Date"),
)
_PREFLIGHT: Final = (
    *_CORS,
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key"),
    (b"access-control-max-age", b"86400"),
)


def is_open(path: str) -> bool:
    """Whether an address belongs to the Mastodon API, or to the documents beside it."""
    return _OPEN.match(path) is not None


def opened(app: ASGIApp) -> ASGIApp:
    """The application with CORS (fetch.spec.whatwg.org) and the headers of the allowance on the API's answers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not is_open(scope["path"]):
            await app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            start: Any = {"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)}
            await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_CORS, *_allowed(scope)]
            await send(message)

        await app(scope, receive, send_open)

    return answer


def _allowed(scope: Scope) -> list[tuple[bytes, bytes]]:
    allowance: Allowance | None = scope.get(ALLOWANCE)  # type: ignore[assignment]  # ours
    if allowance is None:
        return []
    return [(name.lower().encode(), value.encode()) for name, value in allowance.headers().items()]
