"""The window: order, deadlines, silence, sliding, the end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.window import AHEAD_S, PATIENCE_S, SLACK_S, Hushed, PartRefused, Window
from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO
from tests.kit.clock import FakeClock

PART_S = 0.512


class Desk:
    """A window and a clock that stands still; parts are as punctual as the test says."""

    def __init__(self, clock: FakeClock, *, window_s: float = 60, age_s: float = 0.0) -> None:
        self.clock = clock
        self.media = MediaClock(clock.now_us() - round(age_s * 1_000_000))
        self.window = Window(self.media, AAC_STEREO, window_s=window_s)

    def part(self, index: int) -> Part:
        return Part(index, [b"%d.%d" % (index, frame) for frame in range(24)])

    def insert(self, *indices: int) -> list[int]:
        """Insert the parts now; what became listed."""
        listed = []
        for index in indices:
            made = self.window.insert(self.part(index), self.clock.monotonic(), self.clock.now_us())
            listed += [each.index for each in made]
        return listed

    def fill(self) -> list[int]:
        """Look twice; the indices that were listed, negative for silence."""
        made = [each for _ in range(2) for each in self.window.fill(self.clock.monotonic(), self.clock.now_us())]
        return [each.index if not each.silent else -each.index for each in made]


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock)


def test_parts_in_order_are_listed_at_once(desk: Desk) -> None:
    assert [desk.insert(index) for index in range(3)] == [[0], [1], [2]]


def test_a_part_out_of_order_waits_for_the_one_before(desk: Desk) -> None:
    desk.insert(0)
    assert desk.insert(2) == []
    assert desk.insert(1) == [1, 2]


def test_a_missing_part_becomes_silence_after_its_deadline(desk: Desk, clock: FakeClock) -> None:
    """Expected one part after the last, and waited for 0.6 s longer, then 24 silent frames stand in for it."""
    desk.insert(0)
    clock.jump(seconds=PART_S + SLACK_S - 0.01)
    assert desk.fill() == []
    clock.jump(seconds=0.02)
    [listed] = desk.window.fill(clock.monotonic(), clock.now_us())
    assert (listed.index, listed.silent, list(listed.frames)) == (1, True, [AAC_STEREO.silence] * 24)


def test_a_process_that_was_held_up_reads_before_it_gives_up(desk: Desk, clock: FakeClock) -> None:
    """Under load the deadline and the part come up together: the part wins."""
    desk.insert(0)
    desk.fill()
    clock.jump(seconds=2)
    assert desk.window.fill(clock.monotonic(), clock.now_us()) == []
    assert [desk.insert(index) for index in (1, 2, 3)] == [[1], [2], [3]]


def test_silence_goes_on_for_as_long_as_nobody_sends(desk: Desk, clock: FakeClock) -> None:
    """The playlist of a broadcast whose stage died goes on in real time."""
    desk.insert(0)
    clock.jump(seconds=20)
    assert desk.fill() == [-index for index in range(1, 38)]


def test_a_part_that_comes_too_late_is_dropped(desk: Desk, clock: FakeClock) -> None:
    """What a player may have fetched as silence stays silence."""
    desk.insert(0)
    clock.jump(seconds=PART_S + SLACK_S)
    desk.fill()
    assert desk.insert(1) == []
    assert desk.window.late_count == 1
    assert desk.insert(2) == [2]


def test_what_was_silence_stays_silence_in_a_window_that_begins_anew(desk: Desk, clock: FakeClock) -> None:
    """The late part is on the bus; an edge that reads the window from there lists what players have seen."""
    desk.insert(0)
    clock.jump(seconds=PART_S + SLACK_S)
    assert desk.fill() == [-1]
    assert desk.insert(1, 2, 3) == [2, 3]
    assert desk.window.own.spans == ((1, 2),)
    anew = Desk(clock, age_s=PART_S + SLACK_S)
    for span in desk.window.own.spans:
        anew.window.others.add(*span)
    listed = [
        each for index in range(4) for each in anew.window.insert(anew.part(index), clock.monotonic(), clock.now_us())
    ]
    assert [(each.index, each.silent) for each in listed] == [(0, False), (1, True), (2, False), (3, False)]
    assert list(listed[1].frames) == [AAC_STEREO.silence] * 24
    assert anew.window.own.spans == ((1, 2),)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=12), st.integers(0, 30))
def test_spans_of_silence_hold_what_was_added_and_lie_apart(added: list[tuple[int, int]], below: int) -> None:
    hushed, indices = Hushed(), set()
    for first, length in added:
        hushed.add(first, first + length)
        indices |= set(range(first, first + length))
    hushed.forget(below)
    assert {index for index in range(40) if index in hushed} == {index for index in indices if index >= below}
    assert all(earlier[1] < later[0] for earlier, later in pairwise(hushed.spans))


def test_a_hole_behind_which_parts_wait_is_filled(desk: Desk, clock: FakeClock) -> None:
    desk.insert(0)
    clock.jump(seconds=2 * PART_S)
    assert desk.insert(2) == []
    clock.jump(seconds=SLACK_S - PART_S + 0.01)
    assert desk.fill() == [-1, 2]


def test_the_same_part_twice_is_one_part(desk: Desk) -> None:
    desk.insert(0)
    assert desk.insert(2, 2, 1, 1) == [1, 2]


def test_clock_skew_between_machines_does_not_matter(clock: FakeClock) -> None:
    """The stage's clock is 90 s behind: its parts are on time, because only arrivals are compared."""
    desk = Desk(clock, age_s=120)
    for index in range(50, 60):
        desk.insert(index)
        clock.jump(seconds=PART_S)
        assert desk.fill() == []
    assert desk.window.next == 60


