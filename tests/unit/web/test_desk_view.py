"""The desk's words."""

from __future__ import annotations

from datetime import UTC, datetime

from rostra.safety.cases import Event, Happened
from rostra.web.pages.desk_view import (
    event_views,
)


def test_whatever_happens_to_a_case_has_words() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    views = event_views([Event(what=each, at=at) for each in Happened], {}, "UTC")
    assert len({each.text for each in views}) == len(Happened)
