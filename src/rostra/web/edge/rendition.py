"""One rendition on the air: the channel's files become addresses, its arrivals wake those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rostra.delivery.blocking import NONE, HeldTooLong, parse_directives, parts_needed
from rostra.delivery.channel import Change, Channel
from rostra.delivery.playlist import Report, part_name
from rostra.delivery.progressive import Fanout
from rostra.delivery.waiting import Waiting
from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.connection import Connection, Want
from rostra.web.edge.radio import Radio
from rostra.web.edge.reply import Reply, failure, media, playlist
from rostra.web.edge.request import Fields
from rostra.web.edge.routes import NOT_FOUND
from rostra.web.edge.server import Server

PLAIN_CACHE: Final = "public, max-age=1"
BLOCKING_LIFETIME: Final = 6
"""Target durations that an answer to a blocking request may live in caches: its address never recurs."""
HELD_LIFETIME: Final = 3
"""Target durations after which a held request is answered with 503."""

_parts = metrics.counter("edge_parts", "Parts that became listed.")
_silent = metrics.counter("edge_silent_parts", "Parts that nobody delivered in time and that became silence.")
_listeners = metrics.gauge("edge_progressive_listeners", "Open progressive streams.")
_held = metrics.gauge("edge_held_requests", "Requests that wait for a part.")
_dropped = metrics.counter("edge_slow_listeners", "Progressive listeners dropped because they did not read.")


class Stopping(Unavailable):
    code = "edge_stopping"
    user_message = "This server is being restarted. Players come back by themselves."
    retry_after_s = 1


class LiveRendition:
    """Binds a `Channel` to the addresses below `prefix` (/live/{id}/{rendition}/) and to `radio_path`.

    others: how far the other renditions are, for the playlist's reports.
    """

    bulkhead = Bulkhead.PLAYLISTS

    def __init__(
        self,
        server: Server,
        clock: Clock,
        channel: Channel,
        *,
        prefix: bytes,
        radio_path: bytes,
        others: Callable[[], tuple[Report, ...]] = tuple,
    ) -> None:
        self.channel = channel
        self._others = others
        self._server = server
        self._clock = clock
        self._prefix = prefix
        self._waiting: Waiting[Connection] = Waiting()
        self._fanout = Fanout()
        self._held_s = HELD_LIFETIME * channel.clock.target_duration_s
        self._blocking_cache = f"public, max-age={BLOCKING_LIFETIME * channel.clock.target_duration_s}"
        self._replies: dict[tuple[bool, bool, bool, tuple[Report, ...]], Reply] = {}
        self._hinted = b""
        self._counted = (0, 0)
        self._radio_path = radio_path
        self._radio: Radio | None = None
        if channel.rendition.hls:
            server.routes.endpoints[prefix + b"index.m3u8"] = self
        if channel.framer is not None:
            self._radio = Radio(self._fanout, server, channel.rendition, channel.framer)
            server.routes.endpoints[radio_path] = self._radio
        self.apply(channel.opening())

    def name_radio(self, title: str) -> None:
        """What radios show: the broadcast's title."""
        if self._radio is not None:
            self._radio.rename(title)

    # what happens

    def apply(self, change: Change) -> None:
        """Publish what changed, then wake everybody who waited for it."""
        if not change:
            return
        files, endpoints = self._server.routes.files, self._server.routes.endpoints
        for name, body in change.added.items():
            files[self._prefix + name.encode()] = media(body)
        for name in change.removed:
            files.pop(self._prefix + name.encode(), None)
        self._replies.clear()
        endpoints.pop(self._hinted, None)
        if self.channel.rendition.hls and not self.channel.finished and self.channel.window.started:
            self._hinted = self._prefix + part_name(self.channel.window.next).encode()
            endpoints[self._hinted] = _Hinted(self, self._hinted, self.channel.window.next + 1)
        self._wake()
        for chunk in change.chunks:
            self._fanout.push(chunk)
        if change.ended:
            self._fanout.finish()
        _parts.inc(change.listed)
        _silent.inc(change.silent)

    def tick(self) -> None:
        """About ten times a second: deadlines of parts and of held requests. Raises nothing that is expected."""
        now_s = self._clock.monotonic()
        self.apply(self.channel.tick(now_s, self._clock.now_us()))
        for connection in self._waiting.expired(now_s):
            self._send(connection, failure(HeldTooLong(), cache="no-store"))
        self._count()
        _dropped.inc(self._fanout.take_dropped())

    def close(self, error: RostraError | None = None) -> None:
        """Take the rendition off the air: who waits is told why, who listens is closed, addresses vanish."""
        self._server.routes.remove_below(self._prefix)
        self._server.routes.endpoints.pop(self._radio_path, None)
        answer = failure(error or Stopping(), cache="no-store")
        for connection in self._waiting.everyone():
            self._send(connection, answer)
        self._fanout.finish()
        self._count()

    def _count(self) -> None:
        """Add to the sums of the process how this rendition's numbers have changed: at each tick, and not for each
        listener, so a bulkhead may be filled a little beyond its size.
        """
        held, listeners = self._counted
        self._counted = (len(self._waiting), len(self._fanout))
        _held.inc(self._counted[0] - held)
        _listeners.inc(self._counted[1] - listeners)
        bulkheads = self._server.gate.bulkheads
        bulkheads[Bulkhead.PLAYLISTS].taken += self._counted[0] - held
        bulkheads[Bulkhead.STREAMS].taken += self._counted[1] - listeners

    @property
    def radios(self) -> int:
        """Progressive connections that are open now."""
        return len(self._fanout)

    # the playlist

    def answer(self, connection: Connection, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """The playlist now, or later when a directive asks for what is not there yet. Raises BadDirective.

        HEAD does not wait: it has nothing to wait for.
        """
        want = Want(parse_directives(query), fields.gzip)
        ready = self._ready(want)
        if isinstance(ready, Reply):
            return ready
        if head:
            return self._playlist(want) if self.channel.playable else failure(HeldTooLong(), cache="no-store")
        self.hold(connection, want, ready)
        return None

    def hold(self, connection: Connection, want: Want, needed: int) -> None:
        connection.hold(want, self._waiting.forget)
        self._waiting.hold(connection, needed, until_s=self._clock.monotonic() + self._held_s)

    def _ready(self, want: Want) -> Reply | int:
        """The answer, or how many parts must exist before there is one. Raises BadDirective."""
        channel = self.channel
        if want.file:
            return self._server.routes.files.get(want.file, NOT_FOUND)
        if not channel.playable:
            return channel.first_playable
        needed = parts_needed(want.directives, channel.clock, channel.window.next, finished=channel.finished)
        return needed if needed > channel.window.next else self._playlist(want)

    def _playlist(self, want: Want) -> Reply:
        blocking = want.directives.msn is not None and not self.channel.finished
        reports = self._others()
        key = (want.gzip, want.directives.skip, blocking, reports)
        if (found := self._replies.get(key)) is None:
            text = self.channel.playlist(skip=want.directives.skip, reports=reports)
            both = playlist(text.plain, text.gzipped, cache=self._blocking_cache if blocking else PLAIN_CACHE)
            for packed in (False, True):
                self._replies[packed, *key[1:]] = both.of(gzip=packed)
            found = self._replies[key]
        return found

    def _wake(self) -> None:
        """Answer everybody whose part is there. The response is put together once for all who want the same."""
        channel = self.channel
        if not channel.playable:
            return
        free = self._waiting.everyone() if channel.finished else self._waiting.released(channel.window.next)
        made: dict[tuple[Want, bool], bytes] = {}
        for connection in free:
            want, close = connection.want, connection.closing
            if (payload := made.get((want, close))) is None:
                try:
                    ready = self._ready(want)
                except RostraError as error:
                    ready = failure(error)
                if not isinstance(ready, Reply):
                    self.hold(connection, want, ready)
                    continue
                payload = made[want, close] = self._server.payload(ready, close=close)
            connection.send_held(payload)

    def _send(self, connection: Connection, answer: Reply) -> None:
        connection.send_held(self._server.payload(answer, close=connection.closing))


class _Hinted:
    """The part that the playlist announces. It is asked for early, held, and sent whole (6.2.6)."""

    bulkhead = Bulkhead.PLAYLISTS

    def __init__(self, live: LiveRendition, path: bytes, needed: int) -> None:
        self._live = live
        self._want = Want(NONE, gzip=False, file=path)
        self._needed = needed

    def answer(self, connection: Connection, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        if head:
            return NOT_FOUND
        self._live.hold(connection, self._want, self._needed)
        return None
