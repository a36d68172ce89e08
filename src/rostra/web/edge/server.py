"""The edge's listening socket and everything that concerns all connections at once."""

from __future__ import annotations

import asyncio
import resource
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.log import get_logger
from rostra.web.edge.connection import Connection
from rostra.web.edge.gate import EdgeGate
from rostra.web.edge.reply import Reply, failure
from rostra.web.edge.request import HeadReader
from rostra.web.edge.routes import Routes

_log = get_logger(__name__)

BACKLOG: Final = 4096
HEAD_WITHIN_S: Final = 10.0
IDLE_S: Final = 75.0
STALLED_S: Final = 20.0
DRAIN_S: Final = 3.0
_RESERVED_FILES: Final = 64
_connections = metrics.gauge("edge_connections", "Connections that are open.")
_requests = metrics.counter("edge_requests", "Requests that were read.")
_refused = metrics.counter("edge_refused_connections", "Connections refused because the process was full.")


class CannotListen(RostraError):
    """The port is taken or the address is not this machine's."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "cannot_listen"


class Full(Unavailable):
    code = "full"
    user_message = "This server has all the listeners that it can take. Try again in a few seconds."
    retry_after_s = 5


class Server:
    """Accepts connections and gives them to `Connection`.

    requests: how many were read; now_s: monotonic time, at most a second old; keep_tail, close_tail: what ends a
    header, with the date. gate: the shield's; one that lets everybody through until the edge gives another.
    resting: connections that are not read for a while. limit: of open connections.
    """

    def __init__(self, routes: Routes, clock: Clock, *, max_connections: int | None = None) -> None:
        """max_connections: None for what the limit of open files allows."""
        self.routes = routes
        self.heads = HeadReader()
        self.requests = 0
        self.now_s = clock.monotonic()
        self.keep_tail = self.close_tail = b"\r\n"
        self.gate = EdgeGate(clock)
        self.resting: set[Connection] = set()
        self._clock = clock
        self._open: set[Connection] = set()
        self.limit = max_connections or resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_FILES
        self._listener: asyncio.Server | None = None
        self._counted = 0
        self._busy = failure(Full(), cache="no-store")
        self.tick()

    def __len__(self) -> int:
        return len(self._open)

    async def listen(self, host: str, port: int) -> int:
        """Start accepting; the port. Raises CannotListen with what to do."""
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(lambda: Connection(self), host, port, backlog=BACKLOG)
        except OSError as error:
            raise CannotListen(
                f"{host}:{port}: {error}",
                user_message=f"The edge cannot listen on {host}:{port} ({error.strerror or error}). "
                "Stop what uses that port, or set ROSTRA_EDGE_PORT and ROSTRA_BIND_HOST.",
            ) from error
        return int(self._listener.sockets[0].getsockname()[1])

    def payload(self, answer: Reply, *, close: bool) -> bytes:
        """A whole response, for those who are sent the same one."""
        return b"".join((answer.head, self.close_tail if close else self.keep_tail, answer.body))

    def opened(self, connection: Connection) -> None:
        self._open.add(connection)
        if len(self._open) > self.limit:
            _refused.inc()
            connection.closing = True
            connection.write(self.payload(self._busy, close=True))
            connection.finish()

    def closed(self, connection: Connection) -> None:
        self.resting.discard(connection)
        self._open.discard(connection)

    def tick(self) -> None:
        """Once a second: the date, the metrics, and those who have been silent or deaf for too long."""
        self.now_s = self._clock.monotonic()
        date = f"date: {format_datetime(self._clock.now(), usegmt=True)}\r\n"
        self.keep_tail = f"{date}\r\n".encode()
        self.close_tail = f"{date}connection: close\r\n\r\n".encode()
        _connections.set(len(self._open))
        _requests.inc(self.requests - self._counted)
        self._counted = self.requests
        for connection in [each for each in self.resting if each.rests_until_s <= self.now_s]:
            self.resting.discard(connection)
            connection.wake()
        for connection in [each for each in self._open if self._overdue(each)]:
            connection.drop()

    def _overdue(self, connection: Connection) -> bool:
        if connection.stalled_s is not None and not connection.streaming:
            return self.now_s - connection.stalled_s > STALLED_S
        if connection.held:
            return False
        return self.now_s - connection.seen_s > (HEAD_WITHIN_S if connection.in_head else IDLE_S)

    async def close(self) -> None:
        """Stop accepting, let what is being sent leave, then drop the rest."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._open):
            connection.finish()
        end_s = self._clock.monotonic() + DRAIN_S
        while self._open and self._clock.monotonic() < end_s:
            await self._clock.sleep(0.02)
        if self._open:
            _log.info("edge_connections_dropped", count=len(self._open))
        for connection in list(self._open):
            connection.drop()
