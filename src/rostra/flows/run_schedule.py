"""Keep the schedule: open doors in time, go on the air at the minute, and say why when that is not possible.

What a moderator has ended is over when nobody has taken it back in time. That is kept here, too: it survives a site.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from rostra.broadcast import Act, Broadcast, BroadcastStore, IllegalMove
from rostra.broadcast.schedule import DOORS_OPEN_BEFORE_MAX_MIN
from rostra.flows.house import House
from rostra.flows.limiting import ServiceSuspended
from rostra.flows.move_broadcast import move_broadcast
from rostra.media.wire import Phase, StageState
from rostra.platform.errors import Conflict
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 1.0
GIVEN_UP_AFTER: Final = timedelta(hours=24)
"""A broadcast that never went on the air is cancelled this long after its start, so that no room waits for ever."""
LATE_ENOUGH: Final = timedelta(seconds=10)
"""How late a start must be before the log says so; the control page says it at once."""


def due(broadcast: Broadcast, *, someone_on_stage: bool, now: datetime) -> Act | None:
    """What the schedule has to do to a broadcast at `now`; None is nothing."""
    if broadcast.final_at is not None:
        return Act.END if now >= broadcast.final_at else None
    if broadcast.phase not in (Phase.SCHEDULED, Phase.DOORS_OPEN):
        return None
    if now >= broadcast.starts_at + GIVEN_UP_AFTER:
        return Act.CANCEL
    if broadcast.phase is Phase.SCHEDULED:
        return Act.OPEN_DOORS if now >= broadcast.doors_open_at else None
    if broadcast.auto_start and now >= broadcast.starts_at and someone_on_stage:
        return Act.GO_LIVE
    return None


def _is_late(broadcast: Broadcast, now: datetime) -> bool:
    waits = broadcast.phase is not Phase.PAUSED and broadcast.auto_start
    return waits and now >= broadcast.starts_at + LATE_ENOUGH


class Schedule:
    """Acts on every broadcast that is due. Several sites may run it: the version in the database lets one win.

    state_of: what the room says, None when it says nothing.
    """

    def __init__(self, house: House, state_of: Callable[[BroadcastId], StageState | None]) -> None:
        self._house = house
        self._state_of = state_of
        self._waiting: set[BroadcastId] = set()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> None:
        now = self._house.clock.now()
        horizon = now + timedelta(minutes=DOORS_OPEN_BEFORE_MAX_MIN)
        async with self._house.database.reading() as session:
            candidates = await BroadcastStore(session).in_phases(
                (Phase.SCHEDULED, Phase.DOORS_OPEN, Phase.PAUSED), starting_before=horizon
            )
        for broadcast in candidates:
            on_stage = self._someone_on_stage(broadcast)
            act = due(broadcast, someone_on_stage=on_stage, now=now)
            if act is not None:
                await self._do(broadcast, act)
            elif _is_late(broadcast, now) and not on_stage:
                await self._say_why(broadcast)

    async def _do(self, broadcast: Broadcast, act: Act) -> None:
        self._waiting.discard(broadcast.id)
        try:
            await move_broadcast(self._house, broadcast.id, act, by=None, version=broadcast.version)
        except (Conflict, IllegalMove) as error:  # a person or another site was faster
            _log.debug("schedule_was_overtaken", broadcast_id=broadcast.id, reason=str(error))
        except ServiceSuspended as error:  # until it is given up, or the decision is lifted
            _log.debug("schedule_is_held", broadcast_id=broadcast.id, reason=str(error))

    def _someone_on_stage(self, broadcast: Broadcast) -> bool:
        state = self._state_of(broadcast.id)
        return state is not None and any(speaker.connected for speaker in state.speakers)

    async def _say_why(self, broadcast: Broadcast) -> None:
        if broadcast.id in self._waiting:
            return
        async with self._house.database.transaction() as session:
            says = await BroadcastStore(session).says_late(broadcast.id, broadcast.starts_at)
        self._waiting.add(broadcast.id)
        if says:
            _log.warning("start_is_late", broadcast_id=broadcast.id, reason="nobody is on stage")
