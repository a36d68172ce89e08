"""Protocol floods against an edge over real sockets: each ends, and a calm listener beside it is served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import uvloop

from rostra.web.edge.bounds import Bounds
from rostra.web.edge.reply import media
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from tests.kit.clock import FakeClock

PART = b"/live/4711/aac64/p1.m4s"
ASK = b"GET " + PART + b" HTTP/1.1\r\nHost: e\r\n\r\n"
SOUND = bytes(range(256)) * 160
Work = Callable[["Edge"], Awaitable[None]]


class QuickClock(FakeClock):
    """Whoever sleeps wakes at once, and so much later."""

    async def sleep(self, seconds: float) -> None:
        self.jump(seconds=seconds)
        await asyncio.sleep(0)


class Edge:
    """A server with one part, whose time moves when a test says so."""

    def __init__(self, bounds: Bounds) -> None:
        self.clock = QuickClock()
        routes = Routes()
        routes.files[PART] = media(SOUND)
        self.server = Server(routes, self.clock, bounds)
        self.port = 0

    def pass_time(self, seconds: float) -> None:
        self.clock.jump(seconds=seconds)
        self.server.tick()

    async def until_open(self, count: int) -> None:
        """Wait until the server has so many connections."""
        async with asyncio.timeout(30):
            while len(self.server) != count:
                await asyncio.sleep(0.01)

    async def connect(self, sends: bytes = b"", *, source: str = "127.0.0.1") -> socket.socket:
        """A socket with a small buffer that has sent something and reads nothing by itself."""
        loop = asyncio.get_running_loop()
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.bind((source, 0))
        await loop.sock_connect(made, ("127.0.0.1", self.port))
        if sends:
            await loop.sock_sendall(made, sends)
        return made

    async def calm(self) -> None:
        """A listener as they are, from a network of its own, gets the part."""
        made = await self.connect(ASK.replace(b"Host: e", b"Host: e\r\nConnection: close"), source="127.9.9.9")
        answer = await until_closed(made)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(SOUND)


async def until_closed(made: socket.socket) -> bytes:
    """What comes until the other side ends it, orderly or not."""
    loop = asyncio.get_running_loop()
    heard = bytearray()
    async with asyncio.timeout(30):
        try:
            while data := await loop.sock_recv(made, 65_536):
                heard += data
        except ConnectionResetError:
            pass
    made.close()
    return bytes(heard)


def against(bounds: Bounds, work: Work) -> None:
    """On the loop that edges run on."""

    async def run() -> None:
        edge = Edge(bounds)
        edge.port = await edge.server.listen("127.0.0.1", 0)
        try:
            await work(edge)
        finally:
            await edge.server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def test_slow_heads() -> None:
    async def work(edge: Edge) -> None:
        slow = [await edge.connect(ASK[:-2]) for _ in range(40)]
        await edge.until_open(40)
        for letter in b"X:":
            edge.pass_time(4)
            for each in slow:
                each.send(bytes([letter]))
            await edge.calm()
        edge.pass_time(7)
        assert [await until_closed(each) for each in slow] == [b""] * 40
        await edge.calm()

    against(Bounds(head_s=10), work)


def test_slow_heads_beyond_the_bound_evict_each_other() -> None:
    """The one that has been at it longest goes; a head in two packets is served beside them."""

    async def work(edge: Edge) -> None:
        slow = []
        for number in range(8):
            slow.append(await edge.connect(ASK[:-2]))
            await edge.until_open(min(number + 1, 3))
        assert [await until_closed(each) for each in slow[:5]] == [b""] * 5
        in_two = await edge.connect(ASK[:9])
        await edge.until_open(3)
        in_two.send(ASK[9:-2] + b"Connection: close\r\n\r\n")
        assert (await until_closed(in_two)).endswith(SOUND)
        await edge.calm()
        for each in slow[5:]:
            each.close()

    against(Bounds(heads=3), work)


def test_idle_connections() -> None:
    async def work(edge: Edge) -> None:
        idle = [await edge.connect() for _ in range(40)]
        await edge.until_open(40)
        await edge.calm()
        edge.pass_time(11)
        assert [await until_closed(each) for each in idle] == [b""] * 40
        await edge.calm()

    against(Bounds(head_s=10), work)


def test_slow_readers() -> None:
    """They ask for much more than they take: reading of their requests stops, and after a while they go."""

    async def work(edge: Edge) -> None:
        deaf = [await edge.connect(ASK * 90) for _ in range(8)]
        await edge.until_open(8)
        async with asyncio.timeout(30):
            while edge.server.requests < 8 * 7:  # more than the unread answers that are kept
                await asyncio.sleep(0.01)
        assert edge.server.requests < 8 * 90
        await edge.calm()
        edge.pass_time(21)
        await edge.until_open(0)
        assert max([len(await until_closed(each)) for each in deaf]) < 90 * len(SOUND)
        await edge.calm()

    against(Bounds(unread_s=20), work)


def test_slow_readers_beyond_the_bound_go_at_once() -> None:
    async def work(edge: Edge) -> None:
        deaf = [await edge.connect(ASK * 90) for _ in range(8)]
        await edge.until_open(3)
        await edge.calm()
        for each in deaf:
            each.close()

    against(Bounds(stalled=3), work)


def test_slow_bodies() -> None:
    """An edge takes no body: it answers the head and closes, so there is nothing to be slow with."""

    async def work(edge: Edge) -> None:
        head = b"POST " + PART + b" HTTP/1.1\r\nHost: e\r\nContent-Length: 1000000\r\n\r\n{"
        answers = [await until_closed(await edge.connect(head)) for _ in range(10)]
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 405"}
        await edge.calm()

    against(Bounds(), work)


def test_huge_heads_and_many_fields_and_ranges() -> None:
    async def work(edge: Edge) -> None:
        huge = await edge.connect(ASK[:-2] + b"Cookie: " + b"a" * 20_000)
        many = await edge.connect(ASK[:-2] + b"A: b\r\n" * 200 + b"\r\n")
        ranges = b",".join(b"%d-%d" % (at, at) for at in range(500))
        spread = await edge.connect(ASK[:-2] + b"Connection: close\r\nRange: bytes=" + ranges + b"\r\n\r\n")
        assert (await until_closed(huge)).startswith(b"HTTP/1.1 431 ")
        assert (await until_closed(many)).startswith(b"HTTP/1.1 431 ")
        answer = await until_closed(spread)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.count(SOUND) == 1
        await edge.calm()

    against(Bounds(), work)


def test_http_2_is_not_spoken() -> None:
    """So no stream can be reset: a client that begins with HTTP/2's preface is shown out."""

    async def work(edge: Edge) -> None:
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\4\3\0\0\0\0\1\0\0\0\x08" * 1000
        assert (await until_closed(await edge.connect(preface))).startswith(b"HTTP/1.1 505 ")
        await edge.calm()

    against(Bounds(), work)


