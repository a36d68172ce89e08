"""CPU for a listener-second of the progressive stream: the edge against Icecast, 4,000 listeners, 64 kbit/s."""

from __future__ import annotations

import time
from typing import Final

from bench import peers
from bench.gathering import a_crowd
from bench.harness import Bench, Finding, Running, need_files
from bench.icecast_source import MOUNT
from bench.on_air import BROADCAST, edge_on_air

TITLE: Final = "Progressive stream against Icecast"
LISTENERS: Final = 4000
SETTLE_S: Final = 4.0
MEASURED_S: Final = 10.0
BURST_BYTES: Final = 24 * 1024
BAR: Final = 0.6


def run(bench: Bench) -> list[Finding]:
    need_files(LISTENERS + 200)
    edge = edge_on_air(bench)
    edge_port = int(edge.url.rsplit(":", 1)[1])
    ours, our_facts = _measure(edge.process, edge_port, f"/listen/{BROADCAST}.aac")
    icecast, icecast_port = peers.icecast(bench, burst_bytes=BURST_BYTES)
    bench.python("source", "bench.icecast_source", str(icecast_port))
    time.sleep(SETTLE_S)
    theirs, their_facts = _measure(icecast, icecast_port, MOUNT)
    ratio = ours / theirs
    good = not our_facts["closed"] and not their_facts["closed"]
    return [
        Finding(
            scenario="edge_progressive",
            what=f"radio stream, {LISTENERS:,} listeners",
            value=round(ours * 1e6, 2),
            unit="us of CPU per listener-second",
            peer=round(theirs * 1e6, 2),
            ratio=round(ratio, 2),
            bar=f"at most {BAR} of Icecast",
            kept=ratio <= BAR and good,
            facts={"edge": our_facts, "icecast": their_facts},
        )
    ]


def _measure(server: Running, port: int, path: str) -> tuple[float, dict[str, object]]:
    """CPU seconds of `server` for one listener and one second, and what the listeners got."""
    with a_crowd("stream", port, path, LISTENERS, SETTLE_S + MEASURED_S + 1) as crowd:
        time.sleep(SETTLE_S)
        before_s, started_s = server.cpu_s(), time.monotonic()
        time.sleep(MEASURED_S)
        cpu_s, wall_s = server.cpu_s() - before_s, time.monotonic() - started_s
        facts = crowd.facts()
    facts["kbit_per_s_each"] = round(int(str(facts["bytes"])) * 8 / LISTENERS / (SETTLE_S + MEASURED_S + 1) / 1000, 1)
    facts["rss_mb"] = server.rss_bytes() >> 20
    return cpu_s / wall_s / LISTENERS, facts
