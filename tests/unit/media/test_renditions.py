"""Which frames belong to which part: a function of the number alone, without a hole or an overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.clock import MediaClock
from rostra.media.renditions import AAC_STEREO, MP3_MONO, OPUS_STEREO, RENDITIONS, Rendition

CLOCK = MediaClock(0)
clocks = st.builds(
    MediaClock, anchor_us=st.just(0), part_frames=st.integers(12, 94), parts_per_segment=st.integers(2, 32)
)
renditions = st.sampled_from(list(RENDITIONS.values()))


@given(clocks, renditions, st.integers(0, 1_000_000))
def test_a_part_holds_the_frames_that_start_in_it(clock: MediaClock, rendition: Rendition, part: int) -> None:
    """The first starts less than a frame after the part does, the one after the last starts in the next part."""
    first, count = rendition.first_frame(clock, part), rendition.frame_count(clock, part)
    starts = rendition.decode_time(clock, part)
    assert clock.decode_time(part) <= starts < clock.decode_time(part) + rendition.frame_samples
    assert starts + (count - 1) * rendition.frame_samples < clock.decode_time(part + 1)
    assert first + count == rendition.first_frame(clock, part + 1)


@given(clocks, renditions, st.integers(0, 1_000_000))
def test_no_part_is_longer_than_its_target(clock: MediaClock, rendition: Rendition, part: int) -> None:
    """And none is shorter than 85 % of it, as RFC 8216bis, 4.4.4.9 wants."""
    target_s, span_s = rendition.part_target_s(clock), rendition.span_s(clock, part, part + 1)
    assert 0.85 * target_s <= span_s <= target_s + 1e-9


@given(clocks, renditions, st.integers(0, 100_000))
def test_no_segment_is_longer_than_the_target_duration(clock: MediaClock, rendition: Rendition, segment: int) -> None:
    start = clock.first_part(segment)
    assert round(rendition.span_s(clock, start, start + clock.parts_per_segment)) <= clock.target_duration_s


@pytest.mark.parametrize(("rendition", "counts"), [(AAC_STEREO, {24}), (OPUS_STEREO, {25, 26}), (MP3_MONO, {21, 22})])
def test_counts(rendition: Rendition, counts: set[int]) -> None:
    assert {rendition.frame_count(CLOCK, part) for part in range(100)} == counts
