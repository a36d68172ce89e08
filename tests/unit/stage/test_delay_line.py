"""The delay line: each part once, at its moment, without what was dumped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.clock import MediaClock
from rostra.media.held import Dump, HeldPart, Reader, Span, decode_held, encode_held, new_samples, silenced
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO, MP3_MONO, OPUS_STEREO, RENDITIONS, Rendition
from rostra.stage.delay_line import DelayLine

CLOCK = MediaClock(0)
SAMPLES = CLOCK.part_samples
FIRST = CLOCK.parts_per_segment + 10
"""The first part that can hold a word, with a delay of ten parts."""


def a_line() -> DelayLine:
    return DelayLine(CLOCK, tuple(RENDITIONS.values()), delay_parts=10)


def a_part(index: int, rendition: Rendition = AAC_STEREO) -> Part:
    return Part(index, [b"loud"] * rendition.frame_count(CLOCK, index))


def quiet_frames(part: Part, rendition: Rendition = AAC_STEREO) -> list[int]:
    return [number for number, frame in enumerate(part.frames) if frame == rendition.silence]


@given(
    order=st.permutations([(index, name) for index in range(FIRST, FIRST + 6) for name in ("aac64", "opus48")]),
    turns=st.lists(st.integers(-2, 8), min_size=14, max_size=14),
    dumps=st.lists(st.tuples(st.integers(0, 8 * SAMPLES), st.integers(1, 2 * SAMPLES)), max_size=3),
)
def test_each_part_comes_out_once_and_never_with_a_dumped_word(
    order: list[tuple[int, str]], turns: list[int], dumps: list[tuple[int, int]]
) -> None:
    """Whatever comes in any order, twice or late, while the clock steps to and fro."""
    line = a_line()
    line.pass_to(FIRST * SAMPLES)
    spans = [Span(FIRST * SAMPLES + first, FIRST * SAMPLES + first + length) for first, length in dumps]
    for number, span in enumerate(spans):
        assert line.dump(Dump(span.first, span.end, number))
        assert not line.dump(Dump(span.first, span.end, number)), "a note that comes again is no second dump"
    out: list[tuple[int, str]] = []
    due = FIRST
    for (index, name), turn in zip([*order, *order[:2]], turns, strict=True):
        line.hold(name, a_part(index, RENDITIONS[name]))
        line.pass_to((FIRST + turn) * SAMPLES)
        due = max(due, FIRST + turn)
        for rendition, part in line.release():
            assert part.index < due
            assert part == silenced(a_part(part.index, rendition), rendition, CLOCK, spans)
            out.append((part.index, rendition.name))
    line.pass_to((FIRST + 20) * SAMPLES)
    out += [(part.index, rendition.name) for rendition, part in line.release()]
    assert sorted(out) == sorted(order)
    assert line.held_parts == 0


def test_before_the_first_word_lies_silence() -> None:
    """Listeners who come as the doors open have something to play, though nothing can have come through yet."""
    line = a_line()
    line.pass_to(8 * SAMPLES)
    line.pass_to((FIRST + 3) * SAMPLES)
    released = line.release()
    assert sorted({part.index for _, part in released}) == list(range(8, FIRST))
    assert all(set(part.frames) == {rendition.silence} for rendition, part in released)


@pytest.mark.parametrize("rendition", [AAC_STEREO, OPUS_STEREO, MP3_MONO])
def test_a_dump_takes_whole_frames_and_two_more(rendition: Rendition) -> None:
    """A frame overlaps its neighbours; beside the margin nothing is lost."""
    part = a_part(40, rendition)
    begins, size = rendition.decode_time(CLOCK, 40), rendition.frame_samples
    span = Span(begins + 5 * size + 1, begins + 9 * size - 1)
    assert quiet_frames(silenced(part, rendition, CLOCK, [span]), rendition) == list(range(3, 11))
    assert silenced(part, rendition, CLOCK, [Span(0, begins - 2 * size)]) is part


def test_what_comes_later_from_elsewhere_is_dumped_too() -> None:
    """A standby may read the note before the part, and the part that is being filled is not finished yet."""
    line = a_line()
    line.pass_to(FIRST * SAMPLES)
    line.dump(Dump((FIRST + 2) * SAMPLES, (FIRST + 3) * SAMPLES, 0))
    line.hold("aac64", a_part(FIRST + 2))
    line.pass_to((FIRST + 3) * SAMPLES)
    assert [len(quiet_frames(part)) for _, part in line.release()] == [24]


def test_only_what_nobody_heard_can_be_removed_and_only_once() -> None:
    line = a_line()
    line.pass_to(100 * SAMPLES)
    assert line.removable(98 * SAMPLES, 103 * SAMPLES) == 3 * SAMPLES
    line.dump(Dump(101 * SAMPLES, 102 * SAMPLES, 0))
    assert line.removable(98 * SAMPLES, 103 * SAMPLES) == 2 * SAMPLES
    line.pass_to(110 * SAMPLES)
    assert line.removable(98 * SAMPLES, 103 * SAMPLES) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=6))
def test_overlapping_dumps_are_counted_once(known: list[tuple[int, int]]) -> None:
    spans = [Span(first, first + length) for first, length in known]
    expected = len(set(range(10, 60)) - {at for span in spans for at in range(span.first, span.end)})
    assert new_samples(Span(10, 60), spans) == expected


@pytest.mark.parametrize("held", [HeldPart("aac64", a_part(7)), Dump(1, 2, 3), Reader("x")])
def test_what_is_held_travels(held: HeldPart | Dump | Reader) -> None:
    assert decode_held(encode_held(held)) == held
