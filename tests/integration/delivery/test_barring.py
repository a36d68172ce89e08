"""A network that goes on after many refusals, on real sockets: the kernel does not let it in any more."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from rostra.platform.clock import SystemClock
from rostra.shield.levels import Level
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server

HOSTILE, HONEST = "127.77.1.9", "127.78.1.9"
REQUEST = b"GET /live/7/p1.m4s HTTP/1.1\r\nHost: edge.test\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Routes(), SystemClock())
    made.gate.rules.set_level(Level.SIEGE)
    made.gate.reconsider()
    yield made
    await made.close()


async def ask(port: int, address: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    writer.write(REQUEST)
    answer = await reader.read()
    writer.close()
    return answer


def may_connect(port: int, address: str) -> bool:
    """On the loopback device a handshake is over at once, or the SYN was dropped."""
    with socket.socket() as client:
        client.setblocking(False)
        client.bind((address, 0))
        client.connect_ex(("127.0.0.1", port))
        try:
            client.getpeername()
        except OSError:
            return False
        return True


async def test_who_goes_on_is_left_outside_until_its_time_is_over(server: Server) -> None:
    port = await server.listen("127.0.0.1", 0)
    open_before, _ = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.77.1.200", 0))
    refused = 0
    while not server.gate.bars.barred:
        assert (await ask(port, HOSTILE)).startswith(b"HTTP/1.1 401 ")
        refused += 1
    assert refused > 50
    server.enforce_bars()
    assert (await open_before.read()) == b""  # ended with the others of its network
    assert not may_connect(port, HOSTILE)
    assert (await ask(port, HONEST)).startswith(b"HTTP/1.1 401 ")
    server.gate.rules.set_level(Level.CALM)
    server.gate.reconsider()
    server.enforce_bars()
    assert (await ask(port, HOSTILE)).startswith(b"HTTP/1.1 404 ")
