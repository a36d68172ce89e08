"""What size costs: a post of an account with 10,000,000 followers, and the home timeline of who follows 2,000.

Both against their small counterparts, in turns in one run: an account with ten followers, and somebody who follows 20.
Whoever goes first pays for what comes to rest after the other, so they take turns at that too, after a round that
counts for nothing. CPU of the site and of the database together. The crowd's edges lie in the table with all
indexes; its accounts do not, since nobody reads them.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from bench.harness import Bench, Finding, wrk
from bench.network_house import People, serving
from bench.network_reads import cpu_s_of, first_of
from tests.kit.servers import postgres

TITLE: Final = "What size costs"
PEOPLE: Final = People(authors=4_000, posts=40_000, readers=100, follows=20, many=2_000, crowd=10_000_000)
ROUNDS: Final = 4
ROUND_S: Final = 3.0
POST: Final = """
wrk.method, wrk.body = "POST", '{"status": "A word to all of you."}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
"""
HOME: Final = """
wrk.headers["Authorization"] = "Bearer %s"
"""


def run(bench: Bench) -> list[Finding]:
    findings = []
    for engine in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            url, database_pid = f"sqlite:///{bench.folder / 'size.sqlite3'}", None
            if engine == "PostgreSQL":
                url = stack.enter_context(postgres(durable=True))
                database_pid = first_of(url)
            site, address = serving(bench, f"size-{engine.lower()}", url, PEOPLE)

            def spent_s(pid: int | None = database_pid, process: int = site.popen.pid) -> float:
                return cpu_s_of(process) + cpu_s_of(pid)

            for what, path, script, large, small, bar in (
                (f"post to {PEOPLE.crowd:,} followers", "/api/v1/statuses", POST, "author0", "author1", 1.1),
                (f"home of who follows {PEOPLE.many:,}", "/api/v1/timelines/home", HOME, "token0", "token1", 3.0),
            ):
                cost_s, wrong, late = {large: 0.0, small: 0.0}, 0, 0
                requests = {large: 0, small: 0}
                for turn in range(1 + ROUNDS):
                    for who in (large, small) if turn % 2 else (small, large):
                        words = bench.folder / "size.lua"
                        words.write_text(script % who)
                        before_s = spent_s()
                        load = wrk(address + path, seconds=ROUND_S, connections=4, script=words)
                        if turn:
                            cost_s[who] += spent_s() - before_s
                            requests[who] += load.requests
                            wrong += load.wrong - load.late
                            late += load.late
                mine, other = (1e3 * cost_s[who] / requests[who] for who in (large, small))
                findings.append(
                    Finding(
                        "network_size", f"{what}, {engine}", round(mine, 2), "ms of CPU", peer=round(other, 2),
                        ratio=round(mine / other, 2), bar=f"at most {bar} of the small one",
                        kept=mine / other <= bar and wrong == 0,
                        facts={"requests": requests, "wrong_answers": wrong, "late_answers": late},
                    )
                )  # fmt: skip
            site.stop()
    return findings
