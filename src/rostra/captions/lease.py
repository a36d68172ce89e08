"""Which captions process listens to a broadcast: a lease, so that of two processes one makes its captions."""

from __future__ import annotations

from typing import Final

from rostra.media.wire import CAPTIONERS, CaptionLease
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.claims import Watched
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger

LEASE_S: Final = 6.0
RENEW_S: Final = 2.0
OVERDUE_S: Final = 2.5
"""Longer than a living holder leaves its claim as it is, whatever a clock that has stepped says of it."""
_log = get_logger(__name__)


class Lease:
    """The claim of one process to one broadcast. Compare-and-set on the key's revision keeps two from holding it."""

    def __init__(self, bus: Bus, clock: Clock, broadcast_id: str, instance: str) -> None:
        self._bus = bus
        self._clock = clock
        self._broadcast_id = broadcast_id
        self._instance = instance
        self._revision = 0
        self._other = Watched(clock, LEASE_S)
        self.held = False

    async def hold(self) -> bool:
        """Claim or renew; whether it is ours now. Call it every RENEW_S. A bus that is away changes nothing."""
        try:
            found = await self._bus.get(CAPTIONERS, self._broadcast_id, CaptionLease)
            lease, revision = found if found is not None else (None, 0)
            is_free = lease is None or lease.instance == self._instance or self._is_over(lease, revision)
            self.held = is_free and await self._write(revision, LEASE_S)
        except BusUnavailable as error:
            _log.warning("captions_lease_not_renewed", broadcast_id=self._broadcast_id, error=str(error))
        return self.held

    def _is_over(self, lease: CaptionLease, revision: int) -> bool:
        """Whether another's claim has run out. One that was let go of has the time 0 and is free at once."""
        seen, now_s = self._other.look(revision=revision, until_us=lease.until_us), self._clock.monotonic()
        return lease.until_us == 0 or (now_s >= seen.over_s and now_s >= seen.first_s + OVERDUE_S)

    async def release(self) -> None:
        """Let go, so that another process need not wait."""
        if not self.held:
            return
        self.held = False
        try:
            await self._write(self._revision, 0)
        except BusUnavailable as error:
            _log.debug("captions_lease_not_released", broadcast_id=self._broadcast_id, error=str(error))

    async def _write(self, revision: int, lasts_s: float) -> bool:
        """lasts_s: 0 lets go."""
        until_us = self._clock.now_us() + int(lasts_s * 1_000_000) if lasts_s else 0
        lease = CaptionLease(instance=self._instance, until_us=until_us)
        written = await self._bus.replace(CAPTIONERS, self._broadcast_id, lease, revision=revision)
        self._revision = written or 0
        return written is not None
