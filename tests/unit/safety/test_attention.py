"""What comes first, and when a day is enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.ids import AccountId
from rostra.safety.attention import PAUSE, Around, Budget, Look, Only, Why, exposure, reasons, shift_of
from rostra.safety.case_rows import Case
from rostra.safety.cases import CaseId, Status
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Source
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.weights import LIGHTEST, but_for_reach, on_air, weight

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
RULES = SafetyRules()
CASE = Case(
    id=CaseId(1),
    subject=Subject(SubjectKind.POST, 7),
    affected=AccountId(3),
    source=Source.NOTICE,
    category="SCAMS_AND_FRAUD",
    keyword="",
    language="en",
    opened_at=NOW,
    status=Status.OPEN,
    answer_by=NOW + timedelta(hours=24),
)


def look(case_id: int | None, minutes: float) -> Look:
    return Look(case_id=case_id, at=NOW + timedelta(minutes=minutes))


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_shift_goes_on_through_midnight_and_ends_with_a_long_pause() -> None:
    """From nine in the evening to three in the morning is one shift; the one of the day before is over."""
    before, night = [look(1, -900)], [look(each, each * 60) for each in range(2, 8)]
    assert shift_of([*before, *night], later(8 * 60)) == night
    assert shift_of(night, later(7 * 60 + 6 * 60)) == []


def test_a_break_is_due_after_an_hour_without_one() -> None:
    busy = [look(each, each * 5) for each in range(13)]
    assert exposure(busy, Budget(), now=later(61)).needs_break
    assert not exposure(busy, Budget(), now=later(59)).needs_break
    rested = exposure([*busy, look(20, 75)], Budget(), now=later(76))
    assert not rested.needs_break
    assert rested.unbroken == timedelta(minutes=1)


def test_hard_ones_have_a_limit_of_their_own() -> None:
    looks = [replace(look(each, each), category="VIOLENCE") for each in range(3)] + [look(9, 9)]
    found = exposure(looks, Budget(hard_items=3), now=later(9), hard={"VIOLENCE"})
    assert (found.items, found.hard, found.is_enough) == (4, 3, True)


def weighed(case: Case, around: Around) -> int:
    return weight(case.category, case.source, RULES, reach=around.reach, is_live=around.is_live)


def test_life_then_flaggers_then_live_then_reach() -> None:
    life = replace(CASE, category="VIOLENCE")
    flagged = replace(CASE, source=Source.FLAGGER)
    order = [
        (life, Around(is_live=True)),
        (life, Around(followers=10**9)),
        (life, Around()),
        (flagged, Around()),
        (CASE, Around(is_live=True)),
        (CASE, Around(followers=1000)),
        (CASE, Around(followers=10)),
        (CASE, Around()),
    ]
    weights = [weighed(case, around) for case, around in order]
    assert all(first < second for first, second in pairwise(weights))
    assert weights[-1] == LIGHTEST
    assert weighed(CASE, Around(followers=99)) == weighed(CASE, Around(followers=10)), (
        "then what is due first comes first"
    )


@given(st.sampled_from(Source), st.sampled_from(["VIOLENCE", "SCAMS_AND_FRAUD"]), st.integers(0, 10**18))
def test_what_is_kept_tells_what_a_case_weighs_on_the_air(source: Source, category: str, reach: int) -> None:
    kept = weight(category, source, RULES, reach=reach)
    assert 0 <= kept <= LIGHTEST
    assert on_air(kept) == weight(category, source, RULES, reach=reach, is_live=True) < kept
    assert but_for_reach(kept) == but_for_reach(weight(category, source, RULES))


def test_who_listens_now_counts_before_who_follows() -> None:
    """A small account can have a full house, and a large one an empty one."""
    heard = Around(is_live=True, followers=10, listeners=5_000)
    alone = Around(is_live=True, followers=90_000, listeners=3)
    assert weighed(CASE, heard) < weighed(CASE, alone)
    assert Around(is_live=True, followers=10).reach == 10, "where nobody counts, followers do"
    for around in (heard, alone):
        kept = weighed(CASE, Around(followers=around.followers))
        assert on_air(kept, around.listeners) == weighed(CASE, around)


def test_why_it_stands_there_is_said_weightiest_first() -> None:
    case = replace(CASE, category="VIOLENCE", status=Status.IN_COMPLAINT)
    assert reasons(case, Around(is_live=True), RULES) == (Why.LIFE, Why.LIVE, Why.COMPLAINT)
    assert reasons(CASE, Around(), RULES) == ()


def test_a_pause_is_no_work() -> None:
    found = exposure([look(1, 0), look(2, 3), look(None, 5), look(1, 200), look(3, 300)], Budget(), now=later(301))
    assert found.items == 3
    assert found.spent == timedelta(minutes=3 + 2) + PAUSE + timedelta(seconds=30)
    assert not found.is_enough


def test_enough_is_enough_by_whichever_is_nearer() -> None:
    looks = [look(each, each) for each in range(10)]
    assert exposure(looks, Budget(items=10), now=NOW).is_enough
    assert exposure(looks, Budget(time=timedelta(minutes=9)), now=NOW).is_enough
    assert not exposure(looks, Budget(items=11, time=timedelta(minutes=10)), now=NOW).is_enough


@given(st.lists(st.tuples(st.none() | st.integers(1, 5), st.integers(0, 1440)), max_size=40))
def test_time_never_exceeds_what_the_clock_says(opened: list[tuple[int | None, int]]) -> None:
    looks = [look(case_id, minutes) for case_id, minutes in sorted(opened, key=lambda each: each[1])]
    found = exposure(looks, Budget(), now=later(1440))
    assert found.spent <= PAUSE * sum(1 for each in looks if each.case_id is not None)
    assert found.items <= 5


def test_any_choice_narrows() -> None:
    assert not Only().is_narrow
    for other in (Only(language="de"), Only(category="VIOLENCE"), Only(status="proposed"), Only(mine=True)):
        assert other.is_narrow
