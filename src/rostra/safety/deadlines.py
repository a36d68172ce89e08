"""How long things may take, and when a time that is counted in months is over.

Periods in months end as Regulation (EEC, Euratom) No 1182/71 says: the day on which one begins is not counted; it
ends with the last hour of the day of the last month that has the same number, or with that month's last day; and when
that is a Saturday or a Sunday, with the last hour of the next Monday. Public holidays are not known here, so an
operator who wants to honour one answers a complaint of the day after like any other.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SATURDAY: Final = 5
COMPLAINT_MONTHS: Final = 6
"""DSA, Article 20(2): at least six months from the day on which the person is informed."""
CLAIM: Final = timedelta(minutes=15)
"""How long a case is one moderator's. Fails open: when it is over, somebody else may take it."""
HANDED: Final = timedelta(hours=1)
"""How long it is somebody's to whom a colleague has handed it: they may be away. Fails open as CLAIM does."""
OUTSIDE_LINK: Final = timedelta(days=14)
EVIDENCE_AFTER: Final = timedelta(days=31)
"""How long a snapshot outlives the last window to complain: a complaint of the last day is still to be decided."""

FOUR_EYES: Final = frozenset({"PROTECTION_OF_MINORS", "RISK_FOR_PUBLIC_SECURITY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the house means by "without undue delay" (Articles 16(6), 20(4)): targets, and nothing happens by itself
    when one is missed but that everybody sees it. urgent: for categories where somebody's life or safety is at stake.
    """

    decide: timedelta = timedelta(hours=24)
    decide_urgent: timedelta = timedelta(hours=4)
    complaint: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """How this house moderates.

    zone: whose days count. four_eyes: categories in which a second person has to agree, as for the end of any account.
    outside_reviewer: an address to which a case goes that nobody here may decide; empty for none, and then it waits.
    """

    zone: str = "Europe/Brussels"
    targets: Targets = field(default_factory=Targets)
    four_eyes: frozenset[str] = FOUR_EYES
    urgent: frozenset[str] = frozenset(
        {"PROTECTION_OF_MINORS", "RISK_FOR_PUBLIC_SECURITY", "SELF_HARM", "VIOLENCE", "CYBER_VIOLENCE_AGAINST_WOMEN"}
    )
    outside_reviewer: str = ""

    def decide_by(self, category: str, received_at: datetime) -> datetime:
        return received_at + (self.targets.decide_urgent if category in self.urgent else self.targets.decide)

    def complaint_ends(self, informed_at: datetime) -> datetime:
        """From this moment on a complaint comes too late."""
        return end_of_months(informed_at, COMPLAINT_MONTHS, self.zone)


def end_of_months(start: datetime, months: int, zone: str) -> datetime:
    """The first moment after a period of `months`, UTC. start: aware. zone: IANA name; its midnight counts.

    Raises ValueError for a naive start.
    """
    if start.tzinfo is None:
        raise ValueError("a period begins at a time with a zone")
    place = ZoneInfo(zone)
    last = _months_later(start.astimezone(place).date(), months)
    if last.weekday() >= SATURDAY:
        last += timedelta(days=7 - last.weekday())
    after = last + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=place).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
