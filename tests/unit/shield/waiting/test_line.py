"""The line: places from counts alone, and a front that calls them in order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rostra.shield.waiting.line import MOST_BUCKETS, Line
from rostra.shield.waiting.tickets import Place

places = st.builds(Place, st.integers(0, 8), st.integers(0, 2**64 - 1))


def line_of(people: list[Place]) -> Line:
    return Line().joined(Counter(place.bucket for place in people).items())


def test_a_place_is_found_without_a_list() -> None:
    line = Line().joined([(0, 1000), (3, 10)])
    assert line.ahead(Place(0, 0)) == 0
    assert line.ahead(Place(0, 1 << 63)) == 500
    assert line.ahead(Place(2, 0)) == 1000
    assert line.ahead(Place(3, 1 << 63)) == 1005
    assert line.waiting == 1010


@given(st.lists(places, max_size=60), st.lists(st.integers(0, 9), max_size=30))
def test_the_front_calls_in_order_and_never_back(people: list[Place], steps: list[int]) -> None:
    """Whoever is called stays so; nobody is called before somebody who stands before them; in the end all are."""
    line = line_of(people)
    called: set[Place] = set()
    for step in [*steps, len(people)]:
        line, _ = line.moved(step)
        now_called = {place for place in people if line.called(place)}
        assert called <= now_called
        assert not now_called or all(place in now_called for place in people if place < max(now_called))
        called = now_called
    assert line.waiting == 0
    assert called == set(people)


@given(st.lists(places, max_size=60), st.integers(0, 60))
def test_places_shrink_as_the_front_moves(people: list[Place], step: int) -> None:
    before = line_of(people)
    after, moved = before.moved(step)
    assert moved <= min(step, len(people))
    assert all(after.ahead(place) <= before.ahead(place) for place in people)
    assert before.waiting - after.waiting <= step


def test_counts_of_edges_add_up_and_who_was_called_is_not_counted_again() -> None:
    line, moved = Line().joined([(1, 4)]).joined([(1, 6), (2, 3)]).moved(10)
    assert moved == 10
    assert line == Line(((2, 3),), (2, 0))
    assert line.joined([(1, 5)]) == line


def test_a_line_of_hours_stays_a_small_file() -> None:
    line = Line().joined((bucket, 7) for bucket in range(2000))
    assert len(line.buckets) <= MOST_BUCKETS
    assert line.waiting == 14_000
    everybody, _ = line.moved(14_000)
    assert everybody.called(Place(1999, 2**64 - 1))
