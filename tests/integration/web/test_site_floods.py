"""Protocol floods against the server under site and stage over real sockets: each ends, and the calm are served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.response import Stream

from rostra.platform import metrics
from rostra.platform.errors import RostraError, problem
from rostra.platform.tasks import Tasks
from rostra.web.guards.pacing import Pace
from rostra.web.serving import Bounds, server
from tests.kit.servers import free_port

PIECE = b"x" * 65_536
BOUNDS = Bounds(head_s=1, connections=64, pace=Pace(grace_s=0.5, bytes_per_s=1e6, unread_s=0.5))


class House:
    """A server with a page, a form and an endless stream."""

    def __init__(self) -> None:
        self.port = free_port()
        self._tasks = Tasks()
        self._server = server(self._application(), "127.0.0.1", self.port, bounds=BOUNDS)

    def _application(self) -> Litestar:
        @get("/")
        async def page() -> str:
            return "calm"

        @post("/form")
        async def form(request: Request[Any, Any, Any]) -> str:
            return str(len(await request.body()))

        @get("/stream")
        async def stream() -> Stream:
            return Stream(self._pieces())

        def refuse(_: Request[Any, Any, Any], error: RostraError) -> Response[Any]:
            return Response(problem(error), status_code=error.status)

        handlers = [page, form, stream]
        return Litestar(route_handlers=handlers, exception_handlers={RostraError: refuse}, request_max_body_size=4096)

    async def _pieces(self) -> AsyncIterator[bytes]:
        while True:
            yield PIECE

    async def start(self) -> None:
        self._tasks.spawn("server", self._server.serve())
        async with asyncio.timeout(30):
            while True:
                with suppress(ConnectionRefusedError):
                    await self.calm()
                    return
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        self._server.stop()  # type: ignore[no-untyped-call]
        await self._tasks.close()

    async def connect(self, sends: bytes = b"") -> socket.socket:
        loop = asyncio.get_running_loop()
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            await loop.sock_connect(made, ("127.0.0.1", self.port))
        except ConnectionRefusedError:
            made.close()
            raise
        if sends:
            await loop.sock_sendall(made, sends)
        return made

    async def calm(self) -> None:
        answer = await until_closed(await self.connect(b"GET / HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"calm")


def ended_readers() -> float:
    return metrics.registry.get_sample_value("rostra_http_slow_requests_total", {"why": "reader"}) or 0.0


async def until_closed(made: socket.socket) -> bytes:
    """What comes until the other side ends it, orderly or not."""
    loop = asyncio.get_running_loop()
    heard = bytearray()
    async with asyncio.timeout(30):
        with suppress(ConnectionResetError):
            while data := await loop.sock_recv(made, 65_536):
                heard += data
    made.close()
    return bytes(heard)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.start()
    yield house
    await house.stop()


async def test_slow_heads_and_idle_connections(house: House) -> None:
    slow = [await house.connect(b"GET / HTTP/1.1\r\nHost: s\r\nX: ") for _ in range(20)]
    idle = [await house.connect() for _ in range(20)]
    asked = [await house.connect(b"GET / HTTP/1.1\r\nHost: s\r\n\r\n") for _ in range(5)]
    await house.calm()
    for each in [*slow, *idle]:
        assert not (await until_closed(each)).startswith(b"HTTP/1.1 200")
    for each in asked:
        assert (await until_closed(each)).startswith(b"HTTP/1.1 200 ")
    await house.calm()


async def test_slow_bodies(house: House) -> None:
    """A body that stands still is answered 408 and its connection ends; one that comes is taken."""
    head = b"POST /form HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n\r\n"
    slow = [await house.connect(head + b"{") for _ in range(20)]
    await house.calm()
    for each in slow:
        assert (await until_closed(each)).startswith(b"HTTP/1.1 408 ")
    whole = await house.connect(head.replace(b"Host: s", b"Host: s\r\nConnection: close") + b"a" * 1000)
    assert (await until_closed(whole)).endswith(b"1000")
    await house.calm()


async def test_large_bodies(house: House) -> None:
    """Also those that do not say their length."""
    told = await house.connect(b"POST /form HTTP/1.1\r\nHost: s\r\nContent-Length: 900000000\r\n\r\n")
    assert (await until_closed(told)).startswith(b"HTTP/1.1 413 ")
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    hidden = await house.connect(b"POST /form HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 2)
    assert (await until_closed(hidden)).startswith(b"HTTP/1.1 413 ")
    await house.calm()


async def test_slow_readers_of_streams(house: House) -> None:
    before = ended_readers()
    deaf = [await house.connect(b"GET /stream HTTP/1.1\r\nHost: s\r\n\r\n") for _ in range(4)]
    async with asyncio.timeout(30):
        while ended_readers() < before + len(deaf):
            await asyncio.sleep(0.02)
    await house.calm()
    for each in deaf:
        assert (await until_closed(each)).startswith(b"HTTP/1.1 200 ")


async def test_huge_heads_and_many_fields(house: House) -> None:
    huge = await house.connect(b"GET / HTTP/1.1\r\nHost: s\r\nCookie: " + b"a" * 60_000)
    many = await house.connect(b"GET / HTTP/1.1\r\nHost: s\r\n" + b"A: b\r\n" * 150 + b"\r\n")
    for each in (huge, many):
        assert (await until_closed(each)).startswith(b"HTTP/1.1 431 ")
    await house.calm()


async def test_http_2_is_not_spoken(house: House) -> None:
    """A client that begins with HTTP/2's preface and would open and reset streams is shown out."""
    settings = b"\0\0\0\4\0\0\0\0\0"
    resets = b"".join(b"\0\0\4\3\0" + number.to_bytes(4, "big") + b"\0\0\0\x08" for number in range(1, 400, 2))
    rapid = await house.connect(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + resets)
    assert not (await until_closed(rapid)).startswith(settings[:4])
    await house.calm()


async def test_a_flood_of_connections_ends_by_itself(house: House) -> None:
    """Above the bound nobody is accepted, and the idle that took the places go after the time for a head."""
    flood = [await house.connect() for _ in range(BOUNDS.connections * 2)]
    await house.calm()
    for each in flood:
        each.close()
