"""Parts to the bus, at the bus's pace: the sound never waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from rostra.media import wire
from rostra.media.held import HeldPart, encode_held
from rostra.media.part import Part, encode_part
from rostra.platform import metrics
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger

BACKLOG_PARTS: Final = 120
"""About a minute; what is older nobody is waiting for any more."""
RETRY_S: Final = 0.5
_sent: Final = metrics.counter("stage_parts", "Parts that the bus has stored.")
_dropped: Final = metrics.counter("stage_parts_dropped", "Parts given up because the bus was away for a minute.")
_log = get_logger(__name__)


class PartSender:
    """Publishes parts in order and tries again until the bus has them; the oldest is dropped beyond the backlog.

    held: not for listeners yet, but for the stages that will release them.
    """

    def __init__(self, bus: Bus, clock: Clock, broadcast_id: str, rendition: str, *, held: bool = False) -> None:
        self._bus = bus
        self._clock = clock
        self._broadcast_id = broadcast_id
        self._rendition = rendition
        self._held = held
        self._backlog: deque[Part] = deque()
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.published = -1

    def send(self, part: Part) -> None:
        """Queue a part. Never waits."""
        if len(self._backlog) >= BACKLOG_PARTS:
            dropped = self._backlog.popleft()
            _dropped.inc()
            _log.error("part_dropped", broadcast_id=self._broadcast_id, part=dropped.index, backlog=BACKLOG_PARTS)
        self._backlog.append(part)
        self._idle.clear()
        self._more.set()

    async def run(self) -> None:
        """Publish for ever."""
        subject = wire.parts_subject(self._broadcast_id, self._rendition)
        if self._held:
            subject = wire.held_subject(self._broadcast_id)
        while True:
            if not self._backlog:
                self._idle.set()
                self._more.clear()
                await self._more.wait()
            part = self._backlog[0]
            try:
                payload = encode_held(HeldPart(self._rendition, part)) if self._held else encode_part(part)
                await self._bus.publish_durable(
                    subject, payload, message_id=f"{self._broadcast_id}.{self._rendition}.{part.index}"
                )
            except BusUnavailable as error:
                _log.warning("part_publish_failed", broadcast_id=self._broadcast_id, part=part.index, error=str(error))
                await self._clock.sleep(RETRY_S)
                continue
            if self._backlog and self._backlog[0] is part:
                self._backlog.popleft()
            _sent.inc()
            self.published = max(self.published, part.index)

    async def flush(self, timeout_s: float) -> bool:
        """Wait until all queued parts are stored; False when the time ran out first."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return True
