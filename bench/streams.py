"""What an open stream of the network costs; `python -m bench.streams COUNT` prints it for another number than 10,000.

One process serves as a site with a `streaming_port` does (the real door, feed and hub, SQLite, NATS); each of COUNT
accounts follows FOLLOWS of AUTHORS others and holds one WebSocket. Measured are the server's memory before and with the
idle streams, and how long a post of somebody whom a tenth of them follow takes to reach these. Loopback only. To make a
million follows and to open the streams takes some minutes: each of them reads whom it follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from typing import Final

import msgspec
import psutil

from bench.harness import Bench, Finding, need_files
from bench.network_house import People
from rostra.apps.ports import free_port
from rostra.platform.open_files import allow_all

TITLE: Final = "Open streams of the network on one site process"
COUNT: Final = 10_000
BAR_MB: Final = 600
AUTHORS: Final = 1_000
FOLLOWS: Final = 100
AT_ONCE: Final = 50
POSTS: Final = 5
WAIT_S: Final = 600.0
FILES_BESIDE: Final = 100
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def run(_: Bench) -> list[Finding]:
    need_files(COUNT + FILES_BESIDE)
    measured = asyncio.run(measure(COUNT))
    memory, idle_percent = measured["server_mb_idle"], round(100 * measured["idle_cpu_share"], 1)
    what = f"{COUNT:,} open streams"
    return [
        Finding(
            "streams", f"{what}, memory of the site", memory, "MB", bar=f"at most {BAR_MB} MB", kept=memory <= BAR_MB,
            facts=dict(measured),
        ),
        Finding("streams", f"{what}, post to reader, median", measured["post_to_reader_ms_median"], "ms"),
        Finding("streams", f"{what}, CPU while nothing happens", idle_percent, "% of a core"),
    ]  # fmt: skip


async def measure(count: int) -> dict[str, float]:
    """Start the server, connect everybody, let it stand, post."""
    allow_all()
    site_port, port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = ("-m", "bench.network_house", folder, f"sqlite:///{folder}/bench.sqlite3", str(site_port), str(port))
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(sys.executable, *words, **pipes)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            people = People(authors=AUTHORS, readers=count, follows=FOLLOWS)
            process.stdin.write(msgspec.json.encode(people) + b"\n")
            line = await asyncio.wait_for(process.stdout.readline(), WAIT_S)
            assert line == b"ready\n", "the server did not start"
            server = psutil.Process(process.pid)
            await _listening(port)
            before = server.memory_info().rss
            started = time.monotonic()
            gate = asyncio.Semaphore(AT_ONCE)
            lines = await asyncio.gather(*(_connect(gate, port, number) for number in range(count)))
            connected_s = time.monotonic() - started
            cpu = sum(server.cpu_times()[:2])
            await asyncio.sleep(20)  # a heartbeat passes
            cpu = sum(server.cpu_times()[:2]) - cpu
            idle = server.memory_info().rss
            waits = []
            for number in range(POSTS):
                hearing = [asyncio.ensure_future(_hear(lines[each])) for each in range(0, count, 10)]
                posted = time.monotonic()
                process.stdin.write(f"{number}\n".encode())
                waits += [moment - posted for moment in await asyncio.wait_for(asyncio.gather(*hearing), WAIT_S)]
            for _, writer in lines:
                writer.close()
        finally:
            process.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 10)
            if process.returncode is None:
                process.kill()
    return {
        "streams": count,
        "server_mb_before": round(before / 1e6, 1),
        "server_mb_idle": round(idle / 1e6, 1),
        "kb_a_stream": round((idle - before) / count / 1e3, 1),
        "connected_s": round(connected_s, 1),
        "idle_cpu_share": round(cpu / 20, 3),
        "heard_by": len(range(0, count, 10)),
        "post_to_reader_ms_median": round(statistics.median(waits) * 1e3, 1),
        "post_to_reader_ms_last": round(max(waits) * 1e3, 1),
    }


async def _listening(port: int) -> None:
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)


async def _connect(
    gate: asyncio.Semaphore, port: int, number: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with gate:
        address = f"127.0.{1 + number % 4}.1"  # more ports than one address has
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), limit=4096)
        writer.write(
            f"GET /api/v1/streaming?stream=user HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Authorization: Bearer token{number}\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
        assert b" 101 " in head.split(b"\r\n")[0], head
        return reader, writer


async def _hear(line: Line) -> float:
    """The moment at which an update has come; frames of a server are not masked (RFC 6455, 5.1)."""
    reader, _ = line
    while True:
        head = await reader.readexactly(2)
        size = head[1]
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        payload = await reader.readexactly(size)
        if b'"event":"update"' in payload:
            return time.monotonic()


def main(words: list[str]) -> None:
    os.nice(5)
    print(json.dumps(asyncio.run(measure(int(words[0]) if words else COUNT))))


if __name__ == "__main__":
    main(sys.argv[1:])
