"""Times, sizes and lengths in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rostra.media.wire import Phase
from rostra.web.pages import words
from tests.unit.broadcast.test_schedule import NOW, a_broadcast


def test_a_moment_has_its_zone_and_its_offset() -> None:
    moment = words.moment(datetime(2026, 11, 24, 19, 0, tzinfo=UTC), "Europe/Berlin")
    assert moment.text == "Tuesday 24 November 2026, 20:00"
    assert (moment.iso, moment.date, moment.time, moment.offset) == (
        "2026-11-24T19:00:00Z",
        "2026-11-24",
        "20:00",
        "UTC+1",
    )


@pytest.mark.parametrize(
    ("zone", "offset"), [("UTC", "UTC"), ("Asia/Kolkata", "UTC+5:30"), ("America/St_Johns", "UTC−2:30")]
)
def test_offsets_of_half_hours(zone: str, offset: str) -> None:
    assert words.moment(NOW, zone).offset == offset


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (61, "1 min 01 s"), (3725, "1 h 02 min"), (-5, "0 s")]
)
def test_lengths(seconds: int, text: str) -> None:
    assert words.duration_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("size", "text"), [(10, "1 kB"), (612_000, "612 kB"), (28_400_000, "28.4 MB"), (3e9, "3.0 GB")]
)
def test_sizes(size: int, text: str) -> None:
    assert words.size_text(size) == text


def test_where_a_broadcast_stands() -> None:
    soon = a_broadcast()
    assert words.minute_text(soon, NOW) == "2 h 00 min to the start"
    assert words.minute_text(soon, NOW + timedelta(hours=3)) == "1 h 00 min after the planned start"
    live = replace(soon, phase=Phase.LIVE, live_at=NOW)
    assert words.minute_text(live, NOW + timedelta(minutes=3)) == "on the air for 3 min"
    assert words.minute_text(replace(live, phase=Phase.ENDED), NOW) == "ended"


def test_an_audience_is_a_number_or_an_estimate() -> None:
    assert words.audience_text(12, 0.0) == "12 listening"
    assert words.audience_text(1234, 0.05) == "about 1,200 listening"
    assert words.audience_text(98_765, 0.05) == "about 99,000 listening"


def test_a_place_in_a_recording() -> None:
    assert [words.clock_text(ms) for ms in (7_000, 754_000, 3_723_000)] == ["0:07", "12:34", "1:02:03"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (1, "1 min"), (5400, "90 min"), (5401, "2 h"), (172_800, "48 h"), (172_801, "3 days")],
)
def test_what_is_left_is_never_too_little(seconds: int, text: str) -> None:
    assert words.left(NOW + timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("typed", "ms"),
    [("0:07", 7_000), (" 12:34 ", 754_000), ("1:02:03", 3_723_000), ("90:00", 5_400_000), ("3:5", 185_000)],
)
def test_a_time_as_players_show_it(typed: str, ms: int) -> None:
    assert words.clock_ms(typed) == ms


@pytest.mark.parametrize("typed", ["", "12", "1:75", "-1:00", "1:2:3:4", "١:٠٢", "1:02\n3", "0:00 OR 1=1", "9999:00"])
def test_what_is_no_time(typed: str) -> None:
    assert words.clock_ms(typed) is None
