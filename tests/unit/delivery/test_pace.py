"""When the next part is expected."""

from __future__ import annotations

import pytest

from rostra.delivery.pace import REMEMBERED, Pace


def test_nothing_is_expected_before_the_first_arrival() -> None:
    assert Pace(0.5).expected_s(3) is None


def test_expected_is_arrival_plus_distance() -> None:
    """Whatever the clock of the machine says: only its differences count."""
    pace = Pace(0.5)
    pace.arrived(1000, 7.0)
    assert pace.expected_s(1004) == pytest.approx(9.0)


def test_one_straggler_moves_nothing() -> None:
    """A part that comes four seconds late does not postpone the deadlines of the others."""
    pace = Pace(0.5)
    pace.arrived(10, 5.0)
    pace.arrived(11, 9.5)
    assert pace.expected_s(12) == pytest.approx(6.0)


def test_a_stage_that_is_later_for_good_is_followed() -> None:
    pace = Pace(0.5)
    pace.arrived(0, 0.0)
    for index in range(1, REMEMBERED + 1):
        pace.arrived(index, index * 0.5 + 3)
    assert pace.expected_s(20) == pytest.approx(13.0)
