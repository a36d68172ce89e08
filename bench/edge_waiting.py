"""2,000 players that wait for the same part: how long one arrival takes to wake them all, and what it costs."""

from __future__ import annotations

from typing import Final

from bench.gathering import a_crowd
from bench.harness import Bench, Finding
from bench.on_air import MEDIA, edge_on_air

TITLE: Final = "Waking 2,000 waiting players"
PLAYERS: Final = 2000
SECONDS: Final = 10.0


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    port = edge.url.rsplit(":", 1)[1]
    with a_crowd("hls", int(port), MEDIA, PLAYERS, SECONDS) as crowd:
        before_s = edge.process.cpu_s()
        facts = crowd.facts()
        cpu_s = edge.process.cpu_s() - before_s
    wake_ms = float(str(facts["wake_ms_median"]))
    us_each = cpu_s / int(str(facts["requests"])) * 1e6
    return [
        Finding("edge_waiting", f"first to last of {PLAYERS:,} woken players", round(wake_ms, 1), "ms", facts=facts),
        Finding("edge_waiting", "playlist and part of a low-latency player", round(us_each, 1),
                "us of CPU per request", facts={"cpu_s": round(cpu_s, 2)}),
    ]  # fmt: skip
