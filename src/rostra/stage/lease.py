"""Which stage holds a room: a lease on the bus, so that a second stage takes over when the first is gone."""

from __future__ import annotations

from typing import Final

import msgspec

from rostra.media.wire import ROOMS, RoomLease
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.claims import Seen, Watched
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger

LEASE_S: Final = 2.0
RENEW_S: Final = 0.5
WAIT_MIN_S: Final = 0.05
LOOK_S: Final = LEASE_S / 2
"""Whoever has no claim looks so often at least, and so knows within what time another one was written."""
OVERDUE_S: Final = 0.6
"""Longer than a living holder leaves its claim as it is. A standby gives one that is late so much again: a machine that
stood still for both wakes both.
"""
_log = get_logger(__name__)


class Lease:
    """The claim of one stage to one room. Compare-and-set on the key's revision keeps two from holding it.

    When another's claim is over is told by its time and by what is seen of it: one that was renewed a moment ago is not
    over, and one that nobody has renewed for LEASE_S is, whatever the clocks of the machines say or step to.

    stands_by: others come first. A room that nobody has had is free after LEASE_S, one whose holder is late after
    another OVERDUE_S, and one that was let go of at once.
    """

    def __init__(
        self, bus: Bus, clock: Clock, broadcast_id: str, *, stage_id: str, whip_url: str, stands_by: bool = False
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._broadcast_id = broadcast_id
        self._stage_id = stage_id
        self._whip_url = whip_url
        self._stands_by = stands_by
        self._revision: int | None = None
        self._other = Watched(clock, LEASE_S)
        self._overdue: tuple[Seen, float] | None = None
        self._absent_s: float | None = None

    @property
    def held(self) -> bool:
        return self._revision is not None

    @property
    def pause_s(self) -> float:
        """How long to wait before the next `hold`: until ours is to be renewed, or the other's has run out."""
        if self.held:
            return RENEW_S
        over_s = self._other.seen.over_s if self._other.seen is not None else 0.0
        return min(LOOK_S, max(WAIT_MIN_S, over_s - self._clock.monotonic() + WAIT_MIN_S))

    async def hold(self) -> bool:
        """Claim the room or renew the claim; whether it is ours now. Call it again after `pause_s`.

        A bus that is away changes nothing: nobody else could have taken the room by it. A stage that starts
        again under its old id has its rooms back at once.
        """
        try:
            self._revision = await self._renewed() or await self._claimed()
        except BusUnavailable as error:
            _log.warning("lease_not_renewed", broadcast_id=self._broadcast_id, error=str(error))
        return self.held

    async def release(self) -> None:
        """Let go, so that another stage need not wait. The key stays: its revision orders the claims."""
        if self._revision is None:
            return
        try:
            await self._bus.replace(ROOMS, self._broadcast_id, self._value(0), revision=self._revision)
        except BusUnavailable as error:
            _log.warning("lease_not_released", broadcast_id=self._broadcast_id, error=str(error))
        self._revision = None

    async def _renewed(self) -> int | None:
        if self._revision is None:
            return None
        return await self._bus.replace(ROOMS, self._broadcast_id, self._value(), revision=self._revision)

    async def _claimed(self) -> int | None:
        found = await self._bus.get(ROOMS, self._broadcast_id, RoomLease)
        lease, revision = found if found is not None else (None, 0)
        if lease is None and not self._may_take_absent():
            return None
        if lease is not None:
            self._absent_s = None
            seen = self._other.look(revision=revision, until_us=lease.until_us)
            if lease.stage_id != self._stage_id and not self._is_free(seen):
                return None
        return await self._bus.replace(ROOMS, self._broadcast_id, self._value(), revision=revision)

    def _is_free(self, seen: Seen) -> bool:
        """Whether another stage's lease is over. A standby wants to have seen for OVERDUE_S that nobody renews it."""
        now_s = self._clock.monotonic()
        if seen.until_us == 0:
            return True
        if now_s < seen.over_s:
            return False
        if not self._stands_by:
            return now_s >= seen.first_s + OVERDUE_S
        if self._overdue is None or self._overdue[0] != seen:
            self._overdue = (seen, now_s + OVERDUE_S)
        return now_s >= self._overdue[1]

    def _may_take_absent(self) -> bool:
        """A bus that starts anew has forgotten all leases: whoever held the room may claim it first."""
        now_s = self._clock.monotonic()
        if self._absent_s is None:
            self._absent_s = now_s
        seen = self._other.seen
        waits = self._stands_by or (seen is not None and seen.until_us > 0 and self._revision is None)
        return not waits or now_s - self._absent_s >= LEASE_S

    def _value(self, until_us: int | None = None) -> RoomLease:
        if until_us is None:
            until_us = self._clock.now_us() + int(LEASE_S * 1e6)
        return RoomLease(stage_id=self._stage_id, whip_url=self._whip_url, until_us=until_us)


async def let_go(bus: Bus, broadcast_id: str, *, stage_id: str) -> bool:
    """Let go of a room for a stage whose process has certainly ended; whether there was something to let go of.

    By revision: whoever has claimed the room since keeps it. Raises BusUnavailable.
    """
    while (found := await bus.get(ROOMS, broadcast_id, RoomLease)) is not None:
        lease, revision = found
        if lease.stage_id != stage_id or lease.until_us == 0:
            return False
        over = msgspec.structs.replace(lease, until_us=0)
        if await bus.replace(ROOMS, broadcast_id, over, revision=revision) is not None:
            return True  # otherwise its last renewal was still on its way
    return False
