"""Where a case stands is what its log says, whatever happens in whatever order."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.ids import AccountId
from rostra.safety.cases import (
    MOVES,
    ComplaintId,
    DecisionId,
    Event,
    Happened,
    IllegalEvent,
    NoticeId,
    Standing,
    Status,
    after,
    begin,
    standing,
)

START = datetime(2026, 5, 4, 18, tzinfo=UTC)
OPENED = Event(what=Happened.OPENED, at=START, notice_id=NoticeId(1))
MO, MAX, ZOE = AccountId(1), AccountId(2), AccountId(3)

events = st.builds(
    Event,
    what=st.sampled_from(Happened),
    at=st.integers(0, 100).map(lambda hours: START + timedelta(hours=hours)),
    by=st.sampled_from([None, MO, MAX, ZOE]),
    outside=st.booleans(),
    decision_id=st.integers(1, 4).map(DecisionId),
    complaint_id=st.integers(1, 3).map(ComplaintId),
)


def happen(what: Happened, *, by: AccountId | None = None, decision: int = 1, complaint: int = 1) -> Event:
    return Event(what=what, at=START, by=by, decision_id=DecisionId(decision), complaint_id=ComplaintId(complaint))


def lived(*log: Event) -> Standing:
    return standing([OPENED, *log])


def tried(log: list[Event]) -> tuple[list[Event], list[Standing]]:
    """What of `log` was possible, and how the case stood before and after each."""
    kept, stood = [OPENED], [begin(OPENED)]
    for event in log:
        with suppress(IllegalEvent):
            stood.append(after(stood[-1], event))
            kept.append(event)
    return kept, stood


@given(st.lists(events, max_size=30))
def test_reading_the_log_again_says_the_same(log: list[Event]) -> None:
    """The columns that lists are sorted by are what the last event left; the log alone tells no other story."""
    kept, stood = tried(log)
    assert standing(kept) == stood[-1]
    assert stood[-1].events == len(kept)


@given(st.lists(events, max_size=30))
def test_a_closed_case_stays_closed(log: list[Event]) -> None:
    _, stood = tried(log)
    closed = [each.status is Status.CLOSED for each in stood]
    assert closed == sorted(closed), "whatever is still taken back"


@given(st.lists(events, max_size=30))
def test_it_is_in_complaint_exactly_while_a_complaint_is_open(log: list[Event]) -> None:
    _, stood = tried(log)
    for each in stood:
        assert (each.status is Status.IN_COMPLAINT) == bool(each.open_complaints)


@given(st.lists(events, max_size=30))
def test_nothing_that_somebody_decides_leaves_the_version_as_it_was(log: list[Event]) -> None:
    """So of two who have seen the same version, the second one cannot decide unseen; notices disturb nobody."""
    kept, stood = tried(log)
    for event, before, now in zip(kept[1:], stood, stood[1:], strict=False):
        beside = event.what in (Happened.NOTICED, Happened.DETECTED, Happened.OVERDUE, Happened.REFERRED)
        assert now.version == before.version + (not beside)


@given(st.lists(events, max_size=30))
def test_who_has_decided_stays_known(log: list[Event]) -> None:
    _, stood = tried(log)
    for before, now in pairwise(stood):
        assert before.deciders <= now.deciders


@given(st.lists(events, max_size=30))
def test_a_decision_stands_once_it_was_taken(log: list[Event]) -> None:
    _, stood = tried(log)
    for each in stood:
        if each.status in (Status.DECIDED, Status.IN_COMPLAINT, Status.CLOSED):
            assert each.decision_id is not None
            assert each.decided_at is not None


def test_a_case_begins_with_its_opening() -> None:
    with pytest.raises(IllegalEvent):
        standing([happen(Happened.DECIDED)])
    with pytest.raises(ValueError, match="at least"):
        standing([])


def test_every_status_can_be_reached_and_only_closed_is_an_end() -> None:
    assert set(MOVES.values()) == set(Status)
    assert {was for was, _ in MOVES} == {None, *Status}
    assert {(what, to) for (was, what), to in MOVES.items() if was is Status.CLOSED} == {
        (Happened.UNDONE, Status.CLOSED)
    }


def test_two_complaints_are_answered_one_by_one() -> None:
    case = lived(happen(Happened.DECIDED, by=MO), happen(Happened.COMPLAINED), happen(Happened.COMPLAINED, complaint=2))
    first = after(case, happen(Happened.UPHELD, by=MAX))
    assert (first.status, first.open_complaints) == (Status.IN_COMPLAINT, (2,))
    second = after(first, happen(Happened.CHANGED, by=ZOE, decision=2, complaint=2))
    assert (second.status, second.decision_id, second.deciders) == (Status.DECIDED, 2, {MO, MAX, ZOE})
    with pytest.raises(IllegalEvent):
        after(second, happen(Happened.UPHELD, by=MAX))


def test_what_a_second_person_declines_is_open_again() -> None:
    case = lived(happen(Happened.PROPOSED, by=MO), happen(Happened.DECLINED, by=MAX))
    assert (case.status, case.decision_id, case.deciders) == (Status.OPEN, None, {MO, MAX})


def test_a_complaint_begins_anew_what_had_become_overdue() -> None:
    case = lived(happen(Happened.OVERDUE), happen(Happened.DECIDED, by=MO), happen(Happened.COMPLAINED))
    assert not case.is_overdue


def test_what_is_taken_back_is_open_again() -> None:
    """And whoever took it back answers no complaint about what is decided next."""
    opened = begin(Event(what=Happened.OPENED, at=START))
    decided = after(opened, Event(what=Happened.DECIDED, at=START, by=MO, decision_id=DecisionId(1)))
    undone = after(decided, Event(what=Happened.UNDONE, at=START, by=MAX, decision_id=DecisionId(1)))
    assert (undone.status, undone.decision_id, undone.decided_at) == (Status.OPEN, None, None)
    assert undone.version > decided.version
    assert undone.deciders == {MO, MAX}
    with pytest.raises(IllegalEvent):
        after(undone, Event(what=Happened.UNDONE, at=START, by=MAX, decision_id=DecisionId(1)))
