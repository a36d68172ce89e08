"""What listeners may know of the stage: with a delay, as old as the sound that they hear.

Sans-I/O: times are passed in, `now_s` monotonic and `now_us` wall-clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from rostra.media.wire import Airing, Phase, StageState

STATES_KEPT: Final = 240
"""Four a second for longer than the longest delay; fails closed: of more the oldest are never shown."""
SILENCE_DBFS: Final = -100.0
_ON_AIR: Final = (Phase.LIVE, Phase.PAUSED)


class Hearing:
    """Phase and state of one broadcast as its listeners hear them. Without a delay, as they are."""

    def __init__(self, airing: Airing) -> None:
        self.airing = airing
        self._delay_s = airing.delay_parts * airing.part_s
        self._phase: Phase = airing.phase if airing.phase in _ON_AIR else Phase.LIVE
        self._phases: deque[tuple[float, Phase]] = deque()
        self._states: deque[tuple[float, StageState]] = deque(maxlen=STATES_KEPT)
        self._begun = False
        self.stage: StageState | None = None
        """The last state that listeners may see, and since when (`now_s`)."""
        self.stage_since_s = 0.0

    def airs(self, airing: Airing, now_s: float) -> None:
        """The site says something new. A pause and a return are heard a delay after they are told."""
        before, self.airing = self.airing, airing
        self._delay_s = airing.delay_parts * airing.part_s
        if airing.phase in _ON_AIR and airing.phase is not before.phase:
            self._phases.append((now_s + self._delay_s, airing.phase))

    def says(self, state: StageState, now_s: float) -> None:
        """The stage says how it is. An edge that has just come shows who is there, but not who speaks."""
        self._states.append((now_s + self._delay_s, state))
        if not self._begun and self._delay_s:
            self._show(_hushed(state), now_s)
        self.pass_to(now_s)

    def pass_to(self, now_s: float) -> bool:
        """Let time pass; whether listeners may see something new."""
        news = False
        while self._phases and self._phases[0][0] <= now_s:
            self._phase, news = self._phases.popleft()[1], True
        while self._states and self._states[0][0] <= now_s:
            self._begun = news = True
            self._show(self._states.popleft()[1], now_s)
        return news

    def phase(self, now_us: int) -> Phase:
        """Beginning and end are heard when the airing says; a decision that takes it off the air holds at once."""
        airing = self.airing
        if not self._delay_s or airing.phase not in (*_ON_AIR, Phase.ENDED):
            return airing.phase
        if airing.phase is Phase.ENDED and now_us >= (airing.ended_us or 0):
            return Phase.ENDED
        return Phase.DOORS_OPEN if now_us < (airing.live_us or 0) else self._phase

    def _show(self, state: StageState, now_s: float) -> None:
        self.stage, self.stage_since_s = state, now_s


def _hushed(state: StageState) -> StageState:
    speakers = [msgspec.structs.replace(speaker, level_dbfs=SILENCE_DBFS) for speaker in state.speakers]
    return msgspec.structs.replace(state, speakers=speakers, programme_dbfs=SILENCE_DBFS)
