"""Until when a post stays held. Nothing is held for ever by a machine: the limit lets it go, or a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from rostra.safety.decisions import Ordered
from rostra.safety.restrictions import Measure

GONE_BY: Final = frozenset({Measure.REMOVE, Measure.DISABLE, Measure.WITHHOLD, Measure.SUSPEND, Measure.TERMINATE})
"""Measures under which a post that was held is not to be seen by others for as long as they stand."""


class Fate(StrEnum):
    """wait: for a person, or the limit. keep: a person has decided that it is not shown.

    free: a person has decided, and it may be shown. late: nobody has decided in time.
    """

    WAIT = "wait"
    KEEP = "keep"
    FREE = "free"
    LATE = "late"

    @property
    def is_over(self) -> bool:
        return self in (Fate.FREE, Fate.LATE)


def fate(until: datetime, now: datetime, decided: Sequence[Ordered] | None, *, subjects: frozenset[str]) -> Fate:
    """decided: the measures of the decision that stands; None when nobody has decided.

    subjects: keys of the post and of its author's account. A measure that is over, or holds in some countries only,
    does not keep it: what remains of it is for whatever puts measures into effect.
    """
    if decided is None:
        return Fate.WAIT if now < until else Fate.LATE
    for each in decided:
        lasts = not each.territories and (each.until is None or now < each.until)
        if each.measure in GONE_BY and each.subject in subjects and lasts:
            return Fate.KEEP
    return Fate.FREE
