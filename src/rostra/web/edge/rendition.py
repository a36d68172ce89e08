"""One rendition on the air: the channel's files become addresses, its arrivals wake those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rostra.delivery.blocking import NONE, HeldTooLong, parse_directives, parts_needed
from rostra.delivery.channel import Change, Channel
from rostra.delivery.playlist import Report, part_name
from rostra.delivery.progressive import Fanout
from rostra.delivery.silencing import MARGIN_FRAMES, Silence, silenced_file, widened
from rostra.delivery.waiting import Waiting
from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.asker import Asker, Want
from rostra.web.edge.entrance import AtTheDoor, Entrance
from rostra.web.edge.guarding import Guard, Twin, uncached
from rostra.web.edge.radio import Radio
from rostra.web.edge.reply import Negotiated, Reply, failure, media, playlist
from rostra.web.edge.request import Fields
from rostra.web.edge.routes import NOT_FOUND, Heard, Ready
from rostra.web.edge.server import Server

PRIVATE_CACHE: Final = "private, no-store"
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
        entrance: Entrance | None = None,
    ) -> None:
        self.channel = channel
        self._others = others
        self._server = server
        self._clock = clock
        self._prefix = prefix
        self._waiting: Waiting[Asker] = Waiting()
        self._fanout = Fanout()
        self._part_s, self._segment_s = channel.clock.part_s, channel.clock.segment_s
        self._held_s = HELD_LIFETIME * channel.clock.target_duration_s
        self._blocking_cache = f"public, max-age={BLOCKING_LIFETIME * channel.clock.target_duration_s}"
        self._replies: dict[tuple[bool, bool, tuple[Report, ...]], Negotiated] = {}
        self._hinted = b""
        self._counted = (0, 0)
        self._guard: Guard | None = None
        self._silences: tuple[Silence, ...] = ()
        self._heard = Heard()
        self._radio_path = radio_path
        self._radio: Radio | None = None
        if channel.rendition.hls:
            server.routes.endpoints[prefix + b"index.m3u8"] = self
        if channel.framer is not None:
            self._radio = Radio(self._fanout, server, channel.rendition, channel.framer)
            server.routes.endpoints[radio_path] = AtTheDoor(entrance, self._radio) if entrance else self._radio
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
        routes, endpoints = self._server.routes, self._server.routes.endpoints
        for name, body in change.added.items():
            routes.put(self._prefix + name.encode(), media(body), self._twin(name, body))
        for name in change.removed:
            routes.drop(self._prefix + name.encode())
        self._replies.clear()
        routes.ready.clear()
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

    def restrict(self, guard: Guard | None) -> None:
        """What restricts the broadcast has changed: from the next fetch on its spans are silent, or no longer.

        Radios that join from now on get no sound from before it, where any of that is silent.
        """
        routes = self._server.routes
        self._guard = guard
        self._replies.clear()
        routes.ready.clear()
        self._silences = widened(guard.silences if guard is not None else (), self.channel.rendition)
        for path, answer in routes.below(self._prefix).items():
            if path.endswith(b".m4s"):
                routes.put(path, answer, self._twin(path.rpartition(b"/")[2].decode(), answer.body))
        self.silence_radio()

    def silence_radio(self) -> None:
        """Bring the progressive stream in line with the spans that nobody hears now."""
        everywhere = widened(self._guard.everywhere() if self._guard is not None else (), self.channel.rendition)
        if everywhere == self.channel.silences:
            return
        start, end = self.channel.heard
        self.channel.silences = everywhere
        if any(each.touches(start, end) for each in everywhere):
            self._fanout.forget()

    def _twin(self, name: str, body: bytes) -> Twin | None:
        """The bytes with silence in the spans; None where no span touches them. Reads the bytes of those alone."""
        if not self._silences or not name.endswith(".m4s"):
            return None
        start, end = self.channel.covered(name)
        if not any(each.touches(start, end) for each in self._silences):
            return None
        silent = silenced_file(body, self._silences, self.channel.rendition)
        margin = MARGIN_FRAMES * self.channel.rendition.frame_samples
        return None if silent is None else Twin(uncached(media(silent)), start - margin, end + margin)

    def tick(self) -> None:
        """About ten times a second: deadlines of parts and of held requests. Raises nothing that is expected."""
        now_s = self._clock.monotonic()
        self.apply(self.channel.tick(now_s, self._clock.now_us()))
        for asker in self._waiting.expired(now_s):
            self._send(asker, failure(HeldTooLong(), cache="no-store"))
        self._count()
        _dropped.inc(self._fanout.take_dropped())

    def close(self, error: RostraError | None = None) -> None:
        """Take the rendition off the air: who waits is told why, who listens is closed, addresses vanish."""
        self._server.routes.remove_below(self._prefix)
        self._server.routes.endpoints.pop(self._radio_path, None)
        answer = failure(error or Stopping(), cache="no-store")
        for asker in self._waiting.everyone():
            self._send(asker, answer)
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

    def take_heard_s(self) -> float:
        """Listener-seconds since the last call: a player asks for a playlist once a part, or else once a segment."""
        heard_s, self._heard.seconds = self._heard.seconds, 0.0
        return heard_s

    # the playlist

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """The playlist now, or later when a directive asks for what is not there yet. Raises BadDirective.

        HEAD does not wait: it has nothing to wait for.
        """
        want = Want(parse_directives(query), fields.gzip)
        ready = self._ready(want, asker)
        each_s = self._part_s if want.directives.msn is not None else self._segment_s
        if not head:
            self._heard.seconds += each_s
        if isinstance(ready, Reply):
            if self._guard is None:
                target = asker.path + b"?" + query if query else asker.path
                self._server.routes.remember(target, Ready(self._both(want), self._heard, each_s))
            return ready
        if head:
            return self._playlist(want) if self.channel.playable else failure(HeldTooLong(), cache="no-store")
        self.hold(asker, want, ready)
        return None

    def hold(self, asker: Asker, want: Want, needed: int) -> None:
        asker.hold(want, self._waiting.forget)
        self._waiting.hold(asker, needed, until_s=self._clock.monotonic() + self._held_s)

    def _file(self, path: bytes, asker: Asker) -> Reply:
        routes = self._server.routes
        if (found := routes.files.get(path)) is None and self._guard is not None:
            found = routes.guarded(path, self._guard, asker, asker.fields)
        return NOT_FOUND if found is None else found

    def _ready(self, want: Want, asker: Asker) -> Reply | int:
        """The answer, or how many parts must exist before there is one. Raises BadDirective."""
        channel = self.channel
        if want.file:
            return self._file(want.file, asker)
        if not channel.playable:
            return channel.first_playable
        needed = parts_needed(want.directives, channel.clock, channel.window.next, finished=channel.finished)
        return needed if needed > channel.window.next else self._playlist(want)

    def _playlist(self, want: Want) -> Reply:
        return self._both(want).of(gzip=want.gzip)

    def _both(self, want: Want) -> Negotiated:
        blocking = want.directives.msn is not None and not self.channel.finished
        if self._guard is not None and self._guard.hides:
            text = self.channel.playlist(skip=want.directives.skip, reports=self._others())
            return playlist(text.plain, text.gzipped, cache=PRIVATE_CACHE)
        reports = self._others()
        key = (want.directives.skip, blocking, reports)
        if (found := self._replies.get(key)) is None:
            text = self.channel.playlist(skip=want.directives.skip, reports=reports)
            cache = self._blocking_cache if blocking else PLAIN_CACHE
            found = self._replies[key] = playlist(text.plain, text.gzipped, cache=cache)
        return found

    def _wake(self) -> None:
        """Answer everybody whose part is there. The response is put together once for all who want the same."""
        channel = self.channel
        if not channel.playable:
            return
        free = self._waiting.everyone() if channel.finished else self._waiting.released(channel.window.next)
        made: dict[tuple[Want, bool], bytes] = {}
        for asker in free:
            want, close = asker.want, asker.closing
            if self._guard is not None:
                made.clear()  # each gets what is theirs
            if (payload := made.get((want, close))) is None:
                try:
                    ready = self._ready(want, asker)
                except RostraError as error:
                    ready = failure(error)
                if not isinstance(ready, Reply):
                    self.hold(asker, want, ready)
                    continue
                if self._guard is not None:
                    ready = self._guard.led_on(ready, asker)
                payload = made[want, close] = self._server.payload(ready, close=close)
            asker.send_held(payload)

    def _send(self, asker: Asker, answer: Reply) -> None:
        asker.send_held(self._server.payload(answer, close=asker.closing))


class _Hinted:
    """The part that the playlist announces. It is asked for early, held, and sent whole (6.2.6)."""

    bulkhead = Bulkhead.PLAYLISTS

    def __init__(self, live: LiveRendition, path: bytes, needed: int) -> None:
        self._live = live
        self._want = Want(NONE, gzip=False, file=path)
        self._needed = needed

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        if head:
            return NOT_FOUND
        self._live.hold(asker, self._want, self._needed)
        return None
