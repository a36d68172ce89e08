"""The level of the shield: calm, busy, hostile, siege; what each does, and when it changes.

MEASURES is the one description: the gates of edge and site read it, and docs/operate/shield.md prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

RAISED_AFTER_S: Final = 2.0
"""Signals are looked at twice a second, so a level is raised within 3 s of what raises it."""
LOWERED_AFTER_S: Final = 60.0
HOT_CPU, HOT_LAG_MS = 0.85, 50.0
COOL_CPU, COOL_LAG_MS = 0.6, 25.0
OURS_CPU: Final = 0.5
"""Below this share of a core a slow loop is the machine's fault, not our visitors'; no level helps against it."""
FLOOD_SHARE: Final = 0.5
"""The share of what is asked that comes without a ticket, or was refused, when it is no crowd of the admitted."""


class Level(IntEnum):
    CALM = 0
    BUSY = 1
    HOSTILE = 2
    SIEGE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Newcomers(StrEnum):
    """What somebody without a ticket meets at the entry."""

    FREE = "free"
    WAIT = "wait"
    CHALLENGE = "challenge"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Measures:
    """media_factor: of the rates for media without a ticket; None: they are not counted. factor: of the other rates.

    bars: networks that go on after many refusals are not answered for a while (`rostra.shield.barring`).
    """

    newcomers: Newcomers
    media_needs_ticket: bool
    media_factor: float | None
    factor: float
    text: str
    bars: bool = False


MEASURES: Final = {
    Level.CALM: Measures(Newcomers.FREE, False, None, 4.0, "Everybody comes in at once; nothing is asked of anybody."),
    Level.BUSY: Measures(
        Newcomers.WAIT, False, 1.0, 1.0, "Newcomers wait for a place; who listens already goes on, ticket or not."
    ),
    Level.HOSTILE: Measures(
        Newcomers.CHALLENGE,
        False,
        0.25,
        0.25,
        "Newcomers wait, and those who can compute a little come first; networks without tickets get a quarter, and "
        "those that go on after fifty refusals are not answered for a while.",
        bars=True,
    ),
    Level.SIEGE: Measures(
        Newcomers.CLOSED,
        True,
        0.25,
        0.25,
        "Only tickets count; newcomers get a page that leads to other ways to listen.",
        bars=True,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """One look at an edge, over the half second before it.

    cpu: share of a core that the process used; lag_ms: mean delay of its loop; answered, refused: requests; strangers:
    those of both that came without a good ticket, as far as anybody looked.
    """

    cpu: float
    lag_ms: float
    answered: int = 0
    refused: int = 0
    strangers: int = 0

    @property
    def is_hot(self) -> bool:
        return self.cpu >= HOT_CPU or (self.lag_ms >= HOT_LAG_MS and self.cpu >= OURS_CPU)

    @property
    def is_cool(self) -> bool:
        """What was refused counts as if it had been answered: a flood is not over because we turn it away."""
        asked = self.answered + self.refused
        demand = self.cpu * asked / self.answered if self.answered else self.cpu + (1.0 if self.refused else 0.0)
        return demand < COOL_CPU and (self.lag_ms < COOL_LAG_MS or self.cpu < OURS_CPU)

    def raises(self, level: Level) -> bool:
        """Whether this is more than `level` is made for."""
        most = FLOOD_SHARE * max(1, self.answered + self.refused)
        enough = {Level.CALM: True, Level.BUSY: self.strangers >= most, Level.HOSTILE: self.refused >= most}
        return self.is_hot and enough.get(level, False)


@dataclass(frozen=True, slots=True)
class Turn:
    """A change that the signals made. why: one sentence, for the log and for `rostra shield status`."""

    level: Level
    why: str


class Gauge:
    """Turns signals into a level: up one step after two hot seconds, down one after a cool minute.

    From busy on it goes up only while strangers are what is too much, and to siege only while half of all requests are
    refused already: more admitted listeners than the edge can bear are a crowd, and a crowd is no enemy.
    """

    def __init__(self) -> None:
        self.level = Level.CALM
        self._hot_since_s: float | None = None
        self._cool_since_s: float | None = None

    def look(self, signals: Signals, now_s: float) -> Turn | None:
        """now_s: monotonic. The change, if there is one."""
        rises = signals.raises(self.level)
        self._hot_since_s = (now_s if self._hot_since_s is None else self._hot_since_s) if rises else None
        cools = self.level > Level.CALM and signals.is_cool
        self._cool_since_s = (now_s if self._cool_since_s is None else self._cool_since_s) if cools else None
        if self._hot_since_s is not None and now_s - self._hot_since_s >= RAISED_AFTER_S:
            return self._turn(1, f"processor {signals.cpu:.0%}, loop {signals.lag_ms:.0f} ms late")
        if self._cool_since_s is not None and now_s - self._cool_since_s >= LOWERED_AFTER_S:
            return self._turn(-1, "quiet for a minute")
        return None

    def _turn(self, step: int, why: str) -> Turn:
        self.level = Level(self.level + step)
        self._hot_since_s = self._cool_since_s = None
        return Turn(self.level, why)


def as_table() -> str:
    """MEASURES in Markdown."""
    rows = [
        "| level | newcomers | media without a ticket | rates per network | what that means |",
        "| --- | --- | --- | --- | --- |",
    ]
    for level, measures in MEASURES.items():
        if measures.media_needs_ticket:
            media = "refused"
        else:
            media = "not counted" if measures.media_factor is None else f"× {measures.media_factor:g}"
        rows.append(f"| {level.word} | {measures.newcomers} | {media} | × {measures.factor:g} | {measures.text} |")
    return "\n".join(rows)
