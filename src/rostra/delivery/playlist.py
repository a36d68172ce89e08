"""Playlists of RFC 8216bis (draft 22), written as pure functions of numbers.

A line depends on the media clock and its own number alone, so two edges write the same text for the same
state, and a line that was listed once never changes; it only leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.renditions import Rendition
from rostra.platform.clock import from_us

INIT_NAME: Final = "init.mp4"
CAPTIONS_GROUP: Final = "captions"
TRANSCRIBES: Final = "public.accessibility.transcribes-spoken-dialog"
PARTS_SPAN: Final = 3
"""Parts are listed while they are nearer to the end than this many target durations (6.2.2)."""
SKIP_SPAN: Final = 6
"""CAN-SKIP-UNTIL in target durations, the least that 4.4.3.8 allows."""


def part_name(part: int) -> str:
    return f"p{part}.m4s"


def segment_name(segment: int) -> str:
    return f"s{segment}.m4s"


def multivariant(renditions: Sequence[Rendition], *, captions: str = "") -> str:
    """The playlist that players start from; URIs are relative to /live/{id}/.

    Opus is a variant of its own with its own CODECS, so players without Opus do not see it. Each sound-only variant
    is a stream of its own, not an alternative of another: nothing has to be switched in two places.
    captions: their language (BCP 47); empty for none.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if captions:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{CAPTIONS_GROUP}",NAME="Captions",LANGUAGE="{captions}",'
            f'DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="{TRANSCRIBES}",'
            f'URI="captions/index.m3u8"'
        )
    subtitles = f',SUBTITLES="{CAPTIONS_GROUP}"' if captions else ""
    for rendition in [each for each in renditions if each.hls]:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.peak_bps},AVERAGE-BANDWIDTH={rendition.bitrate_bps},"
            f'CODECS="{rendition.codec}"{subtitles}'
        )
        lines.append(f"{rendition.name}/index.m3u8")
    return "\n".join(lines) + "\n"


def hold_back_s(renditions: Sequence[Rendition], clock: MediaClock, hold_back_parts: int) -> float:
    """PART-HOLD-BACK of all renditions alike, as they must have the same server control: by the longest parts."""
    longest_s = max(rendition.part_target_s(clock) for rendition in renditions if rendition.hls)
    return hold_back_parts * round(longest_s, 6)


class Report(NamedTuple):
    """How far another rendition is: its name and the first part that it does not have.

    whole: it has no parts, only segments.
    """

    name: str
    next_part: int
    whole: bool = False


