"""Which captions process listens to a broadcast: a lease, so that of two processes one makes its captions."""

from __future__ import annotations

from typing import Final

from rostra.media.wire import CAPTIONERS, CaptionLease
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger

LEASE_S: Final = 6.0
RENEW_S: Final = 2.0
_log = get_logger(__name__)


class Lease:
    """The claim of one process to one broadcast. Compare-and-set on the key's revision keeps two from holding it."""

    def __init__(self, bus: Bus, clock: Clock, broadcast_id: str, instance: str) -> None:
        self._bus = bus
        self._clock = clock
        self._broadcast_id = broadcast_id
        self._instance = instance
        self._revision = 0
        self.held = False

    async def hold(self) -> bool:
        """Claim or renew; whether it is ours now. Call it every RENEW_S. A bus that is away changes nothing."""
        try:
            found = await self._bus.get(CAPTIONERS, self._broadcast_id, CaptionLease)
            lease, revision = found if found is not None else (None, 0)
            others = lease is not None and lease.instance != self._instance
            if others and lease is not None and lease.until_us > self._clock.now_us():
                self.held = False
            else:
                self.held = await self._write(revision, LEASE_S)
        except BusUnavailable as error:
            _log.warning("captions_lease_not_renewed", broadcast_id=self._broadcast_id, error=str(error))
        return self.held

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
        lease = CaptionLease(instance=self._instance, until_us=self._clock.now_us() + int(lasts_s * 1_000_000))
        written = await self._bus.replace(CAPTIONERS, self._broadcast_id, lease, revision=revision)
        self._revision = written or 0
        return written is not None
