"""What a refused request costs, beside a served one of the same kind: processor time of the whole edge process.

The same client asks the same edge for the same address, as often and by the clock; first it is served (level calm),
then it is refused (siege). Cost is what the edge's process used beyond what it uses when nobody asks, kernel included
(the scheduler's own count, in nanoseconds), divided by the requests that the client made. A request that was due counts
also when the edge did not read it or did not take its connection: to leave a request unread is how a flood is refused,
and a client cannot make that number larger, since both runs have the same schedule. What counts against the edge: the
first fifty refusals of each network are answered like any other, and are in the figure.

The client does not slow down, whatever it is told. It asks from 20 networks; for the playlist that has to come first
from 150, twice a second each, which is how players ask.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Final

from bench.admission_check import set_level
from bench.harness import Bench, Finding, Running, need_files
from bench.on_air import MEDIA, Edge, edge_on_air, newest_part
from rostra.shield.levels import Level

TITLE: Final = "what a refused request costs"
BAR: Final = 0.2
SECONDS: Final = 12.0
IDLE_S: Final = 2.5
_AHEAD: Final = 13
"""Parts that are made between the look at the playlist and the first request, and one that is still to come."""
KINDS: Final = (
    ("a part, one connection each", "keep", "part", 3000, 20),
    ("a part, 25 in a packet", "packet", "part", 6000, 20),
    ("a part, a new connection each time", "connect", "part", 1000, 20),
    ("a playlist, one connection each", "keep", "playlist", 2000, 20),
    ("a playlist that has to come first", "keep", "blocking", 300, 150),
)
"""What, how (`bench.attackers`), which address, how often a second, from how many networks."""


def run(bench: Bench) -> list[Finding]:
    need_files(6000)
    edge = edge_on_air(bench, {"ROSTRA_SHIELD_LEVELS": "by-hand"})
    return [_beside(bench, edge, *kind) for kind in KINDS]


def used_s(process: Running) -> float:
    """Processor time of all threads of a process, user and system."""
    tasks = Path(f"/proc/{process.popen.pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def _beside(bench: Bench, edge: Edge, what: str, kind: str, address: str, rate: int, networks: int) -> Finding:
    served, facts = _cost_us(bench, edge, kind, address, rate, networks, Level.CALM)
    refused, more = _cost_us(bench, edge, kind, address, rate, networks, Level.SIEGE)
    ratio = refused / served
    return Finding(
        "refusal", f"refused: {what}", round(refused, 2), "us of CPU",
        peer=round(served, 2), ratio=round(ratio, 3), bar=f"at most {BAR} of served", kept=ratio <= BAR,
        facts={"requests_s": rate, "networks": networks, "served": facts, "refused": more},
    )  # fmt: skip


def _cost_us(
    bench: Bench, edge: Edge, kind: str, address: str, rate: int, networks: int, level: Level
) -> tuple[float, dict[str, object]]:
    """CPU for a request at this level, without what an edge uses that nobody asks; what the client saw."""
    asyncio.run(set_level(edge.nats_url, Level.CALM))
    time.sleep(1.5)
    path = _path(edge, address)
    asyncio.run(set_level(edge.nats_url, level))
    time.sleep(1.5)
    before_s, start_s = used_s(edge.process), time.monotonic()
    time.sleep(IDLE_S)
    idle = (used_s(edge.process) - before_s) / (time.monotonic() - start_s)
    port = edge.url.rpartition(":")[2]
    client = bench.python(
        f"client-{kind}-{address}-{level.word}", "bench.attackers", kind, port, path, str(rate), str(SECONDS),
        str(networks), "0",
    )  # fmt: skip
    before_s, start_s = used_s(edge.process), time.monotonic()
    client.popen.wait(60)
    spent_s = used_s(edge.process) - before_s - idle * (time.monotonic() - start_s)
    facts = json.loads(client.log_text().strip().splitlines()[-1])
    return spent_s * 1e6 / (rate * SECONDS), facts


def _path(edge: Edge, address: str) -> str:
    if address == "part":
        return f"{MEDIA}/{newest_part(edge)}"
    if address == "playlist":
        return f"{MEDIA}/index.m3u8"
    return str(int(newest_part(edge)[1:-4]) + _AHEAD)
