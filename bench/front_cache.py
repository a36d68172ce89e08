"""Immutable bytes for a CPU-second: HAProxy as `rostra config haproxy` writes it, from its cache, against nginx.

HAProxy does for each request what it does on a calm day, and once what it does in a siege, where each carries a ticket.
The edge behind it is on the air. By TLS, as the public comes, and by plain HTTP: the same protocol, certificate,
connections that stay open, and no log on both sides.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import peers
from bench.harness import Bench, Finding, Running, need, wrk
from bench.on_air import BROADCAST, MEDIA, Edge, edge_on_air, newest_part
from rostra.media.wire import SigningKeys
from rostra.shield.admission import Admission, Standing, mint
from rostra.shield.front import Facts, Front, RuntimeApi, commands, configuration
from rostra.shield.tickets import new_key

TITLE: Final = "HAProxy's cache against nginx"
ROUNDS: Final = 4
ROUND_S: Final = 2.0
BAR: Final = 0.8


@dataclass(frozen=True, slots=True)
class Pair:
    """One HAProxy and one nginx that the public reaches in the same way."""

    haproxy: Running
    haproxy_url: str
    socket: str
    nginx: Running
    nginx_url: str
    files: Path


def run(bench: Bench) -> list[Finding]:
    edge = edge_on_air(bench)
    certificate = peers.certificate(bench.folder)
    secure, plain = (_pair(bench, edge.url.removeprefix("http://"), tls) for tls in (certificate, None))
    findings = [
        _against(edge, pair, kind, way)
        for pair, way in ((secure, "TLS"), (plain, "plain HTTP"))
        for kind in ("part", "segment")
    ]
    script = _in_a_siege(bench.folder, plain.socket)
    return [*findings, _against(edge, plain, "part", "plain HTTP, a ticket checked with each", script)]


def _pair(bench: Bench, edge: str, tls: Path | None) -> Pair:
    port = bench.port()
    front = Front(
        edges=(edge,),
        sites=("127.0.0.1:9",),
        stages=("127.0.0.1:9",),
        bind=(f"127.0.0.1:{port}",),
        certificate=str(tls) if tls else "",
        socket=f"{bench.folder}/{port}.sock",
    )
    file = bench.folder / f"haproxy-{port}.cfg"
    file.write_text(configuration(front))
    haproxy = bench.start(f"haproxy-{port}", [need("haproxy"), "-db", "-f", str(file)], port=port)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    return Pair(haproxy, url, front.socket, *peers.nginx(bench, {}, tls=tls), bench.folder / "www")


def _against(edge: Edge, pair: Pair, kind: str, way: str, script: Path | None = None) -> Finding:
    """Both in turn, so that a busy neighbour meets both. What is asked for is new: old parts leave the edge's window.

    script: what wrk sends, in Lua; then there is no bar, as nginx does not do the same.
    """
    name = newest_part(edge) if kind == "part" else re.findall(r"s\d+\.m4s", edge.playlist())[-1]
    body = edge.get(f"{MEDIA}/{name}")
    (pair.files / name).write_bytes(body)
    sums = {pair.haproxy: [0.0, 0.0], pair.nginx: [0.0, 0.0]}
    wrong = 0
    for _ in range(ROUNDS):
        for process, url in (
            (pair.haproxy, f"{pair.haproxy_url}{MEDIA}/{name}"),
            (pair.nginx, f"{pair.nginx_url}/{name}"),
        ):
            before_s = process.cpu_s()
            load = wrk(url, seconds=ROUND_S, script=script)
            sums[process][0] += load.requests
            sums[process][1] += process.cpu_s() - before_s
            wrong += load.wrong
    mine, other = (sums[each][0] / sums[each][1] for each in (pair.haproxy, pair.nginx))
    return Finding(
        scenario="front_cache",
        what=f"{kind} ({len(body)} B), {way}",
        value=round(mine),
        unit="requests per CPU-second",
        peer=round(other),
        ratio=round(mine / other, 2),
        bar="" if script else f"at least {BAR} of nginx",
        kept=None if script else mine / other >= BAR and wrong == 0,
        facts={
            "requests": sums[pair.haproxy][0],
            "cpu_s": round(sums[pair.haproxy][1], 2),
            "nginx_requests": sums[pair.nginx][0],
            "wrong_answers": wrong,
        },
    )


def _in_a_siege(folder: Path, socket: str) -> Path:
    """Have HAProxy ask for tickets; a script for wrk that sends one of a thousand with each request."""
    keys = SigningKeys(current=new_key())
    facts = Facts(level=3, listener=keys, speaker=SigningKeys(current=new_key()))
    asyncio.run(RuntimeApi(socket).tell(commands(facts, now_s=time.time(), random=new_key())))
    until_s = int(time.time()) + 600
    tickets = [
        mint(keys, Admission(BROADCAST, Standing.LISTENER, "7f000000", f"{number:022}", until_s))
        for number in range(1000)
    ]
    lines = ",\n".join(f'"rt={ticket}"' for ticket in tickets)
    script = folder / "tickets.lua"
    script.write_text(
        f"local all = {{{lines}}}\nlocal n = 0\n"
        "request = function() n = n % #all + 1; return wrk.format(nil, nil, {Cookie = all[n]}) end\n"
    )
    return script
