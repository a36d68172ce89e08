"""HLS requests for a CPU-second: the edge against nginx, the same bytes, keep-alive, one core each.

The edge serves a living window: while it is loaded, parts arrive and playlists are written twice a second. nginx
serves files that do not change, compressed beforehand.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import Final

from bench import peers
from bench.harness import Bench, Finding, Running, wrk
from bench.on_air import MEDIA, Edge, edge_on_air, newest_part

TITLE: Final = "HLS against nginx"
ROUNDS: Final = 3
ROUND_S: Final = 3.0
BAR: Final = 0.6


@dataclass(frozen=True, slots=True)
class Case:
    what: str
    edge_path: str
    nginx_path: str
    gzip: bool


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    playlist = edge.playlist()
    segment = re.findall(r"s\d+\.m4s", playlist)[-1]
    files = {
        "part.m4s": edge.get(f"{MEDIA}/{newest_part(edge)}"),
        "segment.m4s": edge.get(f"{MEDIA}/{segment}"),
        "index.m3u8": playlist.encode(),
        "index.m3u8.gz": gzip.compress(playlist.encode(), 6),
    }
    nginx, nginx_url = peers.nginx(bench, files)
    findings = []
    for what, nginx_path, packed in (
        ("part", "/part.m4s", False),
        ("segment", "/segment.m4s", False),
        ("playlist, gzip", "/index.m3u8", True),
    ):
        path = {"part": f"{MEDIA}/{newest_part(edge)}", "segment": f"{MEDIA}/{segment}"}.get(
            what, f"{MEDIA}/index.m3u8"
        )
        case = Case(what, path, nginx_path, packed)
        size = len(edge.get(case.edge_path, gzip=case.gzip))
        findings.append(_compare(case, edge, nginx, nginx_url, size))
    return findings


def _compare(case: Case, edge: Edge, nginx: Running, nginx_url: str, size_bytes: int) -> Finding:
    """Rounds in turn, so that a busy neighbour meets both."""
    ours, theirs, wrong = [0.0, 0.0], [0.0, 0.0], 0
    for _ in range(ROUNDS):
        for process, url, sums in (
            (edge.process, edge.url + case.edge_path, ours),
            (nginx, nginx_url + case.nginx_path, theirs),
        ):
            before_s = process.cpu_s()
            load = wrk(url, seconds=ROUND_S, gzip=case.gzip)
            sums[0] += load.requests
            sums[1] += process.cpu_s() - before_s
            wrong += load.wrong
    mine, other = ours[0] / ours[1], theirs[0] / theirs[1]
    return Finding(
        scenario="edge_hls",
        what=f"{case.what} ({size_bytes} B)",
        value=round(mine),
        unit="requests per CPU-second",
        peer=round(other),
        ratio=round(mine / other, 2),
        bar=f"at least {BAR} of nginx",
        kept=mine / other >= BAR and wrong == 0,
        facts={"requests": ours[0], "cpu_s": round(ours[1], 2), "nginx_requests": theirs[0], "wrong_answers": wrong},
    )
