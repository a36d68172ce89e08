"""What restrictions mean for somebody who looks."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.posts import Restricted
from rostra.safety.restrictions import (
    HIDING,
    Age,
    Kind,
    Level,
    Measure,
    Restriction,
    RestrictionInvalid,
    Span,
    Viewer,
    check,
    level,
    silences,
    visible,
)
from rostra.safety.restrictions.restrictions import EVERYWHERE_ONLY, MEASURES

NOW = 1_000
GERMANY, FRANCE, NOWHERE = Viewer(country="DE"), Viewer(country="FR"), Viewer()
_ON_POSTS = sorted(MEASURES[Kind.POST])
_SOME = st.lists(st.sampled_from(["DE", "FR", "AT"]), max_size=2, unique=True).map(tuple)


@st.composite
def restrictions(draw: st.DrawFn) -> Restriction:
    measure = draw(st.sampled_from(_ON_POSTS))
    from_us = draw(st.integers(NOW - 2, NOW + 2))
    until_us = draw(st.none() | st.integers(from_us + 1, from_us + 4))
    territories = () if measure in EVERYWHERE_ONLY else draw(_SOME)
    return restriction(measure, territories, from_us=from_us, until_us=until_us, id=draw(st.integers(1, 9)))


def restriction(measure: Measure, territories: tuple[str, ...] = (), **more: object) -> Restriction:
    made = Restriction(
        id=1, kind=Kind.POST, subject_id=7, measure=measure, from_us=0, territories=territories, reason="Why"
    )
    return msgspec.structs.replace(made, **more)


def test_a_withheld_post_is_withheld_there_and_where_nobody_knows_where() -> None:
    standing = [restriction(Measure.WITHHOLD, ("DE",))]
    assert not visible(standing, GERMANY, NOW).shown
    assert visible(standing, FRANCE, NOW).shown
    assert not visible(standing, NOWHERE, NOW).shown


def test_what_names_the_strictest_measure_is_named() -> None:
    standing = [restriction(measure) for measure in (Measure.WITHHOLD, Measure.LABEL, Measure.REMOVE)]
    answer = visible(standing, GERMANY, NOW)
    assert answer.hidden_by is not None
    assert answer.hidden_by.measure is Measure.REMOVE


def test_an_age_gate_can_be_pressed_away_but_by_minors() -> None:
    standing = [restriction(Measure.AGE_GATE)]
    assert visible(standing, Viewer(), NOW).gated_by is not None
    assert visible(standing, Viewer(age=Age.ADULT), NOW).gated_by is None
    assert not visible(standing, Viewer(age=Age.MINOR), NOW).shown


def test_it_holds_from_its_beginning_to_before_its_end() -> None:
    standing = [restriction(Measure.REMOVE, from_us=10, until_us=20)]
    assert [visible(standing, GERMANY, now).shown for now in (9, 10, 19, 20)] == [True, False, False, True]


def test_spans_are_silent_where_they_are_withheld() -> None:
    def span(start: int, end: int | None, *where: str) -> Restriction:
        return restriction(Measure.SILENCE, where, kind=Kind.BROADCAST, span=Span(start, end))

    standing = [span(50, None), span(10, 20, "DE"), span(10, 20, "DE", "FR")]
    assert silences(standing, GERMANY, NOW) == (Span(10, 20), Span(50, None))
    assert silences(standing, Viewer(country="AT"), NOW) == (Span(50, None),)


@given(st.lists(restrictions(), max_size=4), st.sampled_from(["", "DE", "FR", "PL"]))
def test_the_row_of_a_post_hides_nothing_that_the_rule_would_show(standing: list[Restriction], country: str) -> None:
    """And what it lets through, only a country can hide; so both together are the rule."""
    answer, row = visible(standing, Viewer(country=country), NOW), level(standing, NOW)
    if row is Level.HIDDEN:
        assert not answer.shown
    elif not answer.shown:
        assert answer.hidden_by is not None
        assert answer.hidden_by.territories
    assert answer.demoted == any(each.measure is Measure.DEMOTE and each.in_force(NOW) for each in standing)
    if answer.demoted:
        assert row is not Level.FREE


@given(st.lists(restrictions(), max_size=4), st.randoms())
def test_the_order_of_restrictions_decides_nothing(standing: list[Restriction], random: st.DataObject) -> None:
    mixed = list(standing)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = visible(standing, GERMANY, NOW), visible(mixed, GERMANY, NOW)
    assert (one.shown, one.demoted, len(one.labels)) == (other.shown, other.demoted, len(other.labels))


@given(st.lists(restrictions(), max_size=4))
def test_nobody_known_is_treated_as_the_strictest_country_treats(standing: list[Restriction]) -> None:
    shown = visible(standing, NOWHERE, NOW).shown
    assert shown == all(visible(standing, Viewer(country=each), NOW).shown for each in ("DE", "FR", "AT", "PL"))


def test_the_words_of_posts_and_of_restrictions_agree() -> None:
    assert {each.name: each.value for each in Level} == {each.name: each.value for each in Restricted}


def test_every_measure_can_be_done_to_something() -> None:
    assert set().union(*MEASURES.values()) == set(Measure)
    assert set(HIDING) < set(Measure)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"measure": Measure.SUSPEND}, "measure"),
        ({"territories": ("de",)}, "territories"),
        ({"territories": ("DEU",)}, "territories"),
        ({"measure": Measure.DEMOTE, "territories": ("DE",)}, "territories"),
        ({"kind": Kind.BROADCAST, "measure": Measure.SILENCE}, "span"),
        ({"span": Span(0, 5)}, "span"),
        ({"kind": Kind.BROADCAST, "measure": Measure.SILENCE, "span": Span(5, 5)}, "span"),
        ({"from_us": 9, "until_us": 9}, "until"),
        ({"reason": "x" * 2_001}, "reason"),
        ({"measure": Measure.LABEL, "reason": ""}, "reason"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(RestrictionInvalid) as refused:
        check(msgspec.structs.replace(restriction(Measure.REMOVE), **changes))
    assert refused.value.field == field


def test_territories_stand_in_order_and_once() -> None:
    assert check(restriction(Measure.WITHHOLD, ("FR", "DE", "FR"))).territories == ("DE", "FR")
