"""The edge's listening socket and everything that concerns all connections at once."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.listening import listen
from rostra.platform.log import get_logger
from rostra.platform.syn_filter import attach
from rostra.shield.addresses import Proxies
from rostra.web.edge.bounds import Bounds, Networks
from rostra.web.edge.connection import Connection
from rostra.web.edge.gate import EdgeGate
from rostra.web.edge.guarding import broadcast_of
from rostra.web.edge.lane import Lane
from rostra.web.edge.reply import Reply, failure
from rostra.web.edge.request import HeadReader
from rostra.web.edge.routes import Routes
from rostra.web.edge.sweep import Sweep

_log = get_logger(__name__)

BACKLOG: Final = 4096
RECEIVE_BYTES: Final = 16 * 1024
"""What the kernel holds of what a connection has sent and nobody has read: nobody sends us more than a head."""
DRAIN_S: Final = 3.0
_RESERVED_FILES: Final = 64
_connections = metrics.gauge("edge_connections", "Connections that are open.")
_requests = metrics.counter("edge_requests", "Requests that were read.")
_refused = metrics.counter("edge_refused_connections", "Connections refused: process or network full.", ("why",))
_dropped = metrics.counter("edge_dropped_connections", "Connections ended: too slow, or of a barred network.", ("why",))


class CannotListen(RostraError):
    """The port is taken or the address is not this machine's."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "cannot_listen"


class Full(Unavailable):
    code = "full"
    user_message = "This server has all the listeners that it can take. Try again in a few seconds."
    retry_after_s = 5


class Crowded(Full):
    code = "network_full"
    user_message = "Too many connections come from your network at the moment. Try again in a few seconds."
    retry_after_s = 10


_FULL: Final = failure(Full(), cache="no-store")
_CROWDED: Final = failure(Crowded(), cache="no-store")


