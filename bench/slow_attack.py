"""Slow attacks on an edge, thousands of connections on loopback: what calm listeners notice.

Each kind has a calm time before and after it in the same run; it is compared with the slower of the two, as a shared
machine has neighbours who come and go.

As a module (`python -m bench.slow_attack KIND PORT PATH COUNT`) it is the attackers, who connect from many networks of
127.0.0.0/8, hold on and come again until they are stopped: heads that trickle in, answers that nobody reads, silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from typing import Final

from bench.harness import Bench, Finding, need_files
from bench.on_air import MEDIA, Edge, edge_on_air, newest_part
from rostra.platform.open_files import allow_all

TITLE: Final = "slow attacks, and those who listen meanwhile"
ATTACKERS: Final = 5000
CALM_S: Final = 8.0
EVERY_S: Final = 0.025
NETWORKS: Final = 200
KINDS: Final = ("heads", "readers", "idle")
BAR: Final = 1.5
FLOOR_MS: Final = 5.0
"""What the bar adds, since a p99 of a few milliseconds on a shared machine is its neighbours'."""


def run(bench: Bench) -> list[Finding]:
    need_files(ATTACKERS + 1000)
    edge = edge_on_air(bench)
    path = f"{MEDIA}/{newest_part(edge)}"
    before = _p99_ms(edge, path)
    findings = []
    for kind in KINDS:
        port = edge.url.rpartition(":")[2]
        attack = bench.python(f"attack-{kind}", "bench.slow_attack", kind, port, path, str(ATTACKERS))
        end_s = time.monotonic() + 60
        while "all there" not in attack.log_text() and time.monotonic() < end_s:
            time.sleep(0.2)
        path = f"{MEDIA}/{newest_part(edge)}"
        under = _p99_ms(edge, path)
        attack.stop()
        time.sleep(2)
        path = f"{MEDIA}/{newest_part(edge)}"
        after = _p99_ms(edge, path)
        calm = max(before, after)
        findings.append(
            Finding(
                scenario="slow_attack",
                what=f"p99 of a part, {ATTACKERS} slow {kind}",
                value=round(under, 1),
                unit="ms",
                peer=round(calm, 1),
                ratio=round(under / calm, 2),
                bar=f"at most {BAR} times calm and {FLOOR_MS:g} ms",
                kept=under <= BAR * calm + FLOOR_MS,
                facts={
                    "attackers": ATTACKERS,
                    "all_there": "all there" in attack.log_text(),
                    "before_ms": round(before, 1),
                    "after_ms": round(after, 1),
                },
            )
        )
        before = after
    return findings


def _p99_ms(edge: Edge, path: str) -> float:
    """Forty requests a second, each timed from when it was due. Raises RuntimeError when one is not answered."""
    return asyncio.run(_listen(int(edge.url.rpartition(":")[2]), path))


async def _listen(port: int, path: str) -> float:
    count = round(CALM_S / EVERY_S)
    start_s = time.monotonic() + 0.1
    asking = [asyncio.create_task(_ask(port, path, start_s + number * EVERY_S)) for number in range(count)]
    found = sorted(await asyncio.gather(*asking))
    return found[round(count * 0.99) - 1] * 1000


async def _ask(port: int, path: str, due_s: float) -> float:
    await asyncio.sleep(due_s - time.monotonic())
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read(-1)
        writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not served: {answer[:80]!r}")
    return time.monotonic() - due_s


async def _attack(kind: str, port: int, path: str, count: int) -> None:
    allow_all()
    asked = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
    first = {"heads": asked[:-2], "readers": asked * 20, "idle": b""}[kind]
    there: dict[int, socket.socket] = {}
    while True:
        for number in range(count):
            held = there.get(number)
            if held is not None and kind != "readers":
                try:
                    held.send(b"X" if kind == "heads" else b"")
                    if kind == "heads" or not _is_closed(held):
                        continue
                except OSError:
                    held.close()
            elif held is not None:
                continue
            there[number] = await _come(number, port, first)
            if number % 50 == 0:
                await asyncio.sleep(0.01)
        print("all there", flush=True)
        await asyncio.sleep(2)


async def _come(number: int, port: int, first: bytes) -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.bind((f"127.7.{number % NETWORKS}.1", 0))
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):
        await loop.sock_connect(made, ("127.0.0.1", port))
        if first:
            made.send(first)
    return made


def _is_closed(made: socket.socket) -> bool:
    try:
        return made.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False


if __name__ == "__main__":
    asyncio.run(_attack(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
