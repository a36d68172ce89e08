"""What a moderator looks at next, and how much one person looks at in a shift. Pure.

Sources: what moderators of other platforms ask for first is an order by severity and less exposure; that blur and grey
make it bearable was not found (10.1007/s00426-026-02241-5), so it is the amount that is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rostra.safety.case_rows import Case
from rostra.safety.cases import Status
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Source

PAUSE: Final = timedelta(minutes=10)
"""Whoever has not moved for longer has stopped looking."""
AT_LEAST: Final = timedelta(seconds=30)
"""What a single look counts for: nobody knows when it ended."""
SHIFT_GAP: Final = timedelta(hours=6)
"""After so long without a look a new shift begins: whoever works through midnight is not made fresh by it."""


class Why(StrEnum):
    """Why a case stands where it stands, the weightiest first."""

    LIFE = "life"
    FLAGGER = "flagger"
    LIVE = "live"
    COMPLAINT = "complaint"
    SECOND = "second"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known of a case's subject now. is_live: it is on the air.

    listeners: how many listen to it now; None where nobody counts, or it is not on the air. followers: of whose it is.
    """

    followers: int = 0
    is_live: bool = False
    listeners: int | None = None

    @property
    def reach(self) -> int:
        """How many people it reaches: those who listen now, otherwise those who follow whose it is."""
        return self.followers if self.listeners is None else self.listeners


class Age(StrEnum):
    """For how long a case has waited, at least."""

    HOUR = "1h"
    DAY = "1d"
    THREE_DAYS = "3d"
    WEEK = "7d"

    @property
    def time(self) -> timedelta:
        number = int(self.value[:-1])
        return timedelta(hours=number) if self is Age.HOUR else timedelta(days=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """What a queue is narrowed to; empty for all. country: whose law it breaks or, where nobody says so, from
    where it was reported. age: None for any. mine: claimed by who looks.
    """

    language: str = ""
    country: str = ""
    category: str = ""
    status: str = ""
    age: Age | None = None
    mine: bool = False

    @property
    def is_narrow(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        """By how many things at once."""
        return sum(map(bool, (self.language, self.country, self.category, self.status, self.age, self.mine)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one person looks at in a shift. Nothing is refused above it: a house with one moderator still has to act.

    hard_items: cases of the categories where somebody's life or safety is at stake. break_after: so long without a
    PAUSE, and the desk says that it is time for a break.
    """

    items: int = 120
    time: timedelta = timedelta(hours=4)
    hard_items: int = 40
    break_after: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What somebody opened, and when. case_id: None for the queue, which ends a look at a case. category: of it."""

    case_id: int | None
    at: datetime
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """items: different cases; hard: those of them that are hard. unbroken: how long it has gone on without a pause.

    share: of the budget, 1.0 for all of it, by whichever of its three is nearest.
    """

    items: int
    spent: timedelta
    share: float
    hard: int = 0
    unbroken: timedelta = timedelta()
    needs_break: bool = False

    @property
    def is_enough(self) -> bool:
        return self.share >= 1.0


def shift_of(looks: Sequence[Look], now: datetime) -> Sequence[Look]:
    """Those of the shift that goes on; none when it is over. looks: oldest first."""
    return _since_pause(looks, now, SHIFT_GAP)


def exposure(looks: Sequence[Look], budget: Budget, *, now: datetime, hard: Collection[str] = ()) -> Exposure:
    """Of one shift. looks: oldest first, none after `now`. hard: categories."""
    spent = timedelta()
    for at, look in enumerate(looks):
        if look.case_id is not None:
            until = looks[at + 1].at if at + 1 < len(looks) else look.at + AT_LEAST
            spent += min(max(until - look.at, timedelta()), PAUSE)
    items = len({look.case_id for look in looks if look.case_id is not None})
    hard_items = len({look.case_id for look in looks if look.case_id is not None and look.category in hard})
    run = _since_pause(looks, now, PAUSE)
    unbroken = now - run[0].at if run else timedelta()
    return Exposure(
        items=items,
        spent=spent,
        share=max(items / budget.items, spent / budget.time, hard_items / budget.hard_items),
        hard=hard_items,
        unbroken=unbroken,
        needs_break=unbroken >= budget.break_after and any(look.case_id is not None for look in run),
    )


def _since_pause(looks: Sequence[Look], now: datetime, pause: timedelta) -> Sequence[Look]:
    """The last looks between which, and after which until now, there was no pause as long as this."""
    begin, later = len(looks), now
    while begin > 0 and later - looks[begin - 1].at < pause:
        begin -= 1
        later = looks[begin].at
    return looks[begin:]


def reasons(case: Case, around: Around, rules: SafetyRules) -> tuple[Why, ...]:
    """Why it stands where it stands."""
    found = {
        Why.LIFE: case.category in rules.urgent,
        Why.FLAGGER: case.source is Source.FLAGGER,
        Why.LIVE: around.is_live,
        Why.COMPLAINT: case.status is Status.IN_COMPLAINT,
        Why.SECOND: case.status is Status.PROPOSED,
        Why.STUCK: case.stuck,
    }
    return tuple(why for why, holds in found.items() if holds)
