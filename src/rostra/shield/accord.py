"""Which level holds: what the operator has set, or else the highest that any edge has reached by itself."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from rostra.media.wire import OPERATOR, LevelSet
from rostra.shield.levels import Level

EDGE: Final = "edge."
CLAIM_S: Final = 90
"""So long what an edge says of itself counts; it says it again every `REPEAT_S` while it is not calm."""
REPEAT_S: Final = 20.0


class Verdict(NamedTuple):
    """level: that holds; by: "operator" or "edge"; reason: one sentence."""

    level: Level
    by: str
    reason: str


NOTHING_SAID: Final = Verdict(Level.CALM, "edge", "Nothing is wrong.")


class Accord:
    """What everybody has said in the bucket `levels`. Pure: feed it changes, ask it `now`.

    While the bus is away nothing that an edge has said lapses, so the last level holds (it fails static): losing the
    bus is no reason to open the doors.
    """

    def __init__(self) -> None:
        self._said: dict[str, LevelSet] = {}
        self._frozen_us: int | None = None

    def hear(self, key: str, value: bytes | None) -> bool:
        """A change of the bucket; False when it is unreadable and changes nothing."""
        if value is None:
            self._said.pop(key, None)
            return True
        try:
            said = msgspec.json.decode(value, type=LevelSet)
            Level(said.level)
        except (msgspec.DecodeError, ValueError):
            return False
        self._said[key] = said
        return True

    def bus_is(self, *, there: bool, now_us: int) -> None:
        if there:
            self._frozen_us = None
        elif self._frozen_us is None:
            self._frozen_us = now_us

    def now(self, now_us: int) -> Verdict:
        """The level that holds at this moment, unix microseconds."""
        operator = self._said.get(OPERATOR)
        if operator is not None and (operator.until_us is None or operator.until_us > now_us):
            return Verdict(Level(operator.level), "operator", operator.reason)
        edges_us = now_us if self._frozen_us is None else self._frozen_us
        claims = [
            said
            for key, said in self._said.items()
            if key.startswith(EDGE) and (said.until_us is None or said.until_us > edges_us)
        ]
        if not claims:
            return NOTHING_SAID
        highest = max(claims, key=lambda said: (said.level, -said.at_us))
        return Verdict(Level(highest.level), "edge", highest.reason)