def test_a_flood_of_connections_from_one_network() -> None:
    """What is above the bound gets one short answer; a listener from elsewhere has a place all the time."""

    async def work(edge: Edge) -> None:
        kept = [await edge.connect(ASK[:9], source=f"127.1.1.{number + 1}") for number in range(30)]
        await edge.until_open(30)
        for round_ in range(3):
            refused = [await edge.connect(source=f"127.1.1.{40 + round_}") for _ in range(50)]
            answers = {(await until_closed(each))[:12] for each in refused}
            assert answers == {b"HTTP/1.1 503"}
            await edge.calm()
        for each in kept:
            each.close()
        await edge.until_open(0)
        again = await edge.connect(ASK.replace(b"Host: e", b"Host: e\r\nConnection: close"), source="127.1.1.1")
        assert (await until_closed(again)).startswith(b"HTTP/1.1 200 ")

    against(Bounds(per_network=30), work)


def test_a_flood_of_connections_from_everywhere() -> None:
    """A full process lets the idle go within its shorter time, and takes listeners again."""

    async def work(edge: Edge) -> None:
        flood = [await edge.connect(source=f"127.2.{number}.1") for number in range(40)]
        await edge.until_open(40)
        refused = await until_closed(await edge.connect(source="127.3.3.3"))
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in refused
        edge.pass_time(11)
        await edge.until_open(0)
        for each in flood:
            each.close()
        await edge.calm()

    against(Bounds(connections=40), work)
