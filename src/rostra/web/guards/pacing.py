"""Slow bodies and slow readers, which the HTTP server under site and stage waits for without end.

A body may take its time, but not more than a slow line needs: a grace, and then a rate. A stream's reader may stand
still for a while, but not longer. Both fail closed: the request is answered 408, or its connection ends.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from litestar.enums import ScopeType

from rostra.platform import metrics
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send

_log = get_logger(__name__)
_ended = metrics.counter("http_slow_requests", "Requests that were ended for their slowness.", ("why",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """grace_s: for the first bytes, and for all pauses together; bytes_per_s: the slowest line that is waited for;
    longest_s: the longest that any body takes; unread_s: how long one piece of a stream may wait to be read.
    """

    grace_s: float = 20.0
    bytes_per_s: float = 1000.0
    longest_s: float = 3600.0
    unread_s: float = 60.0

    def due_s(self, received_bytes: int) -> float:
        """For how many seconds in all a body is waited for, of which so much has come."""
        return min(self.grace_s + received_bytes / self.bytes_per_s, self.longest_s)


class BodyTooSlow(RostraError):
    status, code = HTTPStatus.REQUEST_TIMEOUT, "body_too_slow"
    user_message = "What you sent did not arrive in time. Check your connection and send it again."


class ReaderTooSlow(RostraError):
    """Nobody is told: whoever should read this does not read."""

    status, code = HTTPStatus.REQUEST_TIMEOUT, "reader_too_slow"


def paced(app: ASGIApp, pace: Pace | None = None) -> ASGIApp:
    """The application for requests that keep to `pace`. WebSockets are left alone: they have bounds of their own."""
    chosen = pace if pace is not None else Pace()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request = _Paced(receive, send, chosen)
        try:
            await app(scope, request.receive, request.send)
        except Exception as error:
            if not request.is_deaf:
                raise
            _log.debug("reader_gone", path=scope["path"], error=type(error).__name__)

    return answer


class _Paced:
    """One request. is_deaf: its client has stopped to read, so there is nobody to be told of a failure."""

    def __init__(self, receive: Receive, send: Send, pace: Pace) -> None:
        self._receive = receive
        self._send = send
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._waited_s = 0.0
        self._received_bytes = 0
        self._is_whole = False
        self.is_deaf = False

    async def receive(self) -> ReceiveMessage:
        """Raises BodyTooSlow while a body is on its way; waits for the client's end as long as it takes.

        Only the time counts in which we wait for the client, not what we do with what has come.
        """
        if self._is_whole:
            return await self._receive()
        began_s = self._loop.time()
        try:
            async with asyncio.timeout(self._pace.due_s(self._received_bytes) - self._waited_s):
                message = await self._receive()
        except TimeoutError as error:
            _ended.labels("body").inc()
            raise BodyTooSlow(f"{self._received_bytes} bytes so far") from error
        self._waited_s += self._loop.time() - began_s
        if message["type"] == "http.request":
            self._received_bytes += len(message["body"])
            self._is_whole = not message["more_body"]
        return message

    async def send(self, message: Message) -> None:
        """Raises ReaderTooSlow when a piece of a stream is not taken."""
        if message["type"] != "http.response.body" or not message["more_body"]:
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._pace.unread_s):
                await self._send(message)
        except TimeoutError as error:
            _ended.labels("reader").inc()
            self.is_deaf = True
            raise ReaderTooSlow("a piece of a stream was not read") from error
