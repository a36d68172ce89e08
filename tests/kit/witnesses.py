"""What judges a long run: memory of each process, their counters, and whether the machine itself stood still."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from tests.kit.running import House

STANDSTILL_S = 0.3
_WATCH = """
import sys, time
while True:
    before = time.monotonic()
    time.sleep(0.05)
    late = time.monotonic() - before - 0.05
    if late > float(sys.argv[1]):
        print(time.monotonic(), late, flush=True)
"""


def resident_kb(house: House, process: str) -> int:
    status = Path(f"/proc/{house.pid_of(process)}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def counter(house: House, process: str, name: str) -> float:
    """A counter of `stage` or `edge`, all labels together. The house needs a `metrics_port`."""
    port = int(house.environment["ROSTRA_METRICS_PORT"]) + {"site": 0, "edge": 1, "stage": 2}[process]
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60, trust_env=False).raise_for_status().text
    return sum(float(value) for value in re.findall(rf"^{name}_total(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))


@dataclass
class Memory:
    """Resident memory of some processes, looked at once a minute. series: kB, by process."""

    house: House
    processes: tuple[str, ...]
    series: dict[str, list[int]] = field(default_factory=dict)

    def look(self) -> None:
        for process in self.processes:
            self.series.setdefault(process, []).append(resident_kb(self.house, process))

    def growth(self, process: str, *, after_minutes: int) -> float:
        """What the line through the looks from then on gains in an hour, as a share of where it begins."""
        kept = self.series[process][after_minutes:]
        slope, begin = np.polyfit(np.arange(len(kept)), kept, 1)
        return float(slope * 60 / begin)


class Standstills:
    """A process that only sleeps and tells when it overslept: then the machine stood still, whoever was to run.

    times: monotonic seconds (which all processes of a machine share) and how long, seconds.
    """

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Standstills:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WATCH, str(STANDSTILL_S), stdout=asyncio.subprocess.PIPE
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._reading is not None
        self._process.terminate()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            at, late = line.split()
            self.times.append((float(at), float(late)))

    def explains(self, moment: float, *, within_s: float) -> bool:
        """Whether the machine stood still shortly before `moment`."""
        return any(0 <= moment - at + 1 <= within_s for at, _ in self.times)


@dataclass
class OwnLag:
    """How late this very process came to its turn: what its own players miss then is nobody else's fault."""

    times: list[tuple[float, float]] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            late = time.monotonic() - before - 0.05
            if late > STANDSTILL_S:
                self.times.append((time.monotonic(), late))
