"""How often one address may ask a stage, and whose address that is."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any, cast

import httpx
import pytest

from rostra.shield.addresses import Proxies
from rostra.stage.rooms import Rooms
from rostra.stage.sessions import Sessions
from rostra.web.whip.app import create_app
from rostra.web.whip.desk import Desk, WhipSettings
from tests.kit.clock import FakeClock

PROXY, SPEAKER, FLOOD = "10.0.0.1", "192.0.2.7", "203.0.113.9"
FAR_TOO_OFTEN = 150
Ask = Callable[..., Any]


class NoRooms:
    """A stage that knows no keys: whoever is not told to wait is told that."""

    keys = None


@pytest.fixture
def asked(clock: FakeClock) -> Ask:
    """Asks a stage behind one proxy of ours. peer: the other end of the connection; the answer's status."""
    rooms, sessions = cast("Rooms", NoRooms()), cast("Sessions", None)
    desk = Desk(rooms, sessions, clock, WhipSettings("http://stage.test"), Proxies([ip_network(f"{PROXY}/32")]))
    app = create_app(desk)

    async def ask(peer: str, *forwarded: str) -> int:
        transport = httpx.ASGITransport(cast("Any", app), client=(peer, 50_000))
        headers = [("Authorization", "Bearer x"), *(("X-Forwarded-For", each) for each in forwarded)]
        async with httpx.AsyncClient(transport=transport, base_url="http://stage.test") as http:
            return (await http.post("/whip/1", headers=headers, content="v=0")).status_code

    return ask


async def flood(asked: Ask, peer: str, *forwarded: str) -> int:
    return [await asked(peer, *forwarded) for _ in range(FAR_TOO_OFTEN)][-1]


async def test_a_flood_through_our_proxy_keeps_no_speaker_out(asked: Ask) -> None:
    """Each of those whom it names has a budget of their own; what they say of themselves further to the left does not
    count, nor what anybody says who is no proxy of ours.
    """
    assert await flood(asked, PROXY, FLOOD) == 429
    assert await asked(PROXY, SPEAKER) == 503
    assert await asked(PROXY, "198.51.100.1", FLOOD) == 429
    assert await asked(PROXY, f"198.51.100.2, {FLOOD}") == 429
    assert await flood(asked, FLOOD, SPEAKER) == 429
    assert await asked(PROXY, SPEAKER) == 503


async def test_a_line_of_ipv6_is_one_address(asked: Ask) -> None:
    """A /64 belongs to one person, who has as many addresses as they like."""
    statuses = [await asked(f"2001:db8:1:2::{number:x}") for number in range(1, FAR_TOO_OFTEN)]
    assert statuses[-1] == 429
    assert await asked("2001:db8:1:3::1") == 503
