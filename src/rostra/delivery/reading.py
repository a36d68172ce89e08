"""Playlists as a player reads them (RFC 8216bis): what our own player without sound needs of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from rostra.platform.clock import to_us
from rostra.platform.errors import RostraError

_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


class NotAPlaylist(RostraError):
    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "not_a_playlist"
    user_message = "What is at this address is no HLS playlist. Give the address of a broadcast's page or playlist."


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, or a whole segment whose parts are not listed (`part` is None).

    date_us: unix time of its first sample by EXT-X-PROGRAM-DATE-TIME, None when the playlist has no dates; gap: it is
    not there and must not be asked for.
    """

    uri: str
    duration_s: float
    msn: int
    part: int | None
    date_us: int | None
    gap: bool = False


@dataclass(frozen=True, slots=True)
class MediaView:
    """A media playlist. hold_back_s: where players start, before the end."""

    target_s: float
    part_target_s: float | None
    hold_back_s: float
    can_block: bool
    can_skip: bool
    map_uri: str | None
    pieces: tuple[Piece, ...]
    next_msn: int
    next_part: int
    ended: bool


def variants(text: str) -> list[str]:
    """The URIs of a multivariant playlist; empty for a media playlist. Raises NotAPlaylist."""
    lines = _lines(text)
    return [
        lines[at + 1]
        for at, line in enumerate(lines[:-1])
        if line.startswith("#EXT-X-STREAM-INF:") and not lines[at + 1].startswith("#")
    ]


def media_view(text: str) -> MediaView:
    """Read a media playlist. Raises NotAPlaylist."""
    reader = _Reader()
    for line in _lines(text)[1:]:
        name, _, value = line.partition(":")
        try:
            reader.take(name, value, line)
        except (ValueError, KeyError) as error:
            raise NotAPlaylist(f"line {line!r}: {error!r}") from error
    return reader.view()


class _Reader:
    """Collects the lines of one media playlist."""

    def __init__(self) -> None:
        self._target_s: float | None = None
        self._part_target_s: float | None = None
        self._control: dict[str, str] = {}
        self._map_uri: str | None = None
        self._pieces: list[Piece] = []
        self._parts: list[Piece] = []
        self._msn = 0
        self._duration_s = 0.0
        self._date_us: int | None = None
        self._ended = False
        self._gap = False

    def take(self, name: str, value: str, line: str) -> None:
        match name:
            case "#EXT-X-TARGETDURATION":
                self._target_s = float(value)
            case "#EXT-X-PART-INF":
                self._part_target_s = float(_attributes(value)["PART-TARGET"])
            case "#EXT-X-SERVER-CONTROL":
                self._control = _attributes(value)
            case "#EXT-X-MEDIA-SEQUENCE":
                self._msn = int(value)
            case "#EXT-X-SKIP":
                self._msn += int(_attributes(value)["SKIPPED-SEGMENTS"])
            case "#EXT-X-MAP":
                self._map_uri = _attributes(value)["URI"]
            case "#EXT-X-PROGRAM-DATE-TIME":
                self._date_us = to_us(datetime.fromisoformat(value))
            case "#EXT-X-PART":
                self._part(_attributes(value))
            case "#EXT-X-GAP":
                self._gap = True
            case "#EXTINF":
                self._duration_s = float(value.partition(",")[0])
            case "#EXT-X-ENDLIST":
                self._ended = True
            case _ if not line.startswith("#"):
                self._segment(line)

    def _part(self, attributes: dict[str, str]) -> None:
        date_us = None
        if self._date_us is not None:
            date_us = self._date_us + round(sum(part.duration_s for part in self._parts) * 1_000_000)
        duration_s = float(attributes["DURATION"])
        gap = attributes.get("GAP") == "YES"
        self._parts.append(Piece(attributes["URI"], duration_s, self._msn, len(self._parts), date_us, gap))

    def _segment(self, uri: str) -> None:
        whole = Piece(uri, self._duration_s, self._msn, None, self._date_us, self._gap)
        self._pieces += self._parts or [whole]
        self._gap = False
        if self._date_us is not None:
            self._date_us += round(self._duration_s * 1_000_000)
        self._parts = []
        self._msn += 1

    def view(self) -> MediaView:
        if self._target_s is None:
            raise NotAPlaylist("no EXT-X-TARGETDURATION")
        low_latency = self._part_target_s is not None
        control = self._control
        hold_back = control.get("PART-HOLD-BACK") if low_latency else control.get("HOLD-BACK")
        return MediaView(
            target_s=self._target_s,
            part_target_s=self._part_target_s,
            hold_back_s=float(hold_back) if hold_back is not None else 3 * self._target_s,
            can_block=control.get("CAN-BLOCK-RELOAD") == "YES",
            can_skip="CAN-SKIP-UNTIL" in control,
            map_uri=self._map_uri,
            pieces=(*self._pieces, *self._parts),
            next_msn=self._msn,
            next_part=len(self._parts),
            ended=self._ended,
        )


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise NotAPlaylist("does not start with #EXTM3U")
    return lines


def _attributes(value: str) -> dict[str, str]:
    return {name: text.strip('"') for name, text in _ATTRIBUTE.findall(value)}
