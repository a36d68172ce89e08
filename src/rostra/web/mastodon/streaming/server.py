"""A port for streams alone: ten thousand of them in some hundred megabytes.

Why not granian here, as for the rest of the site: each of its WebSockets holds a read buffer of 128 KiB, 1.5 GB for ten
thousand idle ones. What these connections ask is one request without a body; after it they are told, hour after hour.
So a connection is this protocol, a few hundred bytes, and speaks to the door of the streams as any ASGI server would.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.platform.listening import listen
from rostra.platform.tasks import Tasks
from rostra.web.mastodon.streaming.frames import (
    BINARY,
    CLOSE,
    NO_TEXT,
    PING,
    PONG,
    TEXT,
    BadFrames,
    Frames,
    Received,
    accepted,
    closing,
    frame,
)

if TYPE_CHECKING:
    from litestar.types import ASGIApp

BACKLOG: Final = 4096
HEAD_BYTES: Final = 8 * 1024
"""Fails closed: the connection ends, as it does for whoever still writes its head after `StreamBounds.head_s`."""
FIELDS_MAX: Final = 64
MESSAGE_BYTES: Final = 4096
"""Of what an app says: wishes of a hundred bytes. Fails closed (1009)."""
HIGH_WATER_BYTES: Final = 64 * 1024
MESSAGES_MAX: Final = 64
"""Wishes that may wait for the door; then nothing more is read until it has taken them."""
TICK_S: Final = 1.0
_connections = metrics.gauge("stream_connections", "Connections of the port for streams.")
_dropped = metrics.counter("stream_connections_dropped", "Connections of that port ended from here.", ("why",))


class CannotListen(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "cannot_listen"


@dataclass(frozen=True, slots=True)
class StreamBounds:
    """connections: open at once. head_s: for a whole head. deaf_s: for which a reader may take nothing of what waits.

    All fail closed: the connection is ended, and an app comes back and reads its timeline.
    """

    connections: int
    head_s: float = 10.0
    deaf_s: float = 30.0


class StreamServer:
    """app: answers requests without a body and WebSockets (ASGI 3)."""

    def __init__(self, app: ASGIApp, clock: Clock, bounds: StreamBounds) -> None:
        self.app = app
        self.bounds = bounds
        self.tasks = Tasks()
        self.now_s = clock.monotonic()
        self._clock = clock
        self._open: set[_Line] = set()

    def __len__(self) -> int:
        return len(self._open)

    async def run(self, host: str, port: int) -> None:
        """Listen until cancelled. Raises CannotListen with what to do."""
        try:
            listener = await listen(lambda: _Line(self), host, port, backlog=BACKLOG)
        except OSError as error:
            raise CannotListen(
                f"{host}:{port}: {error}",
                user_message=f"The site cannot listen for streams on {host}:{port} ({error.strerror or error}). "
                "Stop what uses that port, or set ROSTRA_STREAMING_PORT to another.",
            ) from error
        try:
            while True:
                await self._clock.sleep(TICK_S)
                self.tick()
        finally:
            listener.close()
            for line in list(self._open):
                line.drop("closing")
            await self.tasks.close()

    def tick(self) -> None:
        """Once a second: end those who are too slow to ask or to listen."""
        self.now_s = self._clock.monotonic()
        _connections.set(len(self._open))
        for line in [each for each in self._open if each.since_s is not None]:
            bound = self.bounds.deaf_s if line.has_asked else self.bounds.head_s
            if line.since_s is not None and self.now_s - line.since_s > bound:
                line.drop("deaf" if line.has_asked else "head")

    def opened(self, line: _Line) -> None:
        self._open.add(line)
        if len(self._open) > self.bounds.connections:
            line.drop("full")

    def closed(self, line: _Line) -> None:
        self._open.discard(line)


class _Line(asyncio.Protocol):
    """One connection: a head, then whatever the application sends.

    since_s: since when it owes us something, its head or the reading of what was sent; None while it does not.
    """

    __slots__ = (
        "_begun",
        "_frames",
        "_gone",
        "_input",
        "_key",
        "_messages",
        "_room",
        "_server",
        "_transport",
        "_waiter",
        "has_asked",
        "since_s",
    )

    def __init__(self, server: StreamServer) -> None:
        self._server = server
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._input = b""
        self._frames: Frames | None = None
        self._key = b""
        self._messages: deque[dict[str, Any]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._begun = self._gone = False
        self.has_asked = False
        self.since_s: float | None = server.now_s

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.closed(self)
        self._leave()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._gone:
            return
        if not self.has_asked:
            self._ask(data)
        elif self._frames is not None:
            self._hear(self._frames, data)
        else:
            self.drop("spoke")  # a reader of server-sent events has nothing to say

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.since_s = self._server.now_s
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        self.since_s = self._server.now_s if self._transport.is_closing() else None
        if self._room is not None:
            self._room.set_result(None)
            self._room = None

    def drop(self, why: str) -> None:
        _dropped.labels(why).inc()
        self._leave()
        self._transport.abort()

    # the head

    def _ask(self, data: bytes) -> None:
        self._input += data
        head, end, rest = self._input.partition(b"\r\n\r\n")
        if len(head) > HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif end:
            self._input = b""
            self.has_asked, self.since_s = True, None
            self._begin(head, rest)

    def _begin(self, head: bytes, rest: bytes) -> None:
        scope = _scope(head, self._transport.get_extra_info("peername"))
        if scope is None:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if scope["type"] == "websocket":
            fields = dict(scope["headers"])
            self._key = fields.get(b"sec-websocket-key", b"")
            if not self._key or fields.get(b"sec-websocket-version") != b"13":
                self._refuse(HTTPStatus.UPGRADE_REQUIRED, b"sec-websocket-version: 13\r\n")
                return
            self._frames = Frames(MESSAGE_BYTES)
            self._messages.append({"type": "websocket.connect"})
        else:
            self._messages.append({"type": "http.request", "body": b"", "more_body": False})
        self._server.tasks.spawn("stream", self._run(scope))
        if rest:
            self.data_received(rest)

    async def _run(self, scope: Any) -> None:
        try:
            await self._server.app(scope, self._receive, self._send)
        finally:
            self._leave()
            self._transport.close()
            self.since_s = self._server.now_s  # what is still to be sent has its time, too

    def _refuse(self, status: HTTPStatus, more: bytes = b"") -> None:
        self._gone = True
        self._transport.write(_head(status, ()) + more + b"content-length: 0\r\n\r\n")
        self._transport.close()

    # what the application calls (ASGI)

    async def _receive(self) -> Any:
        while not self._messages:
            if self._gone:
                return {"type": "http.disconnect" if self._frames is None else "websocket.disconnect", "code": 1006}
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if len(self._messages) == MESSAGES_MAX and not self._transport.is_closing():
            self._transport.resume_reading()
        return self._messages.popleft()

    async def _send(self, message: Any) -> None:
        if self._transport.is_closing():
            return
        kind = message["type"]
        if kind == "websocket.send":
            text = message.get("text")
            self._transport.write(frame(BINARY, message["bytes"]) if text is None else frame(TEXT, text.encode()))
        elif kind == "http.response.body":
            self._transport.write(message.get("body", b""))
        elif kind == "http.response.start":
            self._transport.write(_head(HTTPStatus(message["status"]), message["headers"]) + b"\r\n")
        elif kind == "websocket.accept":
            self._begun = True
            self._transport.write(_switch(self._key, message.get("subprotocol")))
        elif self._begun:
            self._transport.write(closing(message.get("code", 1000)))
        else:
            self._refuse(HTTPStatus.FORBIDDEN)
        if self._room is not None:
            await self._room

    # what an app says

    def _hear(self, frames: Frames, data: bytes) -> None:
        try:
            for received in frames.feed(data):
                self._take(received)
        except (BadFrames, UnicodeDecodeError) as error:
            self._transport.write(closing(error.code if isinstance(error, BadFrames) else NO_TEXT))
            self._leave()
            self._transport.close()

    def _take(self, received: Received) -> None:
        kind, content = received
        if kind == PING:
            self._transport.write(frame(PONG, content))
        elif kind == CLOSE:
            self._transport.write(frame(CLOSE, content[:2]))
            self._leave()
            self._transport.close()
        elif kind != PONG and not self._gone:
            message: dict[str, Any] = {"type": "websocket.receive", "bytes": content, "text": None}
            if kind == TEXT:
                message = {"type": "websocket.receive", "bytes": None, "text": content.decode()}
            self._messages.append(message)
            if len(self._messages) == MESSAGES_MAX:
                self._transport.pause_reading()
            self._wake()

    def _leave(self) -> None:
        """The application hears that nobody is there any more; what they said before is of no use."""
        if not self._gone:
            self._gone = True
            self._messages.clear()
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _scope(head: bytes, peer: Any) -> dict[str, Any] | None:
    """The request as ASGI describes it; None for what is no request, or one that announces a body (RFC 9112)."""
    line, *lines = head.split(b"\r\n")
    pieces = line.split(b" ")
    if len(pieces) != 3 or pieces[2] != b"HTTP/1.1" or not pieces[1].startswith(b"/") or len(lines) > FIELDS_MAX:
        return None
    headers = []
    for each in lines:
        name, colon, value = each.partition(b":")
        if not colon or not name or name != name.strip() or b"\n" in each or b"\0" in each:
            return None
        headers.append((name.lower(), value.strip(b" \t")))
    fields = dict(headers)
    if b"transfer-encoding" in fields or fields.get(b"content-length", b"0") != b"0" or b"host" not in fields:
        return None
    target, _, query = pieces[1].partition(b"?")
    try:
        method, path = pieces[0].decode("ascii"), target.decode("ascii")
    except UnicodeDecodeError:
        return None
    is_socket = fields.get(b"upgrade", b"").lower() == b"websocket"
    offered = fields.get(b"sec-websocket-protocol", b"").decode("latin-1")
    return {
        "type": "websocket" if is_socket else "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": headers,
        "client": (str(peer[0]), 0) if peer else None,
        "subprotocols": [each.strip() for each in offered.split(",")] if offered else [],
    }


def _head(status: HTTPStatus, headers: Any) -> bytes:
    """Everything but the empty line. The connection is the answer's: it ends where the connection does."""
    lines = b"".join(b"%b: %b\r\n" % (name, value) for name, value in headers)
    return b"HTTP/1.1 %d %b\r\n%bconnection: close\r\n" % (status, status.phrase.encode(), lines)


def _switch(key: bytes, protocol: str | None) -> bytes:
    chosen = f"sec-websocket-protocol: {protocol}\r\n".encode("latin-1") if protocol else b""
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-accept: %b\r\n%b\r\n" % (accepted(key), chosen)
    )
