"""The captions of one broadcast at an edge: playlist, segments, and the newest cues."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from rostra.delivery.blocking import MSN_AHEAD, BadDirective, HeldTooLong, parse_directives
from rostra.delivery.captions import LAG_SEGMENTS, CaptionTrack
from rostra.delivery.channel import PlaylistText
from rostra.delivery.playlist import Report
from rostra.delivery.silencing import Silence
from rostra.delivery.waiting import Waiting
from rostra.delivery.window import Window
from rostra.media.wire import Captioned
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.asker import Asker, Want
from rostra.web.edge.guarding import Guard, Twin, uncached
from rostra.web.edge.reply import FOREVER, JSON_TYPE, Reply, failure, playlist, reply
from rostra.web.edge.request import Fields
from rostra.web.edge.server import Server

VTT_TYPE: Final = "text/vtt; charset=utf-8"
FOLDER: Final = "captions/"
FEED: Final = "captions.json"
SETTLED_S: Final = 1.0
"""So long the bus has to deliver what was recognised before this edge looked, until segments are written."""
HELD_LIFETIME: Final = 3


class LiveCaptions:
    """Binds a `CaptionTrack` to the addresses below `base` (/live/{id}/). window: what of the sound is listed;
    others: how far its renditions are, for the playlist's reports.
    """

    bulkhead = Bulkhead.PLAYLISTS

    def __init__(
        self,
        server: Server,
        clock: Clock,
        track: CaptionTrack,
        base: str,
        window: Callable[[], Window],
        others: Callable[[], tuple[Report, ...]] = tuple,
    ) -> None:
        self._server = server
        self._clock = clock
        self._track = track
        self._window = window
        self._others = others
        self._prefix = f"{base}{FOLDER}".encode()
        self._feed_path = f"{base}{FEED}".encode()
        self._waiting: Waiting[Asker] = Waiting()
        self._held_s = HELD_LIFETIME * track.clock.target_duration_s
        self._counted = 0
        self._replies: dict[tuple[bool, bool, bool], Reply] = {}
        self._reported: tuple[Report, ...] = ()
        """What `_replies` say of the sound."""
        self._opened_s = clock.monotonic()
        self._guard: Guard | None = None
        self._silences: tuple[Silence, ...] = ()
        server.routes.endpoints[self._prefix + b"index.m3u8"] = self
        self._feed()

    def take(self, captioned: Captioned) -> None:
        """From the bus."""
        if self._track.take(captioned):
            self._feed()

    @property
    def report(self) -> Report:
        """How far the captions are."""
        return self._track.report

    def restrict(self, guard: Guard | None) -> None:
        """What restricts the broadcast has changed: words of a silent span are not given out either."""
        self._replies.clear()
        self._guard = guard
        self._silences = () if guard is None else guard.silences
        routes = self._server.routes
        for path, answer in routes.below(self._prefix).items():
            routes.put(path, answer, self._twin(path.rpartition(b"/")[2].decode(), answer.body))
        self._feed()

    def _twin(self, name: str, body: bytes) -> Twin | None:
        """The segment without the words of silent spans; None where it has none of them."""
        if not self._silences:
            return None
        clock, segment = self._track.clock, int(name.removeprefix("s").removesuffix(".vtt"))
        without = self._track.segment(segment, self._silences)
        if without == body:
            return None
        start, end = (clock.decode_time(clock.first_part(number)) for number in (segment, segment + 1))
        # A cue may be longer than its segment: whoever has a silent span near it gets the segment without it.
        return Twin(uncached(_segment(without)), start - clock.part_samples, end + clock.part_samples)

    def tick(self) -> None:
        """About ten times a second."""
        now_s, window = self._clock.monotonic(), self._window()
        if window.started and now_s >= self._opened_s + SETTLED_S:
            self._advance(window)
        for asker in self._waiting.expired(now_s):
            self._send(asker, failure(HeldTooLong(), cache="no-store"))
        self._count()

    def close(self, error: RostraError) -> None:
        """The broadcast left the air."""
        self._server.routes.remove_below(self._prefix)
        self._server.routes.drop(self._feed_path)
        for asker in self._waiting.everyone():
            self._send(asker, failure(error, cache="no-store"))
        self._count()

    def _count(self) -> None:
        """Tell the bulkhead how many more, or fewer, wait here than when it was told last."""
        before, self._counted = self._counted, len(self._waiting)
        self._server.gate.bulkheads[Bulkhead.PLAYLISTS].taken += self._counted - before

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """The playlist now, or when the segment is there that a directive asks for. Raises BadDirective."""
        directives, track = parse_directives(query), self._track
        blocking = directives.msn is not None and not track.finished
        needed = track.first + 1
        if directives.msn is not None and blocking:
            if directives.msn >= track.next + MSN_AHEAD + LAG_SEGMENTS:
                raise BadDirective(f"_HLS_msn {directives.msn} is far after {track.next - 1}")
            needed = max(needed, directives.msn + 1)
        want = Want(directives, fields.gzip)
        if track.next >= needed or track.finished:
            return self._playlist(want)
        if head:
            return failure(HeldTooLong(), cache="no-store")
        asker.hold(want, self._waiting.forget)
        self._waiting.hold(asker, needed, until_s=self._clock.monotonic() + self._held_s)
        return None

    def _advance(self, window: Window) -> None:
        change = self._track.advance(window.first, window.next, self._clock.now_us(), finished=window.finished)
        routes = self._server.routes
        for name, body in change.added.items():
            routes.put(self._prefix + name.encode(), _segment(body), self._twin(name, body))
        for name in change.removed:
            routes.drop(self._prefix + name.encode())
        if not change.listed:
            return
        self._replies.clear()
        routes.ready.clear()  # the playlists of the sound tell of this one
        for asker in self._waiting.everyone() if self._track.finished else self._waiting.released(self._track.next):
            self._send(asker, self._playlist(asker.want))

    def _playlist(self, want: Want) -> Reply:
        skip, blocking = want.directives.skip, want.directives.msn is not None and not self._track.finished
        if (reports := self._others()) != self._reported:
            self._replies.clear()
            self._reported = reports
        if self._guard is not None and self._guard.hides:
            text = PlaylistText.of(self._track.text(skip=skip, reports=reports))
            return playlist(text.plain, text.gzipped, cache="private, no-store").of(gzip=want.gzip)
        if (found := self._replies.get((want.gzip, skip, blocking))) is None:
            text = PlaylistText.of(self._track.text(skip=skip, reports=reports))
            cache = f"public, max-age={6 * self._track.clock.target_duration_s}" if blocking else "public, max-age=1"
            both = playlist(text.plain, text.gzipped, cache=cache)
            found = self._replies[want.gzip, skip, blocking] = both.of(gzip=want.gzip)
        return found

    def _feed(self) -> None:
        twin = None
        if self._silences:
            twin = Twin(_newest(self._track.feed(self._silences), cache="private, no-store"), 0, None)
        self._server.routes.put(self._feed_path, _newest(self._track.feed()), twin)

    def _send(self, asker: Asker, answer: Reply) -> None:
        if self._guard is not None:
            answer = self._guard.led_on(answer, asker)
        asker.send_held(self._server.payload(answer, close=asker.closing))


def _segment(body: bytes) -> Reply:
    return reply(HTTPStatus.OK, body, kind=VTT_TYPE, cache=FOREVER)


def _newest(body: bytes, *, cache: str = "public, max-age=1") -> Reply:
    return reply(HTTPStatus.OK, body, kind=JSON_TYPE, cache=cache)
