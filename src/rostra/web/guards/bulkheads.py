"""Whoever speaks, hosts or moderates does not stand in the public's queue: each side of the site has its own places.

A process has one loop. With a thousand requests in it at once, each gets a thousandth of it, whoever asked. So only
`AT_ONCE` requests of the public are worked on at a time and `WAITING` more may wait; backstage has places of its own,
and while somebody is in one, the public has one in all: each wait for the database lets all others compute.
A request gives its place back while it waits for its own body, so that a slow upload keeps nobody out, while it stands
in a line that has bounds of its own (`aside`), and with the first byte of its answer, so that an answer without end
takes none.

Fails closed for the public, with 503 and Retry-After; backstage too, at its own bound.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar.enums import ScopeType

from rostra.platform import metrics
from rostra.platform.errors import Unavailable, problem
from rostra.platform.randomness import jittered

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

AT_ONCE, WAITING = 8, 128
"""More would not be faster, as one loop computes all of it; it would only be longer until somebody's next turn."""
RETRY_S: Final = 6.0
_BACKSTAGE: Final = re.compile(
    r"/(i|subjects)/|/(desk|broadcasts)(/|$)|/b/[^/]+/(control|stage|edit)$"
    r"|/api/v1/(invitations|broadcasts|stages)(/|$)|/(healthz|readyz)$"
)
"""Links of seats, what hosts and moderators have before them, and what watches over the process."""
_STAY: Final = "rostra_stay"
_refused = metrics.counter("site_busy", "Requests for which the site had no place any more, by side.", ("side",))


class Busy(Unavailable):
    code = "overloaded"
    user_message = "This server has more visitors than it can serve well. Wait a few seconds, then try again."


_DOCUMENT: Final = json.dumps(problem(Busy()) | {"error": Busy.user_message}).encode()
"""RFC 9457, and with the member that apps of the Mastodon API show."""


class Places:
    """So many at once, and so many who wait, in the order in which they came.

    before: whoever goes first; while somebody is inside there, one at a time is inside here. And whoever has somebody
    before them comes in one in a turn of the loop, whatever the room: most pages are computed in one go, so a hundred
    that were let in at once would be a hundred pages before the loop looks at anybody else.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, *, before: Places | None = None) -> None:
        self.inside = 0
        self._at_once = at_once
        self._most_waiting = waiting
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._before = before
        self._behind: Places | None = None
        self._is_due = False
        if before is not None:
            before._behind = self

    @property
    def _has_room(self) -> bool:
        return self.inside < (1 if self._before is not None and self._before.inside else self._at_once)

    async def enter(self) -> bool:
        """Wait for a place; False at once when too many wait."""
        if len(self._waiting) >= self._most_waiting:
            return False
        await self.come_back()
        return True

    async def come_back(self, *, first: bool = False) -> None:
        """Wait for a place, however many do. first: before all others, since one was held already."""
        if self._has_room and self._before is None:
            self.inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first else self._waiting.append)(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """The place goes to whoever has waited longest."""
        self.inside -= 1
        self._let_in()
        if not self.inside and self._behind is not None:
            self._behind._let_in()

    def _let_in(self) -> None:
        if self._before is None:
            while self._waiting and self._has_room:
                self._let_one_in()
        elif self._waiting and self._has_room and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._is_due = False
        if self._waiting and self._has_room:
            self._let_one_in()
        self._let_in()

    def _let_one_in(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():
            self.inside += 1
            turn.set_result(None)


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

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        self.leave()
        try:
            yield
        finally:
            task = asyncio.current_task()
            if not self._has_answered and not (task is not None and task.cancelling()):
                await self._places.come_back(first=True)
                self._is_inside = True

    def sending(self, send: Send) -> Send:
        async def sent(message: Any) -> None:
            self._has_answered = True
            self.leave()
            await send(message)

        return sent


@asynccontextmanager
async def aside(scope: Mapping[str, Any]) -> AsyncIterator[None]:
    """Give the request's place back for a while: it waits in a line of its own, and others can be worked on."""
    stay: _Stay | None = scope["state"].get(_STAY) if "state" in scope else None
    if stay is None:
        yield
        return
    async with stay.aside():
        yield


def is_backstage(path: str) -> bool:
    return _BACKSTAGE.match(path) is not None


def kept_apart(app: ASGIApp, public: Places | None = None, backstage: Places | None = None) -> ASGIApp:
    """The application with places for the public and, apart from them, for backstage."""
    backstage = backstage or Places()
    public = public or Places(before=backstage)

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
        scope.setdefault("state", {})[_STAY] = stay
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
