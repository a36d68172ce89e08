"""What an open stream of the network costs: `python -m bench.streams [COUNT]`, 10,000 without a number.

One process serves as a site does (granian, the real door, feed and hub, SQLite, NATS); each of COUNT accounts follows
FOLLOWS of AUTHORS others and holds one WebSocket. Prints a JSON line: memory of the server before and with the idle
streams, and how long a post of somebody whom a tenth of them follow takes to reach all of these. Loopback only.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psutil
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import insert

from rostra.apps.channels import ensure_channels
from rostra.broadcast import AiringShape
from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.flows.publish_post import publish_post
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import FollowRow
from rostra.network.oauth import fingerprint
from rostra.network.oauth.tables import AppRow, TokenRow
from rostra.network.posts import Draft
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Base, Database
from rostra.platform.files import FileStore
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.open_files import allow_all
from rostra.platform.outbox import Relay
from rostra.platform.tasks import Tasks
from rostra.web.application import application
from rostra.web.mastodon.streaming import Feed
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Limits, Site
from tests.kit.servers import Nats, free_port

AUTHORS: Final = 1_000
FOLLOWS: Final = 100
AT_ONCE: Final = 50
POSTS: Final = 5
WAIT_S: Final = 300.0
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def serve(folder: Path, count: int, port: int) -> None:
    """The server's process: prints a line when it stands; posts once for each line on its standard input."""
    allow_all()
    clock = SystemClock()
    ids = IdSource(clock)
    (folder / "nats").mkdir()
    nats = Nats(folder / "nats")
    nats.start()
    bus = await Bus.connect(nats.url, name="bench")
    await ensure_channels(bus, window=timedelta(seconds=60))
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    await _fill(database, count)
    house = House(
        database=database,
        bus=bus,
        files=FileStore(folder / "files"),
        clock=clock,
        ids=ids,
        relay=Relay(database, bus, clock),
        shape=AiringShape(),
        stage_url="http://stage.test",
        site_url="http://site.test",
    )
    site = Site(
        house=house,
        lookout=Lookout(bus, house.files, clock),
        limits=Limits.new(clock, api_requests=0),
        renderer=Renderer(TEMPLATES, STATIC),
        url="http://site.test",
        edge_url="http://edge.test",
        stage_url="http://stage.test",
    )
    feed, tasks = Feed(site), Tasks()
    server = Server(
        application(site, feed),
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=True,
        backlog=1024,
        backpressure=count + 1024,
    )
    tasks.spawn("feed", feed.run())
    tasks.spawn("server", server.serve())
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    try:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            await publish_post(house, AccountId(_author(0)), Draft(text=f"Post {line.strip()} of the bench"))
    finally:
        server.stop()
        await tasks.close()
        await bus.close()
        await database.close()
        nats.kill()


def _author(number: int) -> int:
    return 1_000_000 + number


def _reader(number: int) -> int:
    return 2_000_000 + number


def _followed(number: int) -> list[int]:
    """Ten groups of readers, each with authors of its own: author 0 has a tenth of them."""
    return [_author((number % 10) * FOLLOWS + each) for each in range(FOLLOWS)]


async def _fill(database: Database, count: int) -> None:
    now = datetime.now(UTC)
    people = [*(_author(each) for each in range(AUTHORS)), *(_reader(each) for each in range(count))]
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        rows = [
            {"id": each, "handle": f"p{each}", "display_name": f"P {each}", "role": "organiser", "created_at": now}
            for each in people
        ]
        await connection.execute(insert(AccountRow), rows)
        app = {"id": 1, "client_id": "c", "secret": "s", "name": "bench", "website": None}
        await connection.execute(insert(AppRow), [app | {"redirect_uris": "", "scopes": "read", "created_at": now}])
        tokens = [
            {
                "fingerprint": fingerprint(f"token{each}"),
                "app_id": 1,
                "account_id": _reader(each),
                "scopes": "read",
                "code": None,
                "created_at": now,
                "revoked_at": None,
            }
            for each in range(count)
        ]
        await connection.execute(insert(TokenRow), tokens)
        for start in range(0, count, 500):
            edges = [
                {
                    "id": number * FOLLOWS + place + 1,
                    "follower_id": _reader(number),
                    "followee_id": author,
                    "boosts": True,
                    "notify": False,
                    "languages": None,
                }
                for number in range(start, min(start + 500, count))
                for place, author in enumerate(_followed(number))
            ]
            await connection.execute(insert(FollowRow), edges)


async def measure(count: int) -> dict[str, float]:
    """Start the server, connect everybody, let it stand, post."""
    allow_all()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = ("-m", "bench.streams", "--serve", folder, str(count), str(port))
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(sys.executable, *words, **pipes)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
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
    if words[:1] == ["--serve"]:
        asyncio.run(serve(Path(words[1]), int(words[2]), int(words[3])))
        return
    os.nice(5)
    print(json.dumps(asyncio.run(measure(int(words[0]) if words else 10_000))))


if __name__ == "__main__":
    main(sys.argv[1:])
