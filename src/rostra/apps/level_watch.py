"""Follows the level of the shield for a process that raises none itself."""

from __future__ import annotations

from contextlib import aclosing
from typing import Final

from rostra.media import wire
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.shield.accord import Accord
from rostra.shield.gate import Gate

LOOK_S: Final = 1.0
_log = get_logger(__name__)


class LevelWatch:
    """Keeps `gate` at the level that holds."""

    def __init__(self, gate: Gate, bus: Bus, clock: Clock) -> None:
        self._gate = gate
        self._bus = bus
        self._clock = clock
        self._accord = Accord()

    async def run(self, tasks: Tasks) -> None:
        """For ever: take in what is said, and look each second what has lapsed."""
        tasks.spawn("levels", self._watch())
        while True:
            self._settle()
            await self._clock.sleep(LOOK_S)

    async def _watch(self) -> None:
        async with aclosing(self._bus.watch(wire.LEVELS)) as changes:
            async for change in changes:
                if change is not None and not self._accord.hear(change.key, change.value):
                    _log.error("level_unreadable", key=change.key)
                self._settle()

    def _settle(self) -> None:
        now_us = self._clock.now_us()
        self._accord.bus_is(there=self._bus.connected, now_us=now_us)
        verdict = self._accord.now(now_us)
        if verdict.level is not self._gate.level:
            _log.warning("shield_level", level=verdict.level.word, by=verdict.by, reason=verdict.reason)
            self._gate.set_level(verdict.level)
