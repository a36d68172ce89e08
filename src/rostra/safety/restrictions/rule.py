"""What restrictions mean for somebody who looks: one rule, as pure functions.

Posts carry what of it concerns everybody as a column (`posts.restricted`, written by `level`), so that pages stay one
statement; everything else is asked here. A property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from rostra.safety.restrictions.restrictions import HIDING, Measure, Restriction, Span


class Age(StrEnum):
    """What is known of somebody's age. unknown: they may press to see what is behind an age gate."""

    UNKNOWN = "unknown"
    MINOR = "minor"
    ADULT = "adult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks. country: ISO 3166-1 alpha-2, empty when nobody knows: then every country's restrictions hold."""

    country: str = ""
    age: Age = Age.UNKNOWN


ANYWHERE: Final = Viewer()
"""Somebody of whom nothing is known: whoever reads what is made for all, such as a feed in a cache."""


class Level(IntEnum):
    """What of a post's restrictions concerns everybody alike, as its row says it."""

    FREE = 0
    DEMOTED = 1
    HIDDEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What `visible` found. hidden_by: why there is nothing to see; gated_by: what has to be pressed away first.

    held_by: of a broadcast that a moderator has paused or ended on the air, why.
    """

    hidden_by: Restriction | None = None
    gated_by: Restriction | None = None
    labels: tuple[Restriction, ...] = ()
    demoted: bool = False
    interaction_limited_by: Restriction | None = None
    held_by: Restriction | None = None

    @property
    def shown(self) -> bool:
        return self.hidden_by is None


FREE: Final = Answer()


def visible(standing: Iterable[Restriction], viewer: Viewer, now_us: int) -> Answer:
    """What `viewer` gets of a subject. standing: its restrictions, and those of what it belongs to."""
    holding = [each for each in standing if each.in_force(now_us) and each.concerns(viewer.country)]
    if not holding:
        return FREE
    gate = _first(holding, Measure.AGE_GATE)
    hidden_by = next((found for measure in HIDING if (found := _first(holding, measure)) is not None), None)
    if hidden_by is None and gate is not None and viewer.age is Age.MINOR:
        hidden_by = gate
    return Answer(
        hidden_by=hidden_by,
        gated_by=gate if hidden_by is None and viewer.age is not Age.ADULT else None,
        labels=tuple(each for each in holding if each.measure is Measure.LABEL),
        demoted=_first(holding, Measure.DEMOTE) is not None,
        interaction_limited_by=_first(holding, Measure.LIMIT_INTERACTION),
        held_by=_first(holding, Measure.END) or _first(holding, Measure.PAUSE),
    )


def silences(standing: Iterable[Restriction], viewer: Viewer, now_us: int) -> tuple[Span, ...]:
    """The spans of a broadcast that `viewer` hears as silence, earliest first."""
    found = {
        each.span
        for each in standing
        if each.span is not None and each.in_force(now_us) and each.concerns(viewer.country)
    }
    return tuple(sorted(found, key=lambda span: (span.start, span.end is None, span.end or 0)))


def level(standing: Iterable[Restriction], now_us: int) -> Level:
    """What the row of a post says: of what holds everywhere, the strictest."""
    everywhere = {each.measure for each in standing if each.in_force(now_us) and not each.territories}
    if everywhere.intersection(HIDING):
        return Level.HIDDEN
    return Level.DEMOTED if Measure.DEMOTE in everywhere else Level.FREE


def _first(holding: list[Restriction], measure: Measure) -> Restriction | None:
    return next((each for each in holding if each.measure is measure), None)
