"""A real house with synthetic speakers on its stage, for scenarios."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psutil

from bench.harness import ROOT, Bench
from rostra.apps.ports import free_port
from tests.kit.acting import Made, Organiser, ticket
from tests.kit.running import House


def a_house(bench: Bench, name: str = "house", *, backstage: bool = False, **environment: str) -> House:
    """`rostra up`, stopped at the end of the scenario; with metrics. name: of its folder. backstage: as it comes."""
    metrics = {"ROSTRA_METRICS_PORT": str(free_port(6))}
    house = House(bench.folder / name, backstage=backstage, environment={**metrics, **environment})
    house.start()
    bench.on_exit(house.stop)
    return house


def on_air(organiser: Organiser, title: str) -> Made:
    """A broadcast that is live."""
    made = organiser.schedule(title, starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors", "go_live")
    return made


def entries(organiser: Organiser, made: Made, voices: Sequence[str]) -> list[dict[str, str]]:
    """A seat for each of the voices."""
    seats = [organiser.invite(made, f"Speaker {number}")[1] for number in range(1, len(voices) + 1)]
    return [{**ticket(seat), "voice": voice} for seat, voice in zip(seats, voices, strict=True)]


class Talk:
    """The process with the speakers. `end` waits for it and gives its figures."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def end(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        figures: dict[str, Any] = json.loads(self._process.stdout.readline())
        return figures

    @property
    def pid(self) -> int:
        return self._process.pid


@contextmanager
def talk(speakers: list[dict[str, str]], *, seconds: float, loss: str = "none") -> Iterator[Talk]:
    """Speak for `seconds` once everybody is connected. Raises RuntimeError when somebody is not."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.speakers", str(seconds), loss],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(speakers))
        process.stdin.close()
        if process.stdout.readline().strip() != "connected":
            raise RuntimeError("the speakers did not connect")
        yield Talk(process)
    finally:
        process.kill()
        process.wait()


def cpu_s(pid: int) -> float:
    """User and system time of one process, all its threads."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
