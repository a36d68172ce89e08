"""The calendar file, as RFC 5545 wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.calendar import calendar_file
from rostra.broadcast.schedule import Broadcast
from rostra.media.wire import Phase
from tests.unit.broadcast.test_schedule import NOW, a_broadcast


def written(broadcast: Broadcast) -> bytes:
    return calendar_file(broadcast, page_url="https://live.test/b/a-talk", domain="live.test", now=NOW)


def unfolded(file: bytes) -> dict[str, str]:
    """The properties by name, put together again as section 3.1 says."""
    lines = file.decode().replace("\r\n ", "").split("\r\n")
    return dict(line.partition(":")[::2] for line in lines if line)


def test_an_entry_says_when_in_utc_and_where() -> None:
    """20:00 UTC is the same moment in everybody's calendar, without a description of zones."""
    entry = unfolded(written(a_broadcast()))
    assert entry["DTSTART"] == "20260504T200000Z"
    assert entry["DTEND"] == "20260504T210000Z"
    assert entry["URL"] == "https://live.test/b/a-talk"
    assert entry["UID"] == "broadcast-1@live.test"
    assert entry["STATUS"] == "CONFIRMED"


def test_a_cancelled_broadcast_leaves_the_calendar() -> None:
    assert unfolded(written(replace(a_broadcast(), phase=Phase.CANCELLED, version=4)))["STATUS"] == "CANCELLED"


def test_an_ended_broadcast_has_its_true_length() -> None:
    live_at = datetime(2026, 5, 4, 20, 1, tzinfo=UTC)
    ended = replace(a_broadcast(Phase.ENDED), live_at=live_at, ended_at=live_at + timedelta(minutes=42))
    assert unfolded(written(ended))["DTEND"] == "20260504T204300Z"


@given(st.text(max_size=400))
def test_no_line_is_longer_than_75_octets_and_no_text_breaks_out(title: str) -> None:
    """Folding never cuts a character, and a title cannot add a property of its own."""
    file = written(replace(a_broadcast(), title=title, description=title))
    for line in file.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
        assert b"\n" not in line
        assert b"\r" not in line
    properties = [line.split(":")[0].split(";")[0] for line in file.decode().replace("\r\n ", "").split("\r\n") if line]
    assert properties.count("SUMMARY") == properties.count("BEGIN") - 1 == 1


def test_separators_are_escaped() -> None:
    entry = unfolded(written(replace(a_broadcast(), title="a,b;c\\d")))
    assert entry["SUMMARY"] == "a\\,b\\;c\\\\d"
