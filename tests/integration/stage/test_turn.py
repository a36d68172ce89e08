"""ICE servers by Link headers, with credentials that a real TURN server accepts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from aioice import stun, turn

from rostra.media.wire import Phase
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.web.whip.desk import WhipSettings
from rostra.web.whip.ice_links import TURN_LIFETIME, TurnCredentials, TurnLender
from tests.integration.stage.conftest import BROADCAST, Stage
from tests.kit.servers import coturn

ENDPOINT = f"/whip/{BROADCAST}"


async def allocate(port: int, credentials: TurnCredentials) -> None:
    """Ask for a relay. Raises TransactionFailed when the server does not want to."""
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol, ("127.0.0.1", port), credentials.username, credentials.password
    )
    transport.close()


async def test_borrowed_credentials_open_a_relay_and_end(tmp_path: Path) -> None:
    """coturn with the same secret allocates; it refuses another secret and credentials that have run out."""
    now = SystemClock().now()
    with coturn(tmp_path, secret="north") as port:
        await allocate(port, TurnLender("north").credentials("7", now))
        long_ago = now - TURN_LIFETIME - timedelta(minutes=1)
        for refused in (TurnLender("south").credentials("7", now), TurnLender("north").credentials("7", long_ago)):
            with pytest.raises(stun.TransactionFailed):
                await allocate(port, refused)


async def test_ice_servers_are_for_those_with_a_ticket(bus: Bus, tmp_path: Path) -> None:
    """OPTIONS with a ticket names them before the first offer; a preflight, which has none, does not, nor a forgery."""
    settings = WhipSettings("http://stage.test", ("stun:stun.example.org", "turn:turn.example.org"), "north")
    stage = Stage(bus, tmp_path, settings=settings)
    await stage.start()
    await stage.air(Phase.DOORS_OPEN)
    answer = await stage.http.options(ENDPOINT, headers=stage.bearer("anna"))
    assert answer.status_code == 200
    stun_link, turn_link = answer.headers["link"].split(", ")
    assert stun_link == '<stun:stun.example.org>; rel="ice-server"'
    assert turn_link.startswith('<turn:turn.example.org>; rel="ice-server"; username="')
    assert ':anna"' in turn_link
    assert answer.headers["cache-control"] == "no-store"
    assert "link" not in (await stage.http.options(ENDPOINT)).headers
    assert (await stage.http.options(ENDPOINT, headers={"Authorization": "Bearer forged"})).status_code == 401
    await stage.stop()
