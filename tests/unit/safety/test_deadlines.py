"""Six months are six months: over month ends, over the change of the clocks, and never shorter than the law says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.safety.cases import Event, Happened, NoticeId, Standing, Status, standing
from rostra.safety.clockwork import LOOK_AGAIN, Around, next_steps
from rostra.safety.deadlines import OUTSIDE_LINK, SafetyRules, end_of_months

BRUSSELS = ZoneInfo("Europe/Brussels")
MAY = datetime(2026, 5, 4, 18, tzinfo=UTC)


def last_day(year: int, month: int, day: int, hour: int = 12, *, months: int = 6) -> date:
    """The last day of a period that begins at this time in Brussels."""
    ends = end_of_months(datetime(year, month, day, hour, tzinfo=BRUSSELS), months, "Europe/Brussels")
    local = ends.astimezone(BRUSSELS)
    assert (local.hour, local.minute, ends.tzinfo) == (0, 0, UTC)
    return (local - timedelta(seconds=1)).date()


def test_a_period_ends_with_the_day_of_the_same_number() -> None:
    assert last_day(2026, 5, 4) == date(2026, 11, 4)
    assert last_day(2025, 12, 15) == date(2026, 6, 15)


def test_a_month_without_that_day_ends_it_on_its_last_one() -> None:
    assert last_day(2026, 8, 31) == date(2027, 3, 1)  # 28 February 2027 is a Sunday
    assert last_day(2027, 8, 31) == date(2028, 2, 29)
    assert last_day(2026, 3, 31) == date(2026, 9, 30)


def test_a_last_day_at_the_weekend_moves_to_monday() -> None:
    assert last_day(2026, 5, 7) == date(2026, 11, 9)  # the 7th is a Saturday
    assert last_day(2026, 5, 8) == date(2026, 11, 9)  # and the 8th a Sunday


def test_the_day_is_that_of_the_house() -> None:
    """Half past eleven at night in UTC is the next day in Brussels."""
    late = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)
    assert end_of_months(late, 6, "Europe/Brussels") == datetime(2026, 11, 5, 23, tzinfo=UTC)
    assert end_of_months(late, 6, "UTC") == datetime(2026, 11, 5, tzinfo=UTC)


def test_the_clocks_may_change_meanwhile() -> None:
    """From summer to winter: midnight is midnight on the wall, not 184 times 24 hours later."""
    assert end_of_months(MAY, 6, "Europe/Brussels") == datetime(2026, 11, 4, 23, tzinfo=UTC)
    assert end_of_months(datetime(2025, 12, 1, tzinfo=UTC), 6, "Europe/Brussels") == datetime(
        2026, 6, 1, 22, tzinfo=UTC
    )


def test_a_time_without_a_zone_begins_nothing() -> None:
    with pytest.raises(ValueError, match="zone"):
        end_of_months(datetime(2026, 5, 4), 6, "UTC")


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Brussels", "Atlantic/Azores", "Europe/Athens", "UTC", "America/Martinique"]),
)
def test_nobody_has_less_than_six_months(start: datetime, zone: str) -> None:
    """Counted as people do: the same day, six months on, or that month's last one; and at most two days more."""
    ends = end_of_months(start, 6, zone)
    local = start.astimezone(ZoneInfo(zone))
    first_refused = ends.astimezone(ZoneInfo(zone)).date()
    assert timedelta(days=180) < first_refused - local.date() < timedelta(days=188)
    assert first_refused.weekday() != 6
    assert (first_refused.month - local.month) % 12 in (6, 7)


def test_urgent_things_are_answered_first() -> None:
    rules = SafetyRules()
    assert rules.decide_by("SELF_HARM", MAY) < rules.decide_by("SCAMS_AND_FRAUD", MAY)


# what the clock does to a case


def a_case(*happened: Happened) -> Standing:
    log = [Event(what=Happened.OPENED, at=MAY, notice_id=NoticeId(1))]
    return standing([*log, *(Event(what=each, at=MAY, complaint_id=None) for each in happened)])


def test_a_case_is_overdue_at_its_target_and_once() -> None:
    target = MAY + timedelta(minutes=10)
    before = next_steps(a_case(), Around(answer_by=target), target - timedelta(seconds=1))
    assert (before.happened, before.due_at) == ((), target)
    at = next_steps(a_case(), Around(answer_by=target), target)
    assert at.happened == (Happened.OVERDUE,)
    assert next_steps(a_case(Happened.OVERDUE), Around(answer_by=target), target).happened == ()


def test_what_nobody_here_may_decide_waits_in_sight() -> None:
    alone = next_steps(a_case(), Around(can_be_decided=False), MAY)
    assert (alone.happened, alone.stuck, alone.due_at) == ((), True, MAY + LOOK_AGAIN)
    assert not next_steps(a_case(), Around(can_be_decided=True), MAY).stuck


def test_an_outside_reviewer_is_asked_once_as_long_as_the_link_holds() -> None:
    around = Around(can_be_decided=False, has_outside=True)
    assert next_steps(a_case(), around, MAY).happened == (Happened.REFERRED,)
    referred = a_case(Happened.REFERRED)
    assert next_steps(referred, around, MAY + OUTSIDE_LINK - timedelta(seconds=1)).happened == ()
    assert next_steps(referred, around, MAY + OUTSIDE_LINK).happened == (Happened.REFERRED,)


def test_a_case_closes_when_nobody_can_complain_any_more() -> None:
    ends = MAY + timedelta(days=184)
    decided = a_case(Happened.DECIDED)
    early = next_steps(decided, Around(complaints_until=ends), ends - timedelta(seconds=1))
    assert (early.happened, early.due_at) == ((), ends)
    assert next_steps(decided, Around(complaints_until=ends), ends).happened == (Happened.CLOSED,)
    assert a_case(Happened.DECIDED, Happened.CLOSED).status is Status.CLOSED
    closed = next_steps(a_case(Happened.DECIDED, Happened.CLOSED), Around(), ends)
    assert (closed.happened, closed.due_at) == ((), None)
