"""Immutable bytes for a CPU-second: HAProxy as `rostra config haproxy` writes it, from its cache, against nginx.

HAProxy does for each request what it does for any: limits, tickets, addresses. The edge behind it is on the air.
"""

from __future__ import annotations

import re
from typing import Final

from bench import peers
from bench.harness import Bench, Finding, need, wrk
from bench.on_air import MEDIA, edge_on_air, newest_part
from rostra.shield.front import Front, configuration

TITLE: Final = "HAProxy's cache against nginx"
ROUNDS: Final = 3
ROUND_S: Final = 3.0
BAR: Final = 0.8


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    segment = re.findall(r"s\d+\.m4s", edge.playlist())[-1]
    paths = {"part": f"{MEDIA}/{newest_part(edge)}", "segment": f"{MEDIA}/{segment}"}
    bodies = {what: edge.get(path) for what, path in paths.items()}
    nginx, nginx_url = peers.nginx(bench, {f"{what}.m4s": body for what, body in bodies.items()})
    port = bench.port()
    front = Front(
        edges=(edge.url.removeprefix("http://"),),
        sites=("127.0.0.1:9",),
        stages=("127.0.0.1:9",),
        bind=(f"127.0.0.1:{port}",),
        socket=f"{bench.folder}/haproxy.sock",
    )
    file = bench.folder / "haproxy.cfg"
    file.write_text(configuration(front))
    haproxy = bench.start("haproxy", [need("haproxy"), "-db", "-f", str(file)], port=port)
    findings = []
    for what, path in paths.items():
        sums = {haproxy: [0.0, 0.0], nginx: [0.0, 0.0]}
        wrong = 0
        edge_before_s = edge.process.cpu_s()
        for _ in range(ROUNDS):  # in turn, so that a busy neighbour meets both
            for process, url in ((haproxy, f"http://127.0.0.1:{port}{path}"), (nginx, f"{nginx_url}/{what}.m4s")):
                before_s = process.cpu_s()
                load = wrk(url, seconds=ROUND_S)
                sums[process][0] += load.requests
                sums[process][1] += process.cpu_s() - before_s
                wrong += load.wrong
        mine, other = (sums[each][0] / sums[each][1] for each in (haproxy, nginx))
        findings.append(
            Finding(
                scenario="front_cache",
                what=f"{what} ({len(bodies[what])} B)",
                value=round(mine),
                unit="requests per CPU-second",
                peer=round(other),
                ratio=round(mine / other, 2),
                bar=f"at least {BAR} of nginx",
                kept=mine / other >= BAR and wrong == 0,
                facts={
                    "requests": sums[haproxy][0],
                    "cpu_s": round(sums[haproxy][1], 2),
                    "nginx_requests": sums[nginx][0],
                    "edge_cpu_s": round(edge.process.cpu_s() - edge_before_s, 2),
                    "wrong_answers": wrong,
                },
            )
        )
    return findings
