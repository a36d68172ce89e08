"""Precision and recall of rules, from what people have decided."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.safety.watching.figures import Decided, figures, language_figures

FRAUD, SPEECH = "SCAMS_AND_FRAUD", "ILLEGAL_OR_HARMFUL_SPEECH"


def case(*hit_by: str, violation: bool = True, category: str = FRAUD) -> Decided:
    return Decided(category=category, is_violation=violation, hit_by=frozenset(hit_by))


def test_right_wrong_and_missed_are_counted() -> None:
    decided = [case("links"), case("links", "pills"), case("links", violation=False), case(), case(category=SPEECH)]
    links, pills, never = figures([("links", FRAUD, 9), ("pills", FRAUD, 1), ("never", SPEECH, 4)], decided)
    assert (links.hits, links.decided, links.right, links.missed) == (9, 3, 2, 1)
    assert (links.precision, links.recall) == (2 / 3, 2 / 3)
    assert (pills.precision, pills.recall) == (1.0, 1 / 3)
    assert (never.precision, never.recall) == (None, 0.0)


def test_without_a_count_there_is_no_figure() -> None:
    (alone,) = figures([("links", FRAUD, 0)], [])
    assert alone.precision is None
    assert alone.recall is None


def test_how_well_a_language_is_recognised_is_counted_by_language() -> None:
    pairs = [("de", "de"), ("de", "nl"), ("", "nl"), ("nl", "nl"), ("de", ""), ("", "")]
    german, dutch = language_figures(pairs)
    assert (german.language, german.precision, german.recall) == ("de", 0.5, 1.0)
    assert (dutch.language, dutch.precision, dutch.recall) == ("nl", 1.0, 1 / 3)
    assert language_figures([]) == []


@given(st.lists(st.builds(case, st.sampled_from(["links", "pills"]), violation=st.booleans())))
def test_figures_are_shares(decided: list[Decided]) -> None:
    for each in figures([("links", FRAUD, 1), ("pills", FRAUD, 1)], decided):
        assert each.precision is None or 0 <= each.precision <= 1
        assert each.recall is None or 0 <= each.recall <= 1
        assert each.right <= each.decided
