"""One connection of a player: requests in, prepared bytes out.

Why not granian here, as in site and stage: with bare handlers on one core, the same body of 5.2 kB and nginx 1.22
as the measure, granian's embedded RSGI server answered half as many requests for a CPU-second as nginx, since each
crosses from a thread of its own to the loop and becomes a task; this protocol on uvloop answered 1.2 times as many.
A progressive listener cost 28 us of CPU a second there and 18 us here, at two writes a second each, of which one is
left. And a held request is no coroutine here, only an entry in a dictionary. bench/README.md has the numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, cast

from rostra.shield.addresses import Origin, origin_of
from rostra.shield.admission import HEADER
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.asker import Asker, Want
from rostra.web.edge.gate import EdgeGate
from rostra.web.edge.lane import Lane
from rostra.web.edge.reply import Reply, failure
from rostra.web.edge.request import (
    MAX_HEAD_BYTES,
    NO_FIELDS,
    NO_HEAD,
    BadRequest,
    Fields,
    Head,
    HeadReader,
    HeadTooLarge,
    origin_form,
    request_line,
)
from rostra.web.edge.routes import NOT_ALLOWED, PREFLIGHT, Ready, Routes

HIGH_WATER_BYTES: Final = 256 * 1024
"""Unsent answers beyond this stop the reading of further requests (a client that pipelines and never reads)."""
COPIED_BYTES: Final = 8 * 1024
"""A longer body goes out beside its head; to join them costs more than a second piece."""
MOST_PIPELINED: Final = 100
"""Requests that are answered in one go; after those the connection closes. Players and proxies send one at a time.
Fails closed, so that nobody has the loop for long with one packet.
"""
MOST_WAITING_BYTES: Final = 32 * 1024
"""What may wait behind a request that is held, or behind a refusal; more is dropped with its connection, so that nobody
has memory for what they only send. Fails closed; four heads of the longest kind fit.
"""
_END: Final = b"\r\n\r\n"


class Acceptor(Protocol):
    """What a connection knows of the server that accepted it. See `Server`."""

    now_s: float
    requests: int
    keep_tail: bytes
    close_tail: bytes
    gate: EdgeGate
    heads: HeadReader
    lane: Lane
    resting: set[Connection]
    routes: Routes

    def opened(self, connection: Connection) -> None: ...
    def begins(self, connection: Connection) -> None: ...
    def ends(self, connection: Connection) -> None: ...
    def stalled(self, connection: Connection) -> None: ...
    def unstalled(self) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """Answers in order, one request at a time; what is pipelined behind a held request waits in `_input`.

    To the gate, the guards and the endpoints it is an `Asker`.
    """

    __slots__ = (
        "_head",
        "_input",
        "_left",
        "_origin",
        "_proxied",
        "_server",
        "_transport",
        "admitted",
        "closing",
        "fields",
        "has_asked",
        "held",
        "in_lane",
        "network",
        "path",
        "query",
        "refused",
        "rests_until_s",
        "seen_s",
        "shown_as",
        "stalled_s",
        "streaming",
        "ticket",
        "want",
    )

    def __init__(self, server: Acceptor) -> None:
        self._server = server
        self._head = NO_HEAD
        self._input = b""
        self._origin: Origin | None = None
        self._proxied: bool | None = None
        self._left: Callable[[Asker], None] | None = None
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.closing = False
        self.held = self.streaming = self.has_asked = self.in_lane = False
        self.admitted: bool | None = None
        self.refused = 0
        self.shown_as = ""
        self.network = ""
        self.rests_until_s = 0.0
        self.seen_s = server.now_s
        self.stalled_s: float | None = None
        self.ticket = b""
        self.want = Want()
        self.path = self.query = b""
        self.fields = NO_FIELDS

    @property
    def peer(self) -> str:
        found = self._transport.get_extra_info("peername")
        return str(found[0]) if found else ""

    def address(self, fields: Fields) -> str:
        return self._server.gate.proxies.client(self.peer, fields.forwarded.decode("latin-1"))

    def origin(self, fields: Fields) -> Origin:
        """The networks of `address`. Those of the peer are looked up once."""
        return origin_of(self.address(fields)) if self.through_proxy else self.home

    @property
    def home(self) -> Origin:
        if self._origin is None:
            self._origin = origin_of(self.peer)
        return self._origin

    @property
    def through_proxy(self) -> bool:
        if self._proxied is None:
            self._proxied = self.peer in self._server.gate.proxies
        return self._proxied

    @property
    def in_head(self) -> bool:
        """The start of a request is here and its end is not."""
        return bool(self._input)

    @property
    def is_idle(self) -> bool:
        """Whatever was asked has been answered."""
        busy = self.held or self.streaming or self.in_lane or self.in_head or self.rests_until_s
        return self.has_asked and not busy and self.stalled_s is None

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.closed(self)
        if self.stalled_s is not None:
            self._server.unstalled()
        if self._left is not None:
            self._left(self)

    def data_received(self, data: bytes) -> None:
        if self.closing:
            return
        if self._input:
            # seen_s stays: a head that trickles in has ten seconds in all, and is read again only when it may be whole.
            is_whole = _END in self._input[-3:] + data
            data = self._input + data
            if not is_whole and len(data) <= MAX_HEAD_BYTES:
                self._input = data
                return
            self._server.ends(self)
        else:
            self.seen_s = self._server.now_s
            self.has_asked = True
        if self.held or self.in_lane or self.stalled_s is not None or self.rests_until_s:
            self._keep(data)
        else:
            self._take(data)

    def pause_writing(self) -> None:
        if self.stalled_s is None:
            self.stalled_s = self._server.now_s
            self._server.stalled(self)

    def resume_writing(self) -> None:
        if self.stalled_s is not None:
            self.stalled_s = None
            self._server.unstalled()
        self._go_on()

    # what the endpoints call

    def hold(self, want: Want, left: Callable[[Asker], None]) -> None:
        self.held = True
        self.want = want
        self._left = left

    def send_held(self, payload: bytes) -> None:
        self.held = False
        self._left = None
        self.seen_s = self._server.now_s
        self._transport.write(payload)
        if self.closing:
            self._transport.close()
        else:
            self._go_on()

    def take_back(self, payload: bytes) -> None:
        """End what is under way with an answer, or at once where a stream has begun: it may not go on."""
        if self.streaming:
            self.drop()
        elif self.held:
            if self._left is not None:
                self._left(self)
            self.send_held(payload)

    def rest(self, seconds: float) -> None:
        """Read nothing from this connection for a while; the server wakes it. What it sends meanwhile waits outside."""
        self.rests_until_s = self._server.now_s + seconds
        self._transport.pause_reading()
        self._server.resting.add(self)

    def wake(self) -> None:
        """The rest is over."""
        self.rests_until_s = 0.0
        self.seen_s = self._server.now_s
        self._go_on()

    def take_turn(self) -> None:
        """Answer one request: the lane has come to this connection."""
        self.in_lane = False
        self.seen_s = self._server.now_s
        self._go_on(self._server.lane)

    def start_stream(self, head: bytes, left: Callable[[Asker], None]) -> None:
        self.held = self.closing = self.streaming = True
        self._left = left
        self._transport.write(head)

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def unsent_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    def finish(self) -> None:
        self._transport.close()

    def drop(self) -> None:
        self.closing = True
        self._transport.abort()

    # requests

    def _go_on(self, lane: Lane | None = None) -> None:
        """Take up what came while the connection was held or stalled, or waited in the lane."""
        if self.held or self.closing or self.in_lane or self.stalled_s is not None or self.rests_until_s:
            return
        data, self._input = self._input, b""
        if self._transport.is_closing():
            return
        self._transport.resume_reading()
        if not data:
            return
        if lane is None:
            self._take(data)
        else:
            self._answer(data, lane)

    def _keep(self, data: bytes) -> None:
        """Leave for later."""
        if len(data) > MOST_WAITING_BYTES:
            self.drop()
            return
        self._input = data
        if len(data) > MAX_HEAD_BYTES:
            self._transport.pause_reading()

    def _take(self, data: bytes) -> None:
        """Answer at once or, without a ticket while the edge is pressed, when the lane comes to it."""
        lane = self._server.lane
        if lane.is_open and (self.admitted is False or HEADER not in data):
            self._keep(data)
            if not self.closing:
                lane.join(self)
        else:
            self._answer(data)

    def _answer(self, data: bytes, lane: Lane | None = None) -> None:
        """Answer every whole request in `data`; keep the rest. lane: where what follows the first one waits again."""
        server = self._server
        files, ready = server.routes.files, server.routes.ready
        last = server.requests + (MOST_PIPELINED if lane is None else 1)
        gate = server.gate
        try:
            while data and not (self.held or self.closing or self.rests_until_s) and self.stalled_s is None:
                end = data.find(_END)
                if end < 0 or end > MAX_HEAD_BYTES:
                    if len(data) > MAX_HEAD_BYTES:
                        raise HeadTooLarge(f"head of more than {MAX_HEAD_BYTES} bytes")
                    if not self.through_proxy:
                        server.begins(self)
                    break
                if server.requests == last and lane is not None:
                    lane.join(self)
                    break
                line, _, lines = data[: end + 2].partition(b"\r\n")
                data = data[end + 4 :]
                if not line:
                    line, _, lines = lines.partition(b"\r\n")
                if server.requests == last:
                    self.closing = True
                    self._transport.close()
                    break
                server.requests += 1
                pieces = line.split(b" ")
                if len(pieces) == 3 and pieces[0] == b"GET":
                    # The straight way: what is a key of `files` or `ready` needs no further look.
                    target = pieces[1]
                    found = files.get(target) or ready.get(target)
                    if found is not None and (fields := (head := self._read(pieces[2], lines)).fields).plain:
                        refusal = gate.media(self, target, b"", fields, head.ticket) if gate.watches_media else None
                        answer = refusal or (found.taken(gzip=fields.gzip) if isinstance(found, Ready) else found)
                        if len(answer.body) > COPIED_BYTES:
                            self._transport.writelines((answer.head + server.keep_tail, answer.body))
                        else:
                            self._transport.write(b"".join((answer.head, server.keep_tail, answer.body)))
                        continue
                method, target, version = request_line(line)
                head = self._read(version, lines)
                self._respond(method, target, head.fields, head.ticket)
        except BadRequest as error:
            self._send(failure(error, cache="no-store"), head=False, close=True)
            data = b""
        self._input = data

    def _read(self, version: bytes, lines: bytes) -> Head:
        """What the fields say. Players send the same with each request, and their ticket is long."""
        head = self._head
        if lines != head.lines or version != head.version:
            head = self._head = self._server.heads.head(version, lines, secure=self._server.gate.secure)
        return head

    def _respond(self, method: bytes, target: bytes, fields: Fields, ticket: bytes) -> None:
        """Everything but the straight way from a path to its bytes. The ticket stays, for endpoints that ask for it."""
        self.ticket = ticket
        self.closing = close = fields.close or fields.body
        head = method == b"HEAD"
        answer: Reply | None
        if method == b"OPTIONS":
            answer = PREFLIGHT
        elif head or method == b"GET":
            path, _, query = origin_form(target).partition(b"?")
            answer = self._admitted(path, query, fields, ticket, head=head)
        else:
            answer = NOT_ALLOWED
        if answer is not None:
            self._send(answer, head=head, close=close)

    def _admitted(self, path: bytes, query: bytes, fields: Fields, ticket: bytes, *, head: bool) -> Reply | None:
        """The answer, or that of the gate. Who would be held or streamed to needs room in a bulkhead too."""
        gate = self._server.gate
        endpoint = self._server.routes.endpoints.get(path)
        bulkhead = endpoint.bulkhead if endpoint is not None else None
        if bulkhead is Bulkhead.ENTRY:
            refusal = None  # the entrance asks by itself, as it has an answer for everybody
        elif bulkhead is not None and not head:
            refusal = gate.enter(bulkhead, self, path, query, fields, ticket)
        else:
            refusal = gate.media(self, path, query, fields, ticket) if gate.watches_media else None
        if refusal is not None:
            return refusal
        self.path, self.query, self.fields = path, query, fields
        return self._server.routes.find(self, path, query, fields, head=head)

    def _send(self, answer: Reply, *, head: bool, close: bool) -> None:
        tail = self._server.close_tail if close else self._server.keep_tail
        self._transport.write(b"".join((answer.head, tail, b"" if head else answer.body)))
        if close:
            self.closing = True
            self._transport.close()
