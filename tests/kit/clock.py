"""Clocks for tests: one that moves only when the test says so, one that waits for a busy machine."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from typing import Final

from rostra.platform.clock import SystemClock


class FakeClock:
    """Stands still until `advance` or `jump`; sleepers wake in the order of their times."""

    def __init__(self, start: datetime = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed_us = 0
        self._step_us = 0
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + timedelta(microseconds=self._passed_us + self._step_us)

    def now_us(self) -> int:
        delta = self.now() - datetime(1970, 1, 1, tzinfo=UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def monotonic(self) -> float:
        return self._passed_us / 1_000_000

    def step(self, **by: float) -> None:
        """The wall clock steps (as when NTP sets it); the monotonic clock does not notice."""
        self._step_us += round(timedelta(**by).total_seconds() * 1_000_000)

    def jump(self, **by: float) -> None:
        """Time passes at once, without waking anybody: for pure code."""
        self._passed_us += round(timedelta(**by).total_seconds() * 1_000_000)

    async def advance(self, **by: float) -> None:
        """Time passes; everybody whose sleep ends meanwhile wakes at the right moment and runs."""
        end = self._passed_us + round(timedelta(**by).total_seconds() * 1_000_000)
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, sleeper = heapq.heappop(self._sleepers)
            self._passed_us = max(self._passed_us, due)
            if not sleeper.done():
                sleeper.set_result(None)
            await self._settle()
        self._passed_us = end

    async def sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._passed_us + round(seconds * 1_000_000), self._count, sleeper))
        await sleeper

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class PatientClock(SystemClock):
    """The system's time without what the machine took from this process: where that looks twice, at most `STEP_S` has
    passed. A real stage in a test is then as punctual on a machine that has no time for it as on an idle one.
    """

    STEP_S: Final = 0.04

    def __init__(self) -> None:
        super().__init__()
        self._looked_s = super().monotonic()
        self._taken_s = 0.0

    def _look(self) -> None:
        now_s = super().monotonic()
        self._taken_s += max(0.0, now_s - self._looked_s - self.STEP_S)
        self._looked_s = now_s

    def now(self) -> datetime:
        self._look()
        return super().now() - timedelta(seconds=self._taken_s)

    def now_us(self) -> int:
        self._look()
        return super().now_us() - round(self._taken_s * 1e6)

    def monotonic(self) -> float:
        self._look()
        return self._looked_s - self._taken_s

    async def sleep(self, seconds: float) -> None:
        due = self.monotonic() + seconds
        while (left := due - self.monotonic()) > 0:
            await super().sleep(min(left, self.STEP_S / 2))
        if seconds <= 0:
            await super().sleep(0)
