"""The media clock: numbers are functions of time, without gaps and without overlaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock

clocks = st.builds(
    MediaClock,
    anchor_us=st.integers(10**15, 2 * 10**15),
    part_frames=st.integers(12, 94),
    parts_per_segment=st.integers(2, 32),
)


def test_the_default_part_is_half_a_second() -> None:
    """24 frames of 1024 samples at 48 kHz; eight make a segment of 4.096 s."""
    clock = MediaClock(0)
    assert clock.part_s == 0.512
    assert clock.segment_s == 4.096
    assert clock.target_duration_s == 4


@given(clocks, st.integers(0, 1_000_000))
def test_a_moment_lies_in_its_part(clock: MediaClock, part: int) -> None:
    """The middle of a part belongs to it, and its neighbours meet without a gap."""
    middle_us = (clock.part_starts_us(part) + clock.part_ends_us(part)) // 2
    assert clock.part_at(middle_us) == part
    assert clock.part_ends_us(part) == clock.part_starts_us(part + 1)


@given(clocks, st.integers(0, 1_000_000))
def test_segments_are_whole_runs_of_parts(clock: MediaClock, part: int) -> None:
    """A segment begins with its first part and holds the given number."""
    first = clock.first_part(clock.segment_of(part))
    assert first <= part < first + clock.parts_per_segment
    assert clock.decode_time(part) == part * clock.part_samples


@given(clocks, st.integers(0, 36_000_000_000))
def test_nothing_that_was_said_before_the_end_is_cut(clock: MediaClock, later_us: int) -> None:
    """The last part holds the moment of the end."""
    ended_us = clock.anchor_us + later_us
    end = clock.end_part(ended_us)
    assert clock.part_ends_us(end - 1) > ended_us - 1_000_000 // SAMPLE_RATE_HZ - 1
    assert clock.part_at(ended_us) == end - 1


@given(clocks)
def test_the_target_duration_covers_every_segment(clock: MediaClock) -> None:
    """RFC 8216bis 4.4.3.1: a segment's rounded duration must not exceed it."""
    assert round(clock.segment_s) <= max(1, clock.target_duration_s)


@given(st.integers(10**15, 2 * 10**15), st.integers(9, 94), st.integers(2, 32))
def test_a_whole_segment_lies_before_the_doors(opened_us: int, part_frames: int, parts_per_segment: int) -> None:
    """Players want a whole segment before they begin; when the doors open, it is already over."""
    clock = MediaClock.opened_at(opened_us, part_frames, parts_per_segment)
    assert clock.segment_of(clock.part_at(opened_us)) == 1
    assert clock.part_at(opened_us) == parts_per_segment
