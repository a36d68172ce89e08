"""Dates in words, in the zone of the time that is given."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rostra.platform.wording import _

WEEKDAYS: Final = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
MONTHS: Final = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
SHORT_MONTHS: Final = (
    _("Jan"),
    _("Feb"),
    _("Mar"),
    _("Apr"),
    _("May"),
    _("Jun"),
    _("Jul"),
    _("Aug"),
    _("Sep"),
    _("Oct"),
    _("Nov"),
    _("Dec"),
)


def full(at: datetime) -> str:
    """ "Tuesday 24 November 2026, 20:00"."""
    return _("{weekday} {date}, {time}", weekday=WEEKDAYS[at.weekday()], date=of_day(at), time=f"{at:%H:%M}")


def of_day(at: datetime) -> str:
    """ "24 November 2026"."""
    return _("{day} {month} {year}", day=at.day, month=MONTHS[at.month - 1], year=at.year)


def of_month(at: datetime) -> str:
    """ "November 2026"."""
    return _("{month} {year}", month=MONTHS[at.month - 1], year=at.year)
