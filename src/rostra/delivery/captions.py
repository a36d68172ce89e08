"""Captions as players fetch them: WebVTT segments in a playlist of their own, and the newest cues for our page.

A WebVTT segment must hold every cue of its span (RFC 8216bis, 3.1.4) and never changes once it is listed, but words
are recognised seconds after they were heard. So this playlist is behind that of the sound by LAG_SEGMENTS: ordinary
players, three target durations behind live, still have every segment in time. Which cues came in time is decided by
the moment at which they were made, so all edges write the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from rostra.delivery.playlist import CAPTIONS_GROUP, MediaPlaylist, Report
from rostra.delivery.silencing import Silence
from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.webvtt import Timed, document, lines
from rostra.media.wire import Captioned, Cue

LAG_SEGMENTS: Final = 2
SLACK_US: Final = 500_000
"""How long a cue may take from the engine to the edge."""
RECENT_S: Final = 60.0
"""What `captions.json` holds: enough for whoever is a little behind; who is further behind reads the segments."""
EXTRA_SEGMENTS: Final = 3
"""Segments that stay fetchable after they left the playlist."""
MOST_CUES: Final = 50_000
"""Cues that are kept, some twelve hours of speech; the oldest go first. Fails open: old segments have no cues."""
HEADER: Final = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
"""Media time 0 is decode time 0 of the sound (`tfdt`), in every segment."""


def caption_name(segment: int) -> str:
    return f"s{segment}.vtt"


class CueFeed(msgspec.Struct, frozen=True, kw_only=True):
    """start_ms, end_ms: unix milliseconds of the moments in the programme."""

    start_ms: int
    end_ms: int
    text: str


class CaptionsFeed(msgspec.Struct, frozen=True, kw_only=True):
    """`/live/{id}/captions.json`: the newest cues, oldest first.

    anchor_ms: media time 0 in unix milliseconds; segment_ms: length of a segment. Older cues are in
    `captions/s{n}.vtt`, n = ⌊(moment - anchor_ms) / segment_ms⌋, at times since the anchor.
    """

    language: str
    anchor_ms: float
    segment_ms: float
    cues: list[CueFeed]


@dataclass(slots=True)
class CaptionChange:
    """Segments by name that came and went; listed: whether the playlist is another now."""

    added: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    cue: Cue
    made_us: int


class CaptionTrack:
    """Sans-I/O. first, next: the segments that are listed are `first … next - 1`."""

    def __init__(self, clock: MediaClock, playlist: MediaPlaylist, *, language: str) -> None:
        self.clock = clock
        self._playlist = playlist
        self._language = language
        self._cues: deque[_Made] = deque(maxlen=MOST_CUES)
        self._kept: deque[str] = deque()
        self._said_until = -1
        self._end: int | None = None
        self.started = False
        self.first = 0
        self.next = 0

    @property
    def finished(self) -> bool:
        return self._end is not None and self.next > self.clock.segment_of(max(0, self._end - 1))

    @property
    def report(self) -> Report:
        """What the playlists of the sound say of this one; before its first segment nothing."""
        return Report(CAPTIONS_GROUP, self.clock.first_part(self.next) if self.next > self.first else 0, whole=True)

    def take(self, captioned: Captioned) -> bool:
        """What was recognised; whether any of it is new. The same twice is taken once."""
        new = [cue for cue in captioned.cues if cue.start > self._said_until and cue.end > cue.start]
        for cue in new:
            self._cues.append(_Made(cue, captioned.made_us))
            self._said_until = cue.start
        return bool(new)

    def advance(self, first_part: int, next_part: int, now_us: int, *, finished: bool) -> CaptionChange:
        """Time passed, or the sound went on: its parts `first_part … next_part - 1` are listed."""
        clock, change = self.clock, CaptionChange()
        if not self.started:
            self.started = True
            self.first = self.next = clock.segment_of(first_part)
        if finished and self._end is None:
            self._end = next_part
            change.listed = self.finished
        while not self.finished and self._due(self.next, next_part, now_us):
            name = caption_name(self.next)
            change.added[name] = self.segment(self.next)
            self._kept.append(name)
            self.next += 1
            change.listed = True
        self.first = max(self.first, min(clock.segment_of(first_part), self.next))
        while len(self._kept) > self.next - self.first + EXTRA_SEGMENTS:
            change.removed.append(self._kept.popleft())
        return change

    def segment(self, segment: int, without: Sequence[Silence] = ()) -> bytes:
        """The WebVTT of a segment: every cue that is shown in its span and came in time, at its whole length.

        without: spans of which not a word is given out.
        """
        clock = self.clock
        start = clock.decode_time(clock.first_part(segment))
        end = clock.decode_time(clock.first_part(segment + 1))
        deadline_us = self._deadline_us(segment)
        cues = [
            _timed(made.cue)
            for made in self._cues
            if made.cue.start < end
            and made.cue.end > start
            and made.made_us <= deadline_us
            and not _silent(made.cue, without)
        ]
        return document(cues, header=HEADER).encode()

    def text(self, *, skip: bool = False, reports: Sequence[Report] = ()) -> str:
        """The media playlist; skip: as a delta update. reports: the renditions of the sound."""
        end_part = self.clock.first_part(self.next)
        if self.finished and self._end is not None:
            end_part = min(end_part, self._end)
        return self._playlist.whole_segments(
            self.first,
            self.next,
            end_part=end_part,
            finished=self.finished,
            name=caption_name,
            skip=skip,
            reports=reports,
        )

    def feed(self, without: Sequence[Silence] = ()) -> bytes:
        """`captions.json`. without: as of `segment`."""
        clock = self.clock
        newest = self._cues[-1].cue.end if self._cues else 0
        oldest = newest - RECENT_S * SAMPLE_RATE_HZ
        recent: list[CueFeed] = []
        for made in reversed(self._cues):
            if made.cue.end < oldest:
                break
            if _silent(made.cue, without):
                continue
            start_ms, end_ms = (self._unix_ms(sample) for sample in (made.cue.start, made.cue.end))
            recent.append(CueFeed(start_ms=start_ms, end_ms=end_ms, text=made.cue.text))
        feed = CaptionsFeed(
            language=self._language,
            anchor_ms=clock.anchor_us / 1000,
            segment_ms=clock.segment_s * 1000,
            cues=recent[::-1],
        )
        return msgspec.json.encode(feed)

    def _due(self, segment: int, next_part: int, now_us: int) -> bool:
        """The sound has the segment, and what was recognised in time is here."""
        whole = self.clock.first_part(segment + 1)
        if next_part < (whole if self._end is None else min(whole, self._end)):
            return False
        return now_us >= self._deadline_us(segment) + SLACK_US

    def _deadline_us(self, segment: int) -> int:
        return self.clock.part_starts_us(self.clock.first_part(segment + 1 + LAG_SEGMENTS))

    def _unix_ms(self, sample: int) -> int:
        return (self.clock.anchor_us + sample * 1_000_000 // SAMPLE_RATE_HZ) // 1000


def _silent(cue: Cue, silences: Sequence[Silence]) -> bool:
    return any(each.touches(cue.start, cue.end) for each in silences)


def _timed(cue: Cue) -> Timed:
    start_ms, end_ms = (sample * 1000 // SAMPLE_RATE_HZ for sample in (cue.start, cue.end))
    return Timed(start_ms, max(end_ms, start_ms + 1), "\n".join(lines(cue.text)))
