"""What an edge needs for 500 to 4,000 listeners: CPU and memory, low-latency HLS and the radio stream."""

from __future__ import annotations

import time
from typing import Final

from bench.gathering import a_crowd
from bench.harness import Bench, Finding
from bench.on_air import BROADCAST, MEDIA, Edge, edge_on_air

TITLE: Final = "An edge with 500 to 4,000 listeners"
COUNTS: Final = (500, 1000, 2000, 4000)
SETTLE_S: Final = 3.0
MEASURED_S: Final = 8.0
MEMORY_MB: Final = 400


def run(bench: Bench) -> list[Finding]:
    findings: list[Finding] = []
    for kind, path, name in (("hls", MEDIA, "HLS players"), ("stream", f"/listen/{BROADCAST}.aac", "radios")):
        edge = edge_on_air(bench)
        for count in COUNTS:
            findings += _measure(edge, kind, path, count, f"{count:,} {name}")
        edge.process.stop()
    return findings


def _measure(edge: Edge, kind: str, path: str, count: int, what: str) -> list[Finding]:
    """CPU while they listen, and memory at the end of it, when all of them are connected."""
    port = int(edge.url.rsplit(":", 1)[1])
    with a_crowd(kind, port, path, count, SETTLE_S + MEASURED_S + 1) as crowd:
        time.sleep(SETTLE_S)
        cpu_s, started_s = edge.process.cpu_s(), time.monotonic()
        time.sleep(MEASURED_S)
        cpu_pct = 100 * (edge.process.cpu_s() - cpu_s) / (time.monotonic() - started_s)
        rss_mb, pss_mb = edge.process.rss_bytes() / (1 << 20), edge.process.pss_bytes() / (1 << 20)
        facts = crowd.facts()
    most = count == COUNTS[-1]
    whole = not facts.get("closed") and not facts.get("wrong")
    return [
        Finding("growth", what, round(cpu_pct, 1), "% of a core", facts={"kind": kind, "count": count, **facts}),
        Finding(
            "growth", what, round(rss_mb), "MB", bar=f"at most {MEMORY_MB} MB" if most else "",
            kept=rss_mb <= MEMORY_MB and whole if most else None,
            facts={"kind": kind, "count": count, "pss_mb": round(pss_mb)},
        ),
    ]  # fmt: skip
