"""The transcript of a replay: what was said, at the times of the replay, without what was cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rostra.broadcast.replays import Cuts
from rostra.broadcast.schedule import Broadcast
from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.webvtt import Timed, document, lines
from rostra.media.wire import Cue
from rostra.platform.clock import to_us

SEARCH_CHARS: Final = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A cue in the replay. start_ms, end_ms: replay time; recording_ms: where it begins in the uncut recording."""

    start_ms: int
    end_ms: int
    recording_ms: int
    text: str


def recording_begins(broadcast: Broadcast) -> int | None:
    """Samples of media time at which the recording begins: the part that listeners heard first. None without one."""
    if broadcast.live_at is None or broadcast.anchor_at is None or broadcast.part_frames is None:
        return None
    clock = MediaClock.opened_at(to_us(broadcast.anchor_at), broadcast.part_frames, broadcast.parts_per_segment or 1)
    return clock.decode_time(max(0, clock.part_at(to_us(broadcast.live_at + broadcast.delay))))


def transcript(
    cues: Sequence[Cue], *, begins: int, recorded_ms: int, cuts: Cuts, silences: Sequence[tuple[int, int]] = ()
) -> list[Line]:
    """The lines of a recording of `recorded_ms` that begins at media sample `begins`.

    A cue that a cut touches is left out whole: its words are not known more finely, and what is cut must not be read.
    silences: spans of recording time, milliseconds, that are withheld; the same holds for them.
    """
    found: list[Line] = []
    gone = (*cuts.spans, *silences)
    for cue in cues:
        start = max(0, (cue.start - begins) * 1000 // SAMPLE_RATE_HZ)
        end = min(recorded_ms, (cue.end - begins) * 1000 // SAMPLE_RATE_HZ)
        if end <= start or any(start < gone_end and end > gone_start for gone_start, gone_end in gone):
            continue
        found.append(Line(cuts.published_ms(start), cuts.published_ms(end), start, cue.text))
    return found


def search(made: Sequence[Line], words: str) -> list[Line]:
    """The lines in which `words` stand, whatever their case. All for no words."""
    wanted = " ".join(words[:SEARCH_CHARS].split()).casefold()
    return [line for line in made if wanted in line.text.casefold()]


def as_vtt(made: Sequence[Line]) -> bytes:
    """A WebVTT captions track of the replay."""
    return document(Timed(line.start_ms, line.end_ms, "\n".join(lines(line.text))) for line in made).encode()


def as_text(made: Sequence[Line], *, title: str) -> bytes:
    """To read and to quote: a line for each cue with its time."""
    stamped = [f"[{_clock(line.start_ms)}] {line.text}\n" for line in made]
    return "".join([f"{title}\n\n", *stamped]).encode()


def _clock(at_ms: int) -> str:
    seconds = at_ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
