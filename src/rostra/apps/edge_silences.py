"""What an edge has listed as silence stays silence when the edge begins anew.

A part that came too late is on the bus all the same, and a restarted edge reads the whole window from there: it
would have sound where players, caches and its own playlist had silence. So an edge writes down what it made silence of,
and one that begins reads what was written under its public address before it reads the first part. What another address
listed does not count: an edge that is slow by itself must not silence the others.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing
from typing import Final

import msgspec

from rostra.delivery.window import Hushed
from rostra.media import wire
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.web.edge.on_air import OnAir

LOOK_EVERY_S: Final = 0.2
AGAIN_AFTER_S: Final = 30.0
"""A bus that was lost with what it held has it again by then; its entries never expire while they count."""
_log = get_logger(__name__)


class Silences:
    """Run `follow` and `tell` for ever; wait for `known` before parts are read."""

    def __init__(self, bus: Bus, clock: Clock, on_air: OnAir, *, edge: str, instance: str) -> None:
        self._bus = bus
        self._clock = clock
        self._on_air = on_air
        self._edge = edge
        self._instance = instance
        self._heard: defaultdict[tuple[str, str], Hushed] = defaultdict(Hushed)
        self._told: dict[str, tuple[wire.ListedSilence, float]] = {}
        self._complete = asyncio.Event()

    async def known(self, broadcast_id: str, rendition: str) -> Hushed:
        """What was silence of this rendition; goes on to grow. Waits for the bus."""
        await self._complete.wait()
        return self._heard[broadcast_id, rendition]

    def forget(self, broadcast_id: str) -> None:
        """The broadcast is off the air."""
        for key in [each for each in self._heard if each[0] == broadcast_id]:
            del self._heard[key]

    async def follow(self) -> None:
        async with aclosing(self._bus.watch(wire.SILENCES)) as changes:
            async for change in changes:
                if change is None:
                    self._complete.set()
                elif change.value is not None:
                    self._hear(change.key, change.value)

    def _hear(self, key: str, value: bytes) -> None:
        broadcast_id, _, rest = key.partition(".")
        rendition, _, instance = rest.partition(".")
        try:
            listed = msgspec.json.decode(value, type=wire.ListedSilence)
        except msgspec.DecodeError as error:
            _log.warning("silences_unreadable", key=key, error=str(error))
            return
        if listed.edge == self._edge and instance != self._instance:
            for first, end in listed.spans:
                self._heard[broadcast_id, rendition].add(first, end)

    async def tell(self) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            for broadcast_id, broadcast in list(self._on_air.broadcasts.items()):
                for name, live in list(broadcast.renditions.items()):
                    await self._tell(f"{broadcast_id}.{name}.{self._instance}", live.channel.window.own.spans)

    async def _tell(self, key: str, spans: tuple[tuple[int, int], ...]) -> None:
        """Whatever is new, soon; what is old, now and then."""
        listed, told_at = self._told.get(key, (wire.ListedSilence(self._edge, ()), 0.0))
        now = self._clock.monotonic()
        if spans == listed.spans and (not spans or now - told_at < AGAIN_AFTER_S):
            return
        news = wire.ListedSilence(self._edge, spans)
        try:
            await self._bus.put(wire.SILENCES, key, news)
        except BusUnavailable as error:
            _log.debug("silences_not_told", key=key, error=str(error))
            return
        self._told[key] = (news, now)