def test_a_stepping_wall_clock_does_not_matter(desk: Desk, clock: FakeClock) -> None:
    desk.insert(0)
    clock.step(hours=3)
    assert desk.fill() == []


def test_a_window_that_begins_in_the_middle_starts_at_a_segment(clock: FakeClock) -> None:
    """A restarted edge numbers as it would have; what it lacks of its first segment is a gap."""
    desk = Desk(clock, age_s=60)
    made = desk.window.insert(desk.part(100), clock.monotonic(), clock.now_us())
    assert [(each.index, each.gap) for each in made] == [
        (96, True), (97, True), (98, True), (99, True), (100, False),
    ]  # fmt: skip
    assert desk.window.first == 96


def test_history_that_comes_at_once_is_taken_in_order(clock: FakeClock) -> None:
    """What the bus still holds arrives in a burst: nothing of it is late."""
    desk = Desk(clock, age_s=60)
    assert desk.insert(*range(116)) == list(range(116))
    assert desk.window.silent_count == 0


def test_open_doors_without_a_stage_become_silence_after_patience(desk: Desk, clock: FakeClock) -> None:
    """Players that wait at the doors get a playlist even when no stage is there yet."""
    desk.fill()
    clock.jump(seconds=PATIENCE_S)
    assert desk.fill() == []
    clock.jump(seconds=PART_S * 2)
    assert desk.fill()[:1] == [0]
    assert desk.window.started


def test_the_first_real_part_ends_the_patience(desk: Desk, clock: FakeClock) -> None:
    desk.fill()
    clock.jump(seconds=1)
    assert desk.insert(0) == [0]


def test_the_window_slides_by_whole_segments(desk: Desk, clock: FakeClock) -> None:
    """60 s are 14 segments of 4.096 s; the oldest leaves when the fifteenth is whole."""
    for index in range(15 * 8):
        desk.insert(index)
        clock.jump(seconds=PART_S)
    assert desk.window.first == 8


def test_a_gap_longer_than_the_window_begins_anew(desk: Desk, clock: FakeClock) -> None:
    """A machine that slept for an hour lists the present, not an hour of silence."""
    desk.insert(0, 1)
    clock.jump(hours=1)
    desk.insert(7031)
    assert desk.window.first == 7024


def test_the_end_refuses_what_comes_after_it(desk: Desk) -> None:
    desk.insert(0, 1)
    desk.window.end(3)
    assert not desk.window.finished
    assert desk.insert(2) == [2]
    assert desk.window.finished
    assert desk.insert(3) == []


def test_the_end_waits_for_a_missing_part_until_its_deadline(desk: Desk, clock: FakeClock) -> None:
    desk.insert(0, 1)
    desk.window.end(3)
    clock.jump(seconds=PART_S + SLACK_S)
    assert desk.fill() == [-2]
    assert desk.window.finished


def test_an_end_before_what_is_listed_ends_there(desk: Desk) -> None:
    """The site's clock is behind: a part that players have seen is not taken back."""
    desk.insert(0, 1, 2, 3)
    desk.window.end(2)
    assert desk.window.finished
    assert desk.window.next == 4


@pytest.mark.parametrize("frames", [0, 23, 25])
def test_a_part_of_the_wrong_size_is_refused(desk: Desk, clock: FakeClock, frames: int) -> None:
    with pytest.raises(PartRefused):
        desk.window.insert(Part(0, [b""] * frames), clock.monotonic(), clock.now_us())


@pytest.mark.parametrize("index", [-1, int(AHEAD_S / PART_S) + 3, 10**12])
def test_a_part_of_another_time_is_refused(desk: Desk, clock: FakeClock, index: int) -> None:
    with pytest.raises(PartRefused):
        desk.insert(index)


events = st.lists(
    st.one_of(
        st.tuples(st.just("part"), st.integers(0, 60)),
        st.tuples(st.just("wait"), st.floats(0, 3, allow_nan=False)),
        st.tuples(st.just("end"), st.integers(0, 60)),
    ),
    max_size=60,
)


@given(events)
def test_the_list_of_parts_has_no_hole_and_never_changes(happenings: list[tuple[str, float]]) -> None:
    """Whatever arrives, in whatever order and however late: each listed part follows the one before, except where
    the window begins anew because more than all of it is missing."""
    clock = FakeClock()
    desk = Desk(clock, window_s=12, age_s=30)
    seen: list[int] = []
    for what, value in happenings:
        first, next_part = desk.window.first, desk.window.next
        if what == "part":
            seen += desk.insert(int(value))
        elif what == "wait":
            clock.jump(seconds=value)
            seen += [abs(index) for index in desk.fill()]
        else:
            desk.window.end(int(value))
        assert desk.window.first >= first
        assert desk.window.next >= next_part
        assert desk.window.first % 8 == 0
        assert desk.window.first <= desk.window.next
    jumps = [(earlier, later) for earlier, later in pairwise(seen) if later != earlier + 1]
    assert all(later - earlier > 16 and later % 8 == 0 for earlier, later in jumps)
    assert not seen or seen[-1] == desk.window.next - 1


def test_who_begins_in_the_second_segment_has_the_first_as_silence() -> None:
    """The first segment lies before the doors, so the first listener need not wait for a whole one."""
    clock = MediaClock(0)
    window = Window(clock, AAC_STEREO, window_s=60)
    listed = window.insert(Part(8, [b"x"] * 24), 1.0, clock.part_ends_us(8))
    assert [each.index for each in listed] == list(range(9))
    assert [each.silent for each in listed] == [True] * 8 + [False]
