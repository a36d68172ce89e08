"""What goes when not everything can: the cut-off, and the bulkheads beside Gradient2."""

from __future__ import annotations

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from rostra.shield.admission import Standing
from rostra.shield.concurrency import AdaptiveLimit
from rostra.shield.priorities import DRAWS, LAST, NEVER_CUT, STRANGER, CutOff, place_of

KEY = b"k" * 43
LATE = {"late_ms": 60.0, "cpu": 0.9, "ours_cpu": 0.5}
FINE = {"late_ms": 2.0, "cpu": 0.4, "ours_cpu": 0.5}


def offered(cut_off: CutOff, listeners: int = 700, strangers: int = 300) -> tuple[int, int]:
    """How many of each pass in one window."""
    passed = [0, 0]
    for group, (standing, count) in enumerate(((Standing.LISTENER, listeners), (STRANGER, strangers))):
        for number in range(count):
            place = place_of(standing, b"%d" % number, KEY)
            passed[group] += not cut_off.counting or cut_off.passes(place)
    return passed[0], passed[1]


def test_nobody_is_counted_on_a_calm_day() -> None:
    cut_off = CutOff()
    for _ in range(10):
        cut_off.turn(**FINE)
        assert not cut_off.counting


def test_strangers_go_before_listeners_and_five_percent_at_a_time() -> None:
    cut_off = CutOff()
    cut_off.turn(**LATE)
    assert offered(cut_off) == (700, 300)
    listeners, strangers = [], []
    for _ in range(7):
        cut_off.turn(**LATE)
        each = offered(cut_off)
        listeners.append(each[0])
        strangers.append(each[1])
    assert strangers == sorted(strangers, reverse=True)
    assert 925 <= listeners[0] + strangers[0] <= 950
    assert listeners[:5] == [700] * 5
    assert strangers[-1] == 0
    assert listeners[-1] < 700


def test_whoever_is_on_stage_is_never_cut() -> None:
    cut_off = CutOff()
    for _ in range(300):
        cut_off.turn(**LATE)
        offered(cut_off)
        assert cut_off.passes(place_of(Standing.MODERATOR, b"x", KEY))
    assert cut_off.place >= NEVER_CUT


def test_the_same_people_are_cut_until_it_is_over() -> None:
    """A draw at each request would spoil the sound of everybody instead of some."""
    cut_off = CutOff()
    for _ in range(3):
        cut_off.turn(**LATE)
        offered(cut_off)
    places = [place_of(STRANGER, b"%d" % number, KEY) for number in range(300)]
    first = [cut_off.passes(place) for place in places]
    assert {True, False} == set(first)
    assert first == [cut_off.passes(place) for place in places]


def test_all_come_back_when_the_loop_is_quick_again() -> None:
    cut_off = CutOff()
    for _ in range(20):
        cut_off.turn(**LATE)
        offered(cut_off)
    cut_short = cut_off.place
    for _ in range(400):
        cut_off.turn(**FINE)
        offered(cut_off)
    assert cut_short < cut_off.place == LAST
    cut_off.turn(**FINE)
    assert not cut_off.counting


def test_a_cut_ends_even_when_nobody_asks_any_more() -> None:
    cut_off = CutOff()
    for _ in range(20):
        cut_off.turn(**LATE)
        offered(cut_off)
    for _ in range(60):
        cut_off.turn(**FINE)
    assert cut_off.place == LAST


def test_a_loop_that_others_make_late_cuts_nobody() -> None:
    cut_off = CutOff()
    for _ in range(10):
        cut_off.turn(late_ms=500, cpu=0.1, ours_cpu=0.5)
        assert offered(cut_off) == (700, 300)


@given(st.binary(min_size=1, max_size=30), st.integers(0, STRANGER))
def test_a_place_lies_in_its_class_and_depends_on_nothing_else(who: bytes, standing: int) -> None:
    place = place_of(standing, who, KEY)
    assert place // DRAWS == standing
    assert place == place_of(standing, who, KEY)


class Gradient2:
    """As published (concurrency-limits, Gradient2Limit): the long average is the baseline."""

    def __init__(self) -> None:
        self.limit, self.long_ms = 200.0, 0.0

    def sample(self, latency_ms: float) -> None:
        self.long_ms = latency_ms if not self.long_ms else self.long_ms + (latency_ms - self.long_ms) * 2 / 601
        gradient = max(0.5, min(1.0, 1.5 * self.long_ms / latency_ms))
        wanted = self.limit * gradient + sqrt(self.limit)
        self.limit = max(20.0, min(1000.0, self.limit * 0.8 + wanted * 0.2))


def test_a_constant_stall_does_not_become_the_measure() -> None:
    """Gradient2 takes a stall that lasts for normal and grows into it; an absolute ceiling does not."""
    theirs, ours = Gradient2(), AdaptiveLimit(lowest=20, highest=1000)
    ours.taken = 200
    for _ in range(60):
        theirs.sample(50)
        ours.sample(2, 0.4, 0.5)
    lowest = theirs.limit
    for _ in range(600):
        theirs.sample(5000)
        ours.sample(5000, 0.95, 0.5)
        ours.taken = min(ours.taken, int(ours.limit))
        lowest = min(lowest, theirs.limit)
    assert theirs.limit > 2 * lowest
    assert ours.limit == 20


def test_room_comes_back_after_a_stall() -> None:
    limit = AdaptiveLimit(lowest=20, highest=1000)
    limit.taken = 500
    for _ in range(10):
        limit.sample(300, 0.95, 0.5)
    assert limit.limit < 500
    for _ in range(60):
        limit.taken = int(limit.limit)
        limit.sample(5, 0.5, 0.5)
    assert limit.limit == 1000


def test_a_limit_that_nobody_uses_does_not_grow() -> None:
    limit = AdaptiveLimit(lowest=20, highest=1000)
    limit.taken = 100
    limit.sample(300, 0.95, 0.5)
    limit.taken = 0
    for _ in range(60):
        limit.sample(5, 0.2, 0.5)
    assert limit.limit == 90


def test_the_cheapest_find_it_full_first() -> None:
    limit = AdaptiveLimit(lowest=1, highest=100)
    limit.taken = 92
    assert [limit.has_room(standing) for standing in (*Standing, STRANGER)] == [True] * 5 + [False]
    limit.taken = 96
    assert [limit.has_room(standing) for standing in (*Standing, STRANGER)] == [True] * 4 + [False, False]
