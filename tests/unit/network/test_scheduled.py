"""When something may be posted later, and how apps write that time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rostra.network.posts import BadTime, PostInvalid, check_due, moment_in

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-05T18:00:00.000Z",
        "2026-05-05T20:00:00+02:00",
        "2026-05-05T18:00:00",
        " 2026-05-05 18:00 ",
        "20260505T180000Z",
    ],
)
def test_times_as_apps_write_them(text: str) -> None:
    assert moment_in(text) == datetime(2026, 5, 5, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "banana", "tomorrow", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+01:00", "١٢"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(BadTime) as caught:
        moment_in(text)
    assert caught.value.user_message == "Record invalid"


def test_five_minutes_ahead_and_within_five_years() -> None:
    check_due(NOW + timedelta(minutes=5), now=NOW)
    check_due(NOW + timedelta(days=1825), now=NOW)
    for wrong in (timedelta(minutes=5) - timedelta(microseconds=1), timedelta(days=-1), timedelta(days=1831)):
        with pytest.raises(PostInvalid):
            check_due(NOW + wrong, now=NOW)
