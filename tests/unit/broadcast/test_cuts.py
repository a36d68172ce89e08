"""The one mapping between the recording's time and the replay's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.replays import Cuts, Span, cuts_of
from rostra.broadcast.replays.cuts import MOST_CUTS
from rostra.platform.errors import Invalid

LENGTH_MS = 100_000
moments = st.integers(0, LENGTH_MS)


@st.composite
def some_cuts(draw: st.DrawFn) -> Cuts:
    """Up to six cuts, as somebody may mark them, that leave something."""
    wanted = draw(st.lists(st.tuples(moments, st.integers(1, 12_000)), max_size=6))
    return cuts_of([(start, start + length) for start, length in wanted], LENGTH_MS)


@given(some_cuts(), moments, moments)
def test_no_moment_overtakes_another(cuts: Cuts, first: int, second: int) -> None:
    """Chapters, captions and clips stay in their order, and nothing grows longer."""
    first, second = min(first, second), max(first, second)
    between = cuts.published_ms(second) - cuts.published_ms(first)
    assert 0 <= between <= second - first


@given(some_cuts())
def test_what_is_cut_is_one_moment(cuts: Cuts) -> None:
    for start, end in cuts.spans:
        assert cuts.published_ms(start) == cuts.published_ms((start + end) // 2) == cuts.published_ms(end)
        assert cuts.hides(start, end)
        assert not cuts.hides(start - 1, end) or start == 0
    left = LENGTH_MS - sum(end - start for start, end in cuts.spans)
    assert cuts.length_ms(LENGTH_MS) == left


@given(some_cuts(), moments)
def test_there_and_back_again(cuts: Cuts, at_ms: int) -> None:
    """Whatever can be heard in the replay is one moment of the recording."""
    if at_ms < cuts.length_ms(LENGTH_MS):
        recorded = cuts.recording_ms(at_ms)
        assert cuts.published_ms(recorded) == at_ms
        assert not any(start <= recorded < end for start, end in cuts.spans)


@given(st.lists(st.tuples(moments, moments).map(lambda span: (min(span), max(span) + 1)), max_size=6))
def test_the_order_of_marking_does_not_matter(wanted: list[Span]) -> None:
    try:
        made = cuts_of(wanted, 10 * LENGTH_MS)
    except Invalid:
        return
    assert made == cuts_of(reversed(wanted), 10 * LENGTH_MS) == cuts_of(made.spans, 10 * LENGTH_MS)


def test_overlaps_are_merged_and_the_end_is_the_end() -> None:
    wanted = [(50_000, 60_000), (1_000, 3_000), (2_000, 5_000), (5_000, 6_000), (99_000, 200_000), (300_000, 400_000)]
    assert cuts_of(wanted, LENGTH_MS).spans == ((1_000, 6_000), (50_000, 60_000), (99_000, 100_000))


@pytest.mark.parametrize(
    "wanted",
    [[(0, LENGTH_MS)], [(0, 99_500)], [(-5, 50_000), (49_000, LENGTH_MS * 2)], [(5, 5)], [(9, 2)]],
    ids=["everything", "all but half a second", "everything in two", "empty", "backwards"],
)
def test_what_makes_no_replay_is_refused(wanted: list[Span]) -> None:
    with pytest.raises(Invalid) as refused:
        cuts_of(wanted, LENGTH_MS)
    assert refused.value.field == "cuts"


def test_there_are_only_so_many() -> None:
    with pytest.raises(Invalid, match="too many"):
        cuts_of([(each * 20, each * 20 + 10) for each in range(MOST_CUTS + 1)], LENGTH_MS)
