"""How much this process has to bear: its share of a core, and how late its event loop is."""

from __future__ import annotations

import time
from collections.abc import Callable

from rostra.platform.clock import Clock


class Burden:
    """Measures from one look to the next.

    A loop that is asked to wake in `period_s` and wakes later has had other things to do: that delay is what every
    request has waited too (DAGOR's queueing time, for a process with one queue).
    """

    def __init__(self, clock: Clock, cpu_s: Callable[[], float] = time.process_time) -> None:
        """cpu_s: seconds of processor time that the process has used."""
        self._clock = clock
        self._cpu_s = cpu_s
        self._looked_s, self._used_s = clock.monotonic(), cpu_s()
        self._late_s, self._sleeps = 0.0, 0
        self._woke_s, self._woke_used_s = self._looked_s, self._used_s

    async def sleep(self, period_s: float) -> tuple[float, float]:
        """Sleep, and note by how much it became longer.

        Share of a core since the last sleep, and by how many milliseconds this one was late.
        """
        before_s = self._clock.monotonic()
        await self._clock.sleep(period_s)
        now_s, used_s = self._clock.monotonic(), self._cpu_s()
        late_s = max(0.0, now_s - before_s - period_s)
        cpu = (used_s - self._woke_used_s) / max(now_s - self._woke_s, 1e-3)
        self._woke_s, self._woke_used_s = now_s, used_s
        self._late_s += late_s
        self._sleeps += 1
        return cpu, 1000 * late_s

    def look(self) -> tuple[float, float]:
        """Share of a core, and mean lateness in milliseconds, since the last look."""
        now_s, used_s = self._clock.monotonic(), self._cpu_s()
        passed_s = max(now_s - self._looked_s, 1e-3)
        cpu = (used_s - self._used_s) / passed_s
        late_ms = 1000 * self._late_s / max(1, self._sleeps)
        self._looked_s, self._used_s, self._late_s, self._sleeps = now_s, used_s, 0.0, 0
        return cpu, late_ms
