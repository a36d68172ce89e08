"""When a moderator's day began, in the zone of the house."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rostra.flows.work_at_desk import day_began


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 5, 4, 18, 30, tzinfo=UTC), datetime(2026, 5, 3, 22, tzinfo=UTC)),
        (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, 0, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)),
    ],
    ids=["a usual day", "an hour is left out", "an hour comes twice"],
)
def test_the_day_begins_at_midnight_there(now: datetime, began: datetime) -> None:
    assert day_began(now, "Europe/Brussels") == began
