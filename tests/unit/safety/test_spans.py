"""Which presses mean the same moment."""

from __future__ import annotations

import pytest

from rostra.safety.spans import joined, means_the_same
from rostra.safety.subjects import Subject, SubjectKind


def span(from_s: float, to_s: float, broadcast: int = 9) -> Subject:
    return Subject(SubjectKind.SPAN, broadcast, round(from_s * 1000), round(to_s * 1000))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (span(80, 100), span(90, 110), True),
        (span(80, 100), span(91, 111), False),
        (span(80, 100), span(80, 100, broadcast=8), False),
        (span(100, 100), span(90, 110), True),
        (span(100, 100), span(108, 108), True),
        (span(100, 100), span(120, 120), False),
        (span(0, 3600), span(80, 100), False),
        (span(0, 3600), span(0, 2000), True),
        (span(0, 0), span(5, 5), True),
        (span(80, 100), Subject(SubjectKind.BROADCAST, 9), False),
    ],
)
def test_who_presses_within_ten_seconds_means_the_same(one: Subject, other: Subject, same: bool) -> None:
    assert means_the_same(one, other) is means_the_same(other, one) is same


def test_each_joins_what_waits_or_what_came_before_it() -> None:
    """Compared with what a case is about, not with who came last: so a case does not wander through an hour."""
    waiting = span(80, 100)
    presses = [span(88, 108), span(96, 116), span(97, 117), span(104, 124), span(80, 100)]
    assert joined(presses, [waiting]) == {
        presses[0]: waiting,
        presses[1]: presses[1],
        presses[2]: presses[1],
        presses[3]: presses[1],
        presses[4]: waiting,
    }
    assert joined([presses[0]], [waiting, presses[0]]) == {presses[0]: presses[0]}, "its own case before any other"
