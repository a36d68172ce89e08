"""2,000 players that wait for the same part: how long one arrival takes to wake them all, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Final

from bench.harness import ROOT, Bench, Finding
from bench.on_air import MEDIA, edge_on_air

TITLE: Final = "Waking 2,000 waiting players"
PLAYERS: Final = 2000
SECONDS: Final = 10.0


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    port = edge.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "bench.crowd", "hls", port, MEDIA, str(PLAYERS), str(SECONDS)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    crowd = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert crowd.stdout is not None
    try:
        if crowd.stdout.readline().strip() != "connected":
            raise RuntimeError("the crowd did not connect")
        before_s = edge.process.cpu_s()
        facts = json.loads(crowd.stdout.readline())
        cpu_s = edge.process.cpu_s() - before_s
    finally:
        crowd.kill()
        crowd.wait()
    return [
        Finding("edge_waiting", f"first to last of {PLAYERS} woken players", round(facts["wake_ms_median"], 1), "ms",
                facts=facts),
        Finding("edge_waiting", "playlist and part of a low-latency player", round(cpu_s / facts["requests"] * 1e6, 1),
                "us of CPU per request", facts={"cpu_s": round(cpu_s, 2)}),
    ]  # fmt: skip