class Server:
    """Accepts connections and gives them to `Connection`.

    requests: how many were read; now_s: monotonic time, at most a second old; keep_tail, close_tail: what ends a
    header, with the date. gate: the shield's; one that lets everybody through until the edge gives another.
    resting: connections that are not read for a while. limit: of open connections. shielded: False switches off what
    holds at every level, the lane.
    """

    def __init__(
        self,
        routes: Routes,
        clock: Clock,
        bounds: Bounds | None = None,
        *,
        country_header: str = "",
        shielded: bool = True,
    ) -> None:
        self.routes = routes
        self.heads = HeadReader(country_header)
        self.requests = 0
        self.now_s = clock.monotonic()
        self.keep_tail = self.close_tail = b"\r\n"
        self.gate = EdgeGate(clock)
        self.lane = Lane(off=not shielded)
        self.resting: set[Connection] = set()
        self._clock = clock
        self._open: set[Connection] = set()
        self._is_leaving = False
        self._stalled = 0
        self._heads: dict[Connection, None] = {}
        self._bounds = bounds if bounds is not None else Bounds()
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_FILES
        self.limit = min(self._bounds.connections or allowed, allowed)
        self._networks = Networks(self._bounds.per_network, Proxies(self._bounds.trusted))
        self._listener: asyncio.Server | None = None
        self._has_filter = sys.platform == "linux"
        self._counted = 0
        self._idle_s = self._bounds.idle_s
        self._sweep = Sweep(self._overdue, self._drop)
        self._full = self._crowded = b""
        self.tick()

    def __len__(self) -> int:
        return len(self._open)

    async def listen(self, host: str, port: int) -> int:
        """Start accepting; the port. Raises CannotListen with what to do."""
        try:
            self._listener = await listen(lambda: Connection(self), host, port, backlog=BACKLOG)
        except OSError as error:
            raise CannotListen(
                f"{host}:{port}: {error}",
                user_message=f"The edge cannot listen on {host}:{port} ({error.strerror or error}). "
                "Stop what uses that port, or set ROSTRA_EDGE_PORT and ROSTRA_BIND_HOST.",
            ) from error
        self.lane.soon = self._sweep.soon = asyncio.get_running_loop().call_soon
        for each in self._listener.sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        return int(self._listener.sockets[0].getsockname()[1])

    def payload(self, answer: Reply, *, close: bool) -> bytes:
        """A whole response, for those who are sent the same one."""
        return b"".join((answer.head, self.close_tail if close else self.keep_tail, answer.body))

    def opened(self, connection: Connection) -> None:
        """Count a new connection. One too many is sent a prepared answer, and nothing of it is ever read."""
        self._open.add(connection)
        connection.network, has_room = self._networks.enter(connection.peer)
        if len(self._open) > self.limit:
            self._refuse(connection, self._full, "process")
        elif not has_room:
            self._refuse(connection, self._crowded, "network")
        elif self.gate.bars.barred and connection.home.network in self.gate.bars.barred:
            self._drop(connection, "barred")

    def begins(self, connection: Connection) -> None:
        """A head has begun that is not whole yet."""
        self._heads[connection] = None
        if len(self._heads) > self._bounds.heads:
            oldest = next(iter(self._heads))
            del self._heads[oldest]
            self._drop(oldest, "many_heads")

    def ends(self, connection: Connection) -> None:
        """What had begun is whole, or will never be."""
        self._heads.pop(connection, None)

    def closed(self, connection: Connection) -> None:
        self.ends(connection)
        self.resting.discard(connection)
        self._open.discard(connection)
        self._networks.leave(connection.network)
        if connection.shown_as:
            self.gate.left(connection)

    def stalled(self, connection: Connection) -> None:
        """A connection has as much unread as it may have."""
        self._stalled += 1
        if self._stalled > self._bounds.stalled:
            self._drop(connection, "many_unread")

    def unstalled(self) -> None:
        self._stalled -= 1

    def enforce(self, broadcast: bytes) -> None:
        """End what is under way of a restricted broadcast for those who may not have it: streams, and who waits."""
        if (guard := self.routes.guards.get(broadcast)) is None:
            return
        for connection in [each for each in self._open if each.held and broadcast_of(each.path) == broadcast]:
            refused = guard.refusal(connection.path, connection, connection.fields)
            if refused is not None:
                connection.take_back(self.payload(refused, close=connection.closing))

    def press(self, *, late_ms: float, cpu: float) -> None:
        """Ten times a second. late_ms: of the loop; cpu: share of a core that the process used."""
        self.lane.look(self._clock.monotonic(), late_ms=late_ms, cpu=cpu)
        if self.gate.is_pressed != self.lane.is_open:
            self.gate.is_pressed = self.lane.is_open
            self.gate.reconsider()
        self.enforce_bars()

    def enforce_bars(self) -> None:
        """Ten times a second: end the connections of networks that are barred now; the kernel drops their next ones."""
        bars = self.gate.bars
        bars.tick(self._clock.monotonic())
        if not bars.changed:
            return
        bars.changed = False
        barred = bars.barred
        for connection in [each for each in self._open if each.home.network in barred and not each.through_proxy]:
            self._drop(connection, "barred")
        if self._listener is None or not self._has_filter:
            return
        try:
            for each in self._listener.sockets:
                attach(each, barred)
        except OSError as error:
            self._has_filter = False  # then each new connection is closed as it comes
            _log.warning("edge_cannot_filter", error=str(error))

    def tick(self) -> None:
        """Once a second: the date, the metrics, and those who have been silent or deaf for too long."""
        self.now_s = self._clock.monotonic()
        date = f"date: {format_datetime(self._clock.now(), usegmt=True)}\r\n"
        self.close_tail = f"{date}connection: close\r\n\r\n".encode()
        self.keep_tail = self.close_tail if self._is_leaving else f"{date}\r\n".encode()
        self._full = self.payload(_FULL, close=True)
        self._crowded = self.payload(_CROWDED, close=True)
        _connections.set(len(self._open))
        _requests.inc(self.requests - self._counted)
        self._counted = self.requests
        for connection in [each for each in self.resting if each.rests_until_s <= self.now_s]:
            self.resting.discard(connection)
            connection.wake()
        is_crowded = len(self._open) > self.limit * 3 // 4
        self._idle_s = self._bounds.crowded_idle_s if is_crowded else self._bounds.idle_s
        self._sweep.begin(self._open)
        if self._is_leaving:
            for connection in [each for each in self._open if each.is_idle]:
                connection.finish()

    def _overdue(self, connection: Connection) -> str:
        """Why a connection has had its time; empty while it has not, and for one that has gone meanwhile."""
        if connection not in self._open:
            return ""
        bounds = self._bounds
        if connection.stalled_s is not None and not connection.streaming:
            return "unread" if self.now_s - connection.stalled_s > bounds.unread_s else ""
        if connection.held or connection.in_lane or connection.rests_until_s:
            return ""  # it waits for us
        quiet_s = self.now_s - connection.seen_s
        if connection.in_head or not connection.has_asked:
            return "head" if quiet_s > bounds.head_s else ""
        if quiet_s > self._idle_s:
            return "idle"
        return "unread" if quiet_s > bounds.unread_s and connection.unsent_bytes() else ""

    def _refuse(self, connection: Connection, payload: bytes, why: str) -> None:
        _refused.labels(why).inc()
        connection.closing = True
        connection.write(payload)
        connection.finish()

    def _drop(self, connection: Connection, why: str) -> None:
        _dropped.labels(why).inc()
        connection.drop()

    def leave(self) -> None:
        """From now on an answer is the last one of its connection, so that whoever asks next may be led elsewhere."""
        self._is_leaving = True
        self.tick()

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
