"""Whoever speaks, hosts or moderates does not stand in the public's queue: each side of the site has its own places.

A process has one loop. With a thousand requests in it at once, each gets a thousandth of it, whoever asked. So only
`AT_ONCE` requests of the public are worked on at a time and `WAITING` more may wait; backstage has places of its own.
A request gives its place back while it waits for its own body, so that a slow upload keeps nobody out, and with the
first byte of its answer, so that an answer without end takes none.

Fails closed for the public, with 503 and Retry-After; backstage too, at its own bound.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar.enums import ScopeType

from rostra.platform import metrics
from rostra.platform.errors import Unavailable, problem
from rostra.platform.randomness import jittered

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

AT_ONCE, WAITING = 16, 128
RETRY_S: Final = 6.0
_BACKSTAGE: Final = re.compile(
    r"/(i|subjects)/|/(desk|broadcasts)(/|$)|/b/[^/]+/(control|stage|edit)$"
    r"|/api/v1/(invitations|broadcasts|stages)(/|$)|/(healthz|readyz)$"
)
"""Links of seats, what hosts and moderators have before them, and what watches over the process."""
_refused = metrics.counter("site_busy", "Requests for which the site had no place any more, by side.", ("side",))


class Busy(Unavailable):
    code = "overloaded"
    user_message = "This server has more visitors than it can serve well. Wait a few seconds, then try again."


_DOCUMENT: Final = json.dumps(problem(Busy()) | {"error": Busy.user_message}).encode()
"""RFC 9457, and with the member that apps of the Mastodon API show."""


class Places:
    """So many at once, and so many who wait, in the order in which they came."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> bool:
        """Wait for a place; False at once when too many wait."""
        if not self._free and len(self._waiting) >= self._most_waiting:
            return False
        await self.come_back()
        return True

    async def come_back(self, *, first: bool = False) -> None:
        """Wait for a place, however many do. first: before all others, since one was held already."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first else self._waiting.append)(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place to whoever has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class _Stay:
    """One request's place. Comes and goes with what the application does."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._is_inside = True
        self._has_answered = False

    def leave(self) -> None:
        if self._is_inside:
            self._is_inside = False
            self._places.leave()

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> Any:
            if self._has_answered:
                return await receive()
            self.leave()
            message = await receive()
            await self._places.come_back(first=True)
            self._is_inside = True
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: Any) -> None:
            self._has_answered = True
            self.leave()
            await send(message)

        return sent


def is_backstage(path: str) -> bool:
    return _BACKSTAGE.match(path) is not None


def kept_apart(app: ASGIApp, public: Places | None = None, backstage: Places | None = None) -> ASGIApp:
    """The application with places for the public and, apart from them, for backstage."""
    public, backstage = public or Places(), backstage or Places()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        behind = is_backstage(scope["path"])
        places = backstage if behind else public
        if not await places.enter():
            _refused.labels("backstage" if behind else "public").inc()
            await _refuse(send)
            return
        stay = _Stay(places)
        try:
            await app(scope, stay.receiving(receive), stay.sending(send))
        finally:
            stay.leave()

    return answer


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(_DOCUMENT)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", str(max(1, round(jittered(RETRY_S, spread=2 / 3)))).encode()),
    ]
    start: Any = {"type": "http.response.start", "status": HTTPStatus.SERVICE_UNAVAILABLE.value, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": _DOCUMENT, "more_body": False})
