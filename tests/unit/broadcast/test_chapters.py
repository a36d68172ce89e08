"""Marks become chapters: in order, without gaps, inside the recording."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast import Broadcast, Mark, MarkKind, Visibility, chapters
from rostra.broadcast.chapters import MARK_CHARS, chapters_json, chapters_vtt, mark_title, recording_offset_ms
from rostra.media.wire import Phase
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, BroadcastId

OPENED = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
LIVE = OPENED + timedelta(minutes=15)
HOUR_MS = 3_600_000


def ended(**more: object) -> Broadcast:
    values: dict[str, object] = {
        "id": BroadcastId(1),
        "owner_id": AccountId(2),
        "slug": "evening",
        "title": "An evening",
        "description": "",
        "picture": None,
        "starts_at": LIVE,
        "zone": "UTC",
        "visibility": Visibility.PUBLIC,
        "auto_start": False,
        "doors_open_before_min": 15,
        "phase": Phase.ENDED,
        "host_speaker_id": None,
        "host_name": "Ada",
        "anchor_at": OPENED,
        "live_at": LIVE,
        "ended_at": LIVE + timedelta(hours=1),
        "part_frames": 24,
        "parts_per_segment": 8,
    }
    return Broadcast(**values | more)  # type: ignore[arg-type]


def mark(after_s: float, title: str = "", kind: MarkKind = MarkKind.MARK, number: int = 0) -> Mark:
    at = LIVE + timedelta(seconds=after_s)
    return Mark(id=number or round(after_s * 1000), broadcast_id=BroadcastId(1), at=at, title=title, kind=kind)


def test_the_recording_begins_with_the_part_of_the_first_moment_on_the_air() -> None:
    """So a mark is up to one part later in it than after the press."""
    offset = recording_offset_ms(ended(), LIVE + timedelta(seconds=60))
    assert offset is not None
    assert 60_000 <= offset < 60_512


def test_a_broadcast_that_never_was_on_the_air_has_no_chapters() -> None:
    assert chapters(ended(live_at=None), [mark(5)], HOUR_MS) == []


def test_marks_become_chapters_and_the_first_begins_at_the_beginning() -> None:
    made = chapters(ended(), [mark(600, "Rockets"), mark(1200)], HOUR_MS)
    assert [chapter.title for chapter in made] == ["Beginning", "Rockets", "Chapter 3"]
    assert made[0].start_ms == 0
    assert made[-1].end_ms == HOUR_MS


def test_a_pause_is_a_chapter_of_its_own() -> None:
    marks = [mark(600, kind=MarkKind.PAUSE), mark(700, kind=MarkKind.RESUME)]
    assert [chapter.title for chapter in chapters(ended(), marks, HOUR_MS)] == ["Beginning", "Pause", "After the pause"]


def test_a_mark_at_the_same_moment_as_a_return_keeps_the_hosts_words() -> None:
    marks = [mark(700, kind=MarkKind.RESUME), mark(700.4, "Questions"), mark(700.8, kind=MarkKind.RESUME)]
    assert [chapter.title for chapter in chapters(ended(), marks, HOUR_MS)] == ["Beginning", "Questions"]


@given(st.lists(st.floats(-100, 4000), max_size=30))
def test_chapters_are_in_order_and_leave_no_gap(moments: list[float]) -> None:
    made = chapters(ended(), [mark(at, number=n + 1) for n, at in enumerate(moments)], HOUR_MS)
    edges = [chapter.start_ms for chapter in made] + [made[-1].end_ms] if made else [0, HOUR_MS]
    assert edges[0] == 0
    assert edges[-1] == HOUR_MS
    assert all(later > earlier for earlier, later in pairwise(edges))
    assert all(chapter.end_ms == after.start_ms for chapter, after in pairwise(made))


def test_json_chapters() -> None:
    document = json.loads(chapters_json(chapters(ended(), [mark(600, "Rockets")], HOUR_MS), title="An evening"))
    assert document["version"] == "1.2.0"
    assert document["chapters"][0] == {
        "startTime": 0,
        "endTime": document["chapters"][1]["startTime"],
        "title": "Beginning",
    }


def test_a_title_cannot_break_out_of_its_cue() -> None:
    text = chapters_vtt(chapters(ended(), [mark(3601 - 2, "a --> <b>&")], HOUR_MS)).decode()
    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:59:59.")
    assert "\na --&gt; &lt;b&gt;&amp;\n" in text


def test_a_title_is_one_line_and_not_too_long() -> None:
    assert mark_title("  Two\nlines \x07") == "Two lines"
    with pytest.raises(Invalid):
        mark_title("x" * (MARK_CHARS + 1))
