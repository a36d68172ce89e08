"""The network as apps use it: 1,000 accounts, 100,000 posts, 200 follows each, on SQLite and on PostgreSQL.

CPU is that of the site process; with PostgreSQL that of the database's processes is told beside it. The peer of each
number is the same server and application answering a route that asks nobody and reads nothing, in turns with it: what
the house costs before it has done anything, on this machine and in this minute.
"""

from __future__ import annotations

import random
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import psutil

from bench.harness import Bench, Finding, Running, wrk
from bench.network_house import People, serving
from tests.kit.servers import postgres

TITLE: Final = "The network as apps use it"
PEOPLE: Final = People(authors=1_000, posts=100_000, readers=1_000, follows=200)
ROUNDS: Final = 3
WARM_S: Final = 1.0
ROUND_S: Final = 4.0
CONNECTIONS: Final = 8
FLOOR: Final = "/api/v1/streaming/health"
PACED: Final = 300

HOME: Final = """
request = function()
  wrk.headers["Authorization"] = "Bearer token" .. math.random(0, %d)
  return wrk.format("GET", "/api/v1/timelines/home")
end
"""
PUBLIC: Final = """
request = function() return wrk.format("GET", "/api/v1/timelines/public") end
"""
POST: Final = """
count = 0
wrk.headers["Content-Type"] = "application/json"
request = function()
  count = count + 1
  wrk.headers["Authorization"] = "Bearer token" .. math.random(0, %d)
  return wrk.format("POST", "/api/v1/statuses", nil, '{"status": "Word ' .. count .. ' of an evening that went well."}')
end
"""


@dataclass(frozen=True, slots=True)
class Case:
    """bar: requests per CPU-second of the site process."""

    what: str
    script: str
    bar: float


@dataclass(slots=True)
class Spent:
    requests: int = 0
    wrong: int = 0
    cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    took_s: list[float] = field(default_factory=list)


CASES: Final = (
    Case("home timeline", HOME % (PEOPLE.readers - 1), 400),
    Case("public timeline", PUBLIC, 800),
    Case("posting", POST % (PEOPLE.readers - 1), 250),
)


def run(bench: Bench) -> list[Finding]:
    findings: list[Finding] = []
    for engine in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            url = f"sqlite:///{bench.folder / 'reads.sqlite3'}"
            database_pid = None
            if engine == "PostgreSQL":
                url = stack.enter_context(postgres(durable=True))
                database_pid = first_of(url)
            site, address = serving(bench, engine.lower(), url, PEOPLE)
            findings += [_measured(bench, case, engine, site, address, database_pid) for case in CASES]
            findings.append(_half_load(engine, address, findings[-3].value))
            site.stop()
    return findings


def _measured(bench: Bench, case: Case, engine: str, site: Running, address: str, database_pid: int | None) -> Finding:
    script = bench.folder / "ask.lua"
    script.write_text(case.script)
    ours, floor = Spent(), Spent()
    wrk(address, seconds=WARM_S, connections=CONNECTIONS, script=script)
    for _ in range(ROUNDS):
        for spent, url, words in ((ours, address, script), (floor, address + FLOOR, None)):
            before_s, database_before_s = site.cpu_s(), cpu_s_of(database_pid)
            load = wrk(url, seconds=ROUND_S, connections=CONNECTIONS, script=words)
            spent.requests += load.requests
            spent.wrong += load.wrong
            spent.cpu_s += site.cpu_s() - before_s
            spent.database_cpu_s += cpu_s_of(database_pid) - database_before_s
    mine, bare = ours.requests / ours.cpu_s, floor.requests / floor.cpu_s
    facts: dict[str, object] = {"requests": ours.requests, "cpu_s": round(ours.cpu_s, 2), "wrong_answers": ours.wrong}
    if database_pid is not None:
        facts["database_cpu_ms_a_request"] = round(1e3 * ours.database_cpu_s / ours.requests, 2)
    return Finding(
        "network_reads", f"{case.what}, {engine}", round(mine), "requests per CPU-second", peer=round(bare),
        ratio=round(mine / bare, 2), bar=f"at least {case.bar:g}", kept=mine >= case.bar and ours.wrong == 0,
        facts=facts,
    )  # fmt: skip


def _half_load(engine: str, address: str, capacity: float) -> Finding:
    """Home timelines one after another, at half of what the process bears."""
    pause_s, took_s = 2.0 / capacity, []
    for _ in range(PACED):
        token = f"token{random.randrange(PEOPLE.readers)}"
        request = urllib.request.Request(
            f"{address}/api/v1/timelines/home", headers={"Authorization": f"Bearer {token}"}
        )
        began_s = time.monotonic()
        with urllib.request.urlopen(request) as answer:
            answer.read()
        took_s.append(time.monotonic() - began_s)
        time.sleep(max(0.0, pause_s - took_s[-1]))
    p95_ms = 1e3 * sorted(took_s)[int(0.95 * len(took_s))]
    return Finding(
        "network_reads", f"home timeline at half load, p95, {engine}", round(p95_ms, 1), "ms",
        bar="at most 25 ms", kept=p95_ms <= 25,
    )  # fmt: skip


def first_of(url: str) -> int:
    """The first process of the PostgreSQL at `url`: of those that hold its socket the oldest."""
    port = int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    holders = [
        psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid
    ]
    return min(holders, key=lambda each: each.create_time()).pid


def cpu_s_of(pid: int | None) -> float:
    """User and system time of a process and its children, of those that have ended too."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    mine = process.cpu_times()
    total = mine.user + mine.system + mine.children_user + mine.children_system
    for child in process.children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total
