"""HLS requests for a CPU-second: the edge against nginx, the same bytes and requests, keep-alive.

First what an admitted listener costs: each request carries the cookie of a ticket, at a rate that both sides hold
with ease, so that the edge is calm. Then what anybody costs who comes without a ticket when the edge is full: as much
as one core can make, which presses it, so that each request waits in the lane of those without a ticket.

The edge serves a living window: while it is loaded, parts arrive and playlists are written twice a second. nginx
serves files that do not change, compressed beforehand, and looks at no ticket.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import peers
from bench.harness import CONNECTIONS, Bench, Finding, Load, Running, wrk
from bench.on_air import BROADCAST, MEDIA, Edge, edge_on_air, newest_part

TITLE: Final = "HLS against nginx"
ROUNDS: Final = 3
ROUND_S: Final = 3.0
BAR: Final = 0.6
RATE_S: Final = 6000
"""Requests of admitted listeners, a second. A thousand listeners of 0.512 s parts ask four thousand times."""


@dataclass(slots=True)
class Spent:
    """Of one side, over all rounds."""

    requests: int = 0
    cpu_s: float = 0.0
    wrong: int = 0

    def add(self, load: Load, cpu_s: float) -> None:
        self.requests += load.requests
        self.cpu_s += cpu_s
        self.wrong += load.wrong


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    nginx = peers.nginx(bench, {})
    paced = _paced(bench, edge)
    return [
        _compare(edge, *nginx, bench.folder / "www", kind, script)
        for script in (paced, None)
        for kind in ("part", "segment", "playlist")
    ]


def _paced(bench: Bench, edge: Edge) -> Path:
    """A script for wrk: at most `RATE_S` requests a second, all with the ticket of one listener.

    wrk cannot give each of its connections a ticket of its own. That makes nothing cheaper: the edge remembers by
    connection what it was sent last.
    """
    ticket = json.loads(edge.get(f"/live/{BROADCAST}/enter"))["ticket"]
    path = bench.folder / "paced.lua"
    path.write_text(f"""
wrk.headers["Cookie"] = "rt={ticket}"
function delay() return {CONNECTIONS * 1000 // RATE_S} end
""")
    return path


def _compare(edge: Edge, nginx: Running, nginx_url: str, folder: Path, kind: str, script: Path | None) -> Finding:
    """Rounds in turn, so that a busy neighbour meets both. What is asked for is new: old parts leave the window."""
    name = {"part": newest_part, "segment": _newest_segment}.get(kind, lambda _: "index.m3u8")(edge)
    body, packed = edge.get(f"{MEDIA}/{name}"), kind == "playlist"
    (folder / name).write_bytes(body)
    (folder / f"{name}.gz").write_bytes(gzip.compress(body, 6))  # for those who ask for it
    ours, theirs = Spent(), Spent()
    for _ in range(ROUNDS):
        for process, url, spent in (
            (edge.process, f"{edge.url}{MEDIA}/{name}", ours),
            (nginx, f"{nginx_url}/{name}", theirs),
        ):
            before_s = process.cpu_s()
            load = wrk(url, seconds=ROUND_S, gzip=packed, script=script)
            spent.add(load, process.cpu_s() - before_s)
    mine, other = ours.requests / ours.cpu_s, theirs.requests / theirs.cpu_s
    who = "tickets, calm" if script is not None else "no tickets, pressed"
    size_bytes = len(edge.get(f"{MEDIA}/{name}", gzip=packed))
    return Finding(
        scenario="edge_hls",
        what=f"{kind} ({size_bytes} B), {who}",
        value=round(mine),
        unit="requests per CPU-second",
        peer=round(other),
        ratio=round(mine / other, 2),
        bar=f"at least {BAR} of nginx",
        kept=mine / other >= BAR and ours.wrong == 0,
        facts={
            "requests": ours.requests,
            "cpu_s": round(ours.cpu_s, 2),
            "nginx_requests": theirs.requests,
            "nginx_cpu_s": round(theirs.cpu_s, 2),
            "wrong_answers": ours.wrong + theirs.wrong,
        },
    )


def _newest_segment(edge: Edge) -> str:
    return re.findall(r"s\d+\.m4s", edge.playlist())[-1]