class MediaPlaylist:
    """Writes a rendition's media playlist. It holds no state but the texts of segments it has written.

    EXT-X-DISCONTINUITY-SEQUENCE is 0 for ever: what is missing becomes silence or a gap, never a discontinuity, and
    the encoding of a rendition does not change while it is on the air.
    """

    def __init__(self, clock: MediaClock, rendition: Rendition, *, hold_back_s: float, skips: bool) -> None:
        """skips: offer delta updates; only of use when the window is longer than CAN-SKIP-UNTIL."""
        self._clock = clock
        self._rendition = rendition
        self._target_s = clock.target_duration_s
        self._skips = skips
        self._span_parts = int(PARTS_SPAN * self._target_s / clock.part_s)
        self._segment_texts: dict[int, str] = {}
        self._begin = 0
        control = f"CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={_seconds(hold_back_s)}"
        if skips:
            control += f",CAN-SKIP-UNTIL={SKIP_SPAN * self._target_s}"
        self._control = f"#EXT-X-SERVER-CONTROL:{control}\n"
        self._head = (
            f"#EXT-X-TARGETDURATION:{self._target_s}\n"
            f"{self._control}"
            f"#EXT-X-PART-INF:PART-TARGET={_seconds(rendition.part_target_s(clock))}\n"
        )
        self._map = f'#EXT-X-MAP:URI="{INIT_NAME}"\n'

    def text(
        self,
        first: int,
        next_part: int,
        *,
        finished: bool,
        begin: int = 0,
        skip: bool = False,
        reports: Sequence[Report] = (),
    ) -> str:
        """The playlist of the parts `first … next_part - 1`; `first` starts a segment.

        begin: parts before it are gaps (4.4.4.7), and so is the segment that has one, at most the first;
        skip: as a delta update (`_HLS_skip=YES`), if there is something to skip; reports: the other renditions.
        """
        clock = self._clock
        first_segment = clock.segment_of(first)
        open_segment = clock.segment_of(next_part)
        first_with_parts = next_part if finished else max(first, next_part - self._span_parts)
        skipped = self._skippable(first_segment, open_segment) if skip and not finished else 0
        self._begin = begin
        lines = [
            f"#EXTM3U\n#EXT-X-VERSION:{9 if skipped else 8 if first < begin else 6}\n",
            self._head,
            f"#EXT-X-MEDIA-SEQUENCE:{first_segment}\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n",
            f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n" if skipped else "",
            self._map,
        ]
        for segment in range(first_segment + skipped, open_segment):
            if clock.first_part(segment) >= first_with_parts:
                lines.append(self._with_parts(segment, clock.first_part(segment), clock.first_part(segment + 1)))
            else:
                lines.append(self._without_parts(segment))
        lines.append(self._tail(open_segment, next_part, finished=finished))
        if not finished:
            lines.append(self._reports(reports))
        self._forget(first_segment)
        return "".join(lines)

    def whole_segments(
        self,
        first: int,
        end: int,
        *,
        end_part: int,
        finished: bool,
        name: Callable[[int], str],
        skip: bool = False,
        reports: Sequence[Report] = (),
    ) -> str:
        """A playlist of the same segments without parts or map: `first … end - 1`, the last with the parts before
        `end_part`. It has the same server control, as all playlists of a broadcast must, and keeps what that promises.
        """
        skipped = self._skippable(first, end) if skip and not finished else 0
        lines = [
            f"#EXTM3U\n#EXT-X-VERSION:{9 if skipped else 6}\n#EXT-X-TARGETDURATION:{self._target_s}\n",
            self._control,
            f"#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n",
            f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n" if skipped else "",
        ]
        for segment in range(first + skipped, end):
            upto = min(self._clock.first_part(segment + 1), end_part)
            duration_s = self._rendition.span_s(self._clock, self._clock.first_part(segment), upto)
            lines.append(f"{self._date(segment)}#EXTINF:{_seconds(duration_s)},\n{name(segment)}\n")
        return "".join([*lines, "#EXT-X-ENDLIST\n" if finished else self._reports(reports)])

    def _skippable(self, first_segment: int, open_segment: int) -> int:
        kept = -(-SKIP_SPAN * self._target_s // self._clock.segment_s)
        return max(0, open_segment - int(kept) - first_segment) if self._skips else 0

    def _tail(self, open_segment: int, next_part: int, *, finished: bool) -> str:
        """The segment that is still being made, and what comes after it."""
        start = self._clock.first_part(open_segment)
        if finished:
            if next_part == start:
                return "#EXT-X-ENDLIST\n"
            return self._date(open_segment) + self._inf(open_segment, next_part) + "#EXT-X-ENDLIST\n"
        parts = self._date(open_segment) + self._parts(start, next_part) if next_part > start else ""
        return f'{parts}#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{part_name(next_part)}"\n'

    def _with_parts(self, segment: int, start: int, end: int) -> str:
        return self._date(segment) + self._parts(start, end) + self._inf(segment, end)

    def _without_parts(self, segment: int) -> str:
        if (text := self._segment_texts.get(segment)) is None:
            text = self._date(segment) + self._inf(segment, self._clock.first_part(segment + 1))
            self._segment_texts[segment] = text
        return text

    def _date(self, segment: int) -> str:
        """Every segment has its date, since a tag must not move to another line when the window slides."""
        at = self._rendition.decode_time(self._clock, self._clock.first_part(segment))
        moment = from_us(self._clock.anchor_us + at * 1_000_000 // SAMPLE_RATE_HZ)
        shown = (moment + timedelta(microseconds=500)).isoformat(timespec="milliseconds")
        return f"#EXT-X-PROGRAM-DATE-TIME:{shown.removesuffix('+00:00')}Z\n"

    def _parts(self, start: int, end: int) -> str:
        clock, rendition = self._clock, self._rendition
        return "".join(
            f"#EXT-X-PART:DURATION={_seconds(rendition.span_s(clock, part, part + 1))},"
            f'URI="{part_name(part)}",{"INDEPENDENT" if part >= self._begin else "GAP"}=YES\n'
            for part in range(start, end)
        )

    def _inf(self, segment: int, end: int) -> str:
        """The segment with its parts before `end`."""
        duration_s = self._rendition.span_s(self._clock, self._clock.first_part(segment), end)
        gap = "#EXT-X-GAP\n" if self._clock.first_part(segment) < self._begin else ""
        return f"{gap}#EXTINF:{_seconds(duration_s)},\n{segment_name(segment)}\n"

    def _reports(self, reports: Sequence[Report]) -> str:
        """One of each other rendition that has something (the low-latency server profile, appendix B.1)."""
        return "".join(self._report(report) for report in reports if report.next_part > 0)

    def _report(self, report: Report) -> str:
        segment = self._clock.segment_of(report.next_part - 1)
        part = report.next_part - 1 - self._clock.first_part(segment)
        last_part = "" if report.whole else f",LAST-PART={part}"
        return f'#EXT-X-RENDITION-REPORT:URI="../{report.name}/index.m3u8",LAST-MSN={segment}{last_part}\n'

    def _forget(self, first_segment: int) -> None:
        while self._segment_texts and (oldest := next(iter(self._segment_texts))) < first_segment:
            del self._segment_texts[oldest]


def _seconds(value: float) -> str:
    """Decimal seconds to the microsecond, without trailing zeros: 0.512, 4.096, 1.536."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
