"""Marks that are set while a broadcast is on the air, and the chapters that they make of its recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.broadcast.replays.cuts import Cuts
from rostra.broadcast.schedule import Broadcast, one_line
from rostra.media.clock import MediaClock
from rostra.media.webvtt import escape, vtt_time
from rostra.platform.clock import to_us
from rostra.platform.errors import Conflict, Invalid, NotFound, RostraError
from rostra.platform.ids import BroadcastId

MARK_CHARS: Final = 120
MOST_MARKS: Final = 500
SHORTEST_MS: Final = 1000
"""Marks closer together than this are one: two presses for the same moment, or a mark and a pause."""
OPENING: Final = "Beginning"
PAUSED: Final = "Pause"
RESUMED: Final = "After the pause"


class MarkKind(StrEnum):
    """Who set it: the host, or the broadcast by pausing and returning."""

    MARK = "mark"
    PAUSE = "pause"
    RESUME = "resume"


class NotOnAir(Conflict):
    code = "not_on_air"
    user_message = "Marks can be set while the broadcast is on the air."


class MarkUnknown(NotFound):
    code = "mark_unknown"
    user_message = "This mark does not exist any more."


class TooManyMarks(RostraError):
    status, code = HTTPStatus.CONFLICT, "too_many_marks"
    user_message = f"A broadcast can have {MOST_MARKS} marks. Remove one that is not needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment of a broadcast. at: when it happened on stage. title: may be empty."""

    id: int
    broadcast_id: BroadcastId
    at: datetime
    title: str
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Chapter:
    """A span of a recording, from its start to the next chapter's or to the end."""

    start_ms: int
    end_ms: int
    title: str


def mark_title(text: str) -> str:
    """A title as people typed it, on one line. Raises Invalid when it is too long."""
    title = one_line(text)
    if len(title) > MARK_CHARS:
        raise Invalid("long mark", user_message=f"The title can have {MARK_CHARS} characters.", field="title")
    return title


def recording_offset_ms(broadcast: Broadcast, at: datetime) -> int | None:
    """Where `at` is in the recording, which begins with the part that was being filled when it first went live.

    None while the broadcast has no recording; 0 for what was before.
    """
    if broadcast.live_at is None or broadcast.anchor_at is None or broadcast.part_frames is None:
        return None
    clock = MediaClock.opened_at(to_us(broadcast.anchor_at), broadcast.part_frames, broadcast.parts_per_segment or 1)
    begins_us = clock.part_starts_us(max(0, clock.part_at(to_us(broadcast.live_at))))
    return max(0, (to_us(at) - begins_us) // 1000)


def chapters(broadcast: Broadcast, marks: Sequence[Mark], duration_ms: int) -> list[Chapter]:
    """The chapters of a recording of `duration_ms`, in order and without a gap; empty when nothing was marked.

    The first begins at 0. Of marks within a second the host's stays, else the latest.
    """
    starts: list[tuple[int, MarkKind, str]] = []
    for mark in sorted(marks, key=lambda mark: (mark.at, mark.id)):
        offset = recording_offset_ms(broadcast, mark.at)
        if offset is None or offset >= duration_ms:
            continue
        if starts and offset - starts[-1][0] < SHORTEST_MS:
            if starts[-1][1] is not MarkKind.MARK or mark.kind is MarkKind.MARK:
                starts[-1] = (starts[-1][0], mark.kind, mark.title)
            continue
        starts.append((offset, mark.kind, mark.title))
    if not starts:
        return []
    if starts[0][0] < SHORTEST_MS:
        starts[0] = (0, *starts[0][1:])
    else:
        starts.insert(0, (0, MarkKind.MARK, OPENING))
    ends = [start for start, _, _ in starts[1:]] + [duration_ms]
    return [
        Chapter(start, end, _title(kind, title, number))
        for number, ((start, kind, title), end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def published(made: Sequence[Chapter], cuts: Cuts) -> list[Chapter]:
    """The chapters where they are in the replay; one of which less than a second is left goes, its end to the next."""
    left: list[Chapter] = []
    for chapter in made:
        start, end = cuts.published_ms(chapter.start_ms), cuts.published_ms(chapter.end_ms)
        if end - start >= SHORTEST_MS:
            left.append(Chapter(left[-1].end_ms if left else 0, end, chapter.title))
    return left


def chapters_json(made: Sequence[Chapter], *, title: str) -> bytes:
    """JSON chapters 1.2, as podcast players read them (podcastindex.org, namespace `podcast:chapters`)."""
    listed = [
        {"startTime": chapter.start_ms / 1000, "endTime": chapter.end_ms / 1000, "title": chapter.title}
        for chapter in made
    ]
    return msgspec.json.encode({"version": "1.2.0", "title": title, "chapters": listed})


def chapters_vtt(made: Sequence[Chapter]) -> bytes:
    """A WebVTT chapters track for the player of a page."""
    cues = [
        f"{number}\n{vtt_time(chapter.start_ms)} --> {vtt_time(chapter.end_ms)}\n{escape(chapter.title)}\n"
        for number, chapter in enumerate(made, 1)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _title(kind: MarkKind, title: str, number: int) -> str:
    if title:
        return title
    return {MarkKind.PAUSE: PAUSED, MarkKind.RESUME: RESUMED}.get(kind, f"Chapter {number}")
