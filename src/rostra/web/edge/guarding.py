"""What restrictions say of one broadcast to each who asks for it: not at all, or with silence in places.

A broadcast without any has no guard, and nothing of this is on the way of its bytes.

What is for adults needs `?show=1` on every address with sound or words in it, which the page of the broadcast writes
once somebody has pressed its warning away. Playlists that were asked for so lead on so: no player has to know of it.
"""

from __future__ import annotations

import gzip
import re
from http import HTTPStatus
from typing import Final, NamedTuple

from rostra.delivery.silencing import Silence
from rostra.platform.clock import Clock
from rostra.safety.restrictions import HIDING, Measure, Restriction, Span, Viewer, silences, visible
from rostra.web.edge.asker import Asker
from rostra.web.edge.reply import PLAYLIST_TYPE, Reply, failure, reply
from rostra.web.edge.request import Fields
from rostra.web.territory import Territory
from rostra.web.withheld import SHOW, AgeGated, refusal

RADIO: Final = b"/listen/"
_PRIVATE: Final = "private, no-store"
_SHOWN: Final = f"{SHOW}=1".encode()
_UNGATED: Final = frozenset({b"state.json", b"here", b"enter", b"line.json"})
"""What a page asks for that has neither sound nor words in it."""
_IS_PLAYLIST: Final = f"content-type: {PLAYLIST_TYPE}\r\n".encode()
_IS_GZIPPED: Final = b"content-encoding: gzip\r\n"
_ADDRESS: Final = re.compile(rb'^(?!#)[^\r\n]+|(?<=URI=")[^"]+', re.MULTILINE)
"""Of a playlist: a line that is no tag, or what a tag names (RFC 8216, 4.1 and 4.2)."""


class Twin(NamedTuple):
    """The bytes of an address with silence in them, and which samples of the media clock the address covers.

    end: None for what has words of any span.
    """

    reply: Reply
    start: int
    end: int | None


class Guard:
    """Sans-I/O but for the clock.

    hides: some may not have it at all, or not at once. silences: all spans that are silent for somebody. heard: what a
    radio stream that begins now sends next, in samples; a radio whose country has a span of its own there is refused,
    since all radios share their bytes.
    """

    def __init__(self, standing: tuple[Restriction, ...], clock: Clock, territory: Territory, *, site_url: str) -> None:
        self._standing = standing
        self._clock = clock
        self._territory = territory
        self._site_url = site_url
        self._gates = any(each.measure is Measure.AGE_GATE for each in standing)
        self.hides = self._gates or any(each.measure in HIDING for each in standing)
        self.silences = _silences(tuple(each.span for each in standing if each.span is not None))
        self.by_country = any(each.span is not None and each.territories for each in standing)
        self.heard = (0, 0)

    def refusal(self, path: bytes, asker: Asker, fields: Fields) -> Reply | None:
        """Why somebody gets nothing at this address; None for whoever gets something."""
        if not self.hides and not (self.by_country and path.startswith(RADIO)):
            return None
        viewer = self._viewer(asker, fields)
        found = visible(self._standing, viewer, self._clock.now_us())
        hidden_by = found.hidden_by
        if hidden_by is None and self.by_country and path.startswith(RADIO):
            hidden_by = self._silences_radio(viewer)
        if hidden_by is None:
            gated_by = found.gated_by
            if gated_by is None or is_shown(asker.query) or path.rpartition(b"/")[2] in _UNGATED:
                return None
            return failure(AgeGated(gated_by, site_url=self._site_url), cache=_PRIVATE)
        return failure(
            refusal(hidden_by, site_url=self._site_url),
            cache=_PRIVATE,
            fields={"link": f'<{self._site_url}>; rel="blocked-by"'},
        )

    def led_on(self, answer: Reply, asker: Asker) -> Reply:
        """What somebody gets who pressed an age gate away: a playlist whose addresses say so, too."""
        if not self._gates or _IS_PLAYLIST not in answer.head or not is_shown(asker.query):
            return answer
        text = gzip.decompress(answer.body) if _IS_GZIPPED in answer.head else answer.body
        return reply(HTTPStatus.OK, _ADDRESS.sub(_shown, text), kind=PLAYLIST_TYPE, cache=_PRIVATE)

    def prefers(self, twin: Twin, asker: Asker, fields: Fields) -> bool:
        """Whether somebody gets the twin."""
        theirs = _silences(silences(self._standing, self._viewer(asker, fields), self._clock.now_us()))
        return any(twin.end is None or each.touches(twin.start, twin.end) for each in theirs)

    def everywhere(self) -> tuple[Silence, ...]:
        """The spans that nobody hears now."""
        now_us = self._clock.now_us()
        everywhere = (each for each in self._standing if not each.territories and each.in_force(now_us))
        return _silences(tuple(each.span for each in everywhere if each.span is not None))

    def _silences_radio(self, viewer: Viewer) -> Restriction | None:
        now_us, (start, end) = self._clock.now_us(), self.heard
        for each in self._standing:
            if each.span is None or not each.territories or not each.in_force(now_us):
                continue
            if each.concerns(viewer.country) and Silence(each.span.start, each.span.end).touches(start, end):
                return each
        return None

    def _viewer(self, asker: Asker, fields: Fields) -> Viewer:
        country = self._territory.country(
            asker.peer, fields.forwarded.decode("latin-1"), fields.country.decode("latin-1")
        )
        return Viewer(country=country)


def is_shown(query: bytes) -> bool:
    """Whether who asks has pressed an age gate away."""
    return bool(query) and _SHOWN in query.split(b"&")


def _shown(address: re.Match[bytes]) -> bytes:
    return address[0] + (b"&" if b"?" in address[0] else b"?") + _SHOWN


def broadcast_of(path: bytes) -> bytes:
    """The id in an address below /live/ or /listen/, else empty."""
    pieces = path.split(b"/", 3)
    return pieces[2].partition(b".")[0] if len(pieces) > 2 and pieces[1] in (b"live", b"listen") else b""


def uncached(answer: Reply) -> Reply:
    """The same for one asker alone: a cache would give it to whoever may not have it."""
    lines = answer.head.split(b"\r\n")
    kept = [line for line in lines if not line.startswith(b"cache-control:")]
    kept.insert(1, f"cache-control: {_PRIVATE}".encode())
    return Reply(b"\r\n".join(kept), answer.body)


def _silences(spans: tuple[Span, ...]) -> tuple[Silence, ...]:
    return tuple(Silence(each.start, each.end) for each in spans)
