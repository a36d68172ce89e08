"""One rendition of one broadcast as an edge serves it: window, bytes and texts that belong together."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rostra.delivery.framing import framer_of
from rostra.delivery.playlist import INIT_NAME, PARTS_SPAN, SKIP_SPAN, MediaPlaylist, Report, part_name, segment_name
from rostra.delivery.progressive import BURST_PARTS
from rostra.delivery.silencing import Silence, silenced
from rostra.delivery.window import Listed, Window
from rostra.media.clock import MediaClock
from rostra.media.fmp4 import fragment, init_segment
from rostra.media.part import Part
from rostra.media.renditions import Rendition

EXTRA_SEGMENTS: Final = 3
"""Segments that stay fetchable after they left the playlist: somebody may still hold the text that had them."""
_GZIP_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class PlaylistText:
    """A playlist and the same bytes compressed."""

    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, text: str) -> PlaylistText:
        plain = text.encode()
        return cls(plain, gzip.compress(plain, _GZIP_LEVEL, mtime=0))


@dataclass(slots=True)
class Change:
    """What an arrival or a deadline changed: files by name, and for the progressive stream chunks, in order.

    listed: how many parts exist from now on; silent: how many of these nobody delivered.
    """

    added: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    listed: int = 0
    silent: int = 0
    ended: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.chunks or self.ended)


class Channel:
    """Sans-I/O. Give it parts and the time; it says which files came and went and writes the playlist.

    hold_back_s: how far behind the end players start; window_s: how far back they may go.
    """

    def __init__(self, clock: MediaClock, rendition: Rendition, *, window_s: float, hold_back_s: float) -> None:
        self.clock = clock
        self.rendition = rendition
        self.window = Window(clock, rendition, window_s=window_s)
        skips = window_s > 2 * SKIP_SPAN * clock.target_duration_s
        self.playlist_writer = MediaPlaylist(clock, rendition, hold_back_s=hold_back_s, skips=skips)
        self.framer = framer_of(rendition, clock)
        self._open: list[bytes] = []
        self._parts: dict[int, str] = {}
        self._segments: dict[int, str] = {}
        self._texts: dict[tuple[bool, tuple[Report, ...]], PlaylistText] = {}
        self._announced_end = False
        self.silences: tuple[Silence, ...] = ()
        """What nobody hears, with its margins: silent in the progressive stream from the next part on."""

    def covered(self, name: str) -> tuple[int, int]:
        """The samples of the media clock that a part or a segment covers, by its name (`part_name`, `segment_name`)."""
        number = int(name[1:].partition(".")[0])
        first, end = number, number + 1
        if name == segment_name(number):
            first, end = self.clock.first_part(number), self.clock.first_part(number + 1)
        return self.rendition.decode_time(self.clock, first), self.rendition.decode_time(self.clock, end)

    @property
    def heard(self) -> tuple[int, int]:
        """Of a radio that begins now: from where in its past to shortly ahead, in samples of the media clock."""
        clock, number = self.clock, self.window.next
        return clock.decode_time(max(0, number - BURST_PARTS)), clock.decode_time(number + 2)

    @property
    def playable(self) -> bool:
        """The playlist has a whole segment: hls.js gives up on one that has only parts."""
        window = self.window
        return window.started and (window.next - window.first >= self.clock.parts_per_segment or self.finished)

    @property
    def finished(self) -> bool:
        return self.window.finished and self.window.started

    @property
    def first_playable(self) -> int:
        """The number of parts that must exist before the playlist is first given out."""
        return self.window.first + self.clock.parts_per_segment if self.window.started else 0

    def opening(self) -> Change:
        """The files that exist before any part."""
        if not self.rendition.hls:
            return Change()
        return Change(added={INIT_NAME: init_segment(self.rendition)})

    def take(self, part: Part, now_s: float, now_us: int) -> Change:
        """A part arrived. Raises PartRefused."""
        return self._apply(self.window.insert(part, now_s, now_us))

    def tick(self, now_s: float, now_us: int) -> Change:
        """Time passed."""
        return self._apply(self.window.fill(now_s, now_us))

    def end(self, end_part: int) -> Change:
        """The broadcast ended; missing parts are still waited for."""
        self.window.end(end_part)
        return self._apply([])

    @property
    def report(self) -> Report:
        """What the playlists of the other renditions say of this one."""
        return Report(self.rendition.name, self.window.next)

    def playlist(self, *, skip: bool, reports: tuple[Report, ...] = ()) -> PlaylistText:
        """The playlist of the present state; written once for each state. reports: the other renditions."""
        if (text := self._texts.get((skip, reports))) is None:
            window = self.window
            written = self.playlist_writer.text(
                window.first, window.next, begin=window.begin, finished=window.finished, skip=skip, reports=reports
            )
            text = self._texts[skip, reports] = PlaylistText.of(written)
        return text

    def _apply(self, listed: Sequence[Listed]) -> Change:
        change = Change()
        for each in listed:
            self._add(each, change)
        if self.finished and not self._announced_end:
            self._announced_end = change.ended = True
            if self._open and self.clock.first_part(self.clock.segment_of(self.window.next - 1)) >= self.window.begin:
                self._close_segment(self.clock.segment_of(self.window.next - 1), change)
        if change:
            self._texts.clear()
            self._drop_old(change)
        return change

    def _add(self, listed: Listed, change: Change) -> None:
        index = listed.index
        change.listed += 1
        change.silent += listed.silent
        if listed.gap:
            return
        if self.framer is not None:
            change.chunks.append(self.framer.chunk(index, self._heard(listed)))
        if not self.rendition.hls:
            return
        if index == self.clock.first_part(self.clock.segment_of(index)):
            self._open.clear()
        data = fragment(index + 1, self.rendition.decode_time(self.clock, index), listed.frames)
        self._open.append(data)
        self._parts[index] = part_name(index)
        change.added[self._parts[index]] = data
        if len(self._open) == self.clock.parts_per_segment:
            self._close_segment(self.clock.segment_of(index), change)

    def _heard(self, listed: Listed) -> Sequence[bytes]:
        """The frames of a part as everybody may hear them."""
        if not self.silences:
            return listed.frames
        starts = self.rendition.decode_time(self.clock, listed.index)
        return silenced(listed.frames, starts, self.silences, self.rendition) or listed.frames

    def _close_segment(self, segment: int, change: Change) -> None:
        self._segments[segment] = segment_name(segment)
        change.added[self._segments[segment]] = b"".join(self._open)
        self._open.clear()

    def _drop_old(self, change: Change) -> None:
        """Parts stay fetchable for three target durations after they left the playlist (6.2.2)."""
        span_parts = 2 * int(PARTS_SPAN * self.clock.target_duration_s / self.clock.part_s) + 1
        oldest_part = self.window.next - span_parts - self.clock.parts_per_segment
        oldest_segment = self.clock.segment_of(self.window.first) - EXTRA_SEGMENTS
        for files, oldest in ((self._parts, oldest_part), (self._segments, oldest_segment)):
            while files and (number := next(iter(files))) < oldest:
                name = files.pop(number)
                if change.added.pop(name, None) is None:
                    change.removed.append(name)
