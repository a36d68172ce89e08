"""Who reaches a port that was opened on an address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvloop

from rostra.platform.clock import SystemClock
from rostra.platform.listening import listen
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server

EVERYWHERE = ("127.0.0.1", "::1")


async def reached(port: int) -> list[str]:
    """From which addresses of this machine somebody answers."""
    found = []
    for host in EVERYWHERE:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            continue
        writer.close()
        found.append(host)
    return found


@pytest.fixture
async def edge() -> AsyncIterator[Server]:
    made = Server(Routes(), SystemClock())
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("host", "from_where"),
    [("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("0.0.0.0", ["127.0.0.1"]), ("::", ["127.0.0.1", "::1"])],
)
async def test_an_edge_is_reached_where_it_listens(edge: Server, host: str, from_where: list[str]) -> None:
    """On `::` over IPv4 as well, as a site and a stage are: most listeners have nothing else."""
    assert await reached(await edge.listen(host, 0)) == from_where


def test_the_loop_that_processes_run_on_does_so_too() -> None:
    async def both() -> list[str]:
        server = await listen(asyncio.Protocol, "::", 0, backlog=8)
        found = await reached(server.sockets[0].getsockname()[1])
        server.close()
        return found

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(both()) == list(EVERYWHERE)


async def test_a_port_that_is_taken_is_refused(edge: Server) -> None:
    port = await edge.listen("::", 0)
    with pytest.raises(OSError, match="in use"):
        await listen(asyncio.Protocol, "::", port, backlog=8)
