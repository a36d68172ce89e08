"""The bus is away for half a minute while the shield is up: who listens goes on, and the doors stay as they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from rostra.apps.channels import ensure_channels
from rostra.apps.edge import Edge
from rostra.apps.ports import free_port
from rostra.apps.settings import Settings
from rostra.media import wire
from rostra.media.wire import Airing, LevelSet, SigningKeys
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.shield.accord import CLAIM_S
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.levels import Level
from rostra.shield.tickets import new_key
from tests.integration.delivery.test_edge import WINDOW_S, ready_bus, until_playable
from tests.kit.ending import call_off
from tests.kit.programme import an_airing, go_on_air
from tests.kit.servers import Nats

__all__ = ["ready_bus"]  # a fixture

AWAY_S = 30
KEYS = SigningKeys(current=new_key())


class LeapingClock(SystemClock):
    """The system's clock, which a test can put forward: what waits goes on as it would, and finds that it is late."""

    ahead_s = 0.0

    def now_us(self) -> int:
        return super().now_us() + round(self.ahead_s * 1e6)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


class House:
    """One edge of one seat, which has heard of an attack; somebody listens and somebody waits."""

    def __init__(self, edge: Edge, bus: Bus, clock: LeapingClock, client: httpx.AsyncClient, airing: Airing) -> None:
        self.edge, self.bus, self.clock, self.client = edge, bus, clock, client
        self.base = f"http://127.0.0.1:{edge.port}/live/{airing.broadcast_id}"
        self.gate = edge._server.gate
        self.ticket = self.place = ""

    def leap(self, seconds: float) -> None:
        """So much later, the edge looks at its level and its seats."""
        self.clock.ahead_s += seconds
        self.edge._shield.look(1)
        self.edge._on_air.tick_doors()

    async def enter(self, place: str = "", **more: str) -> Any:
        self.client.cookies.clear()
        query = {"w": place} if place else {}
        answer = await self.client.get(
            f"{self.base}/enter", params=query, headers={"Accept": "application/json"} | more
        )
        assert answer.status_code == 200
        return answer.json()

    async def listens(self) -> bool:
        """The one with the ticket: the sound opens, and goes on."""
        bearer = {"Authorization": f"Bearer {self.ticket}"}
        asked = [self.client.get(f"{self.base}/{path}", headers=bearer) for path in ("index.m3u8", "aac64/index.m3u8")]
        return [answer.status_code for answer in await asyncio.gather(*asked)] == [200, 200]


async def until(is_so: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():
            await asyncio.sleep(0.05)


@pytest.fixture
async def house(ready_bus: Bus) -> AsyncIterator[House]:
    clock = LeapingClock()
    airing = an_airing(clock, age_s=20)
    await ready_bus.put(wire.KEYS, LISTENER_FAMILY, KEYS)
    programme = asyncio.create_task(go_on_air(ready_bus, clock, airing))
    settings = Settings(window_s=WINDOW_S, edge_port=free_port(), edge_capacity=1, seat_kept_s=4)
    edge = Edge(settings, ready_bus, clock)
    await edge.start()
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        made = House(edge, ready_bus, clock, client, airing)
        await until_playable(client, made.base.partition("/live")[0], airing)
        await until(lambda: _has_entered(made))
        await until(lambda: _has_a_place(made))
        now_us = clock.now_us()
        said = LevelSet(level=2, reason="Edge: a flood.", at_us=now_us, until_us=now_us + CLAIM_S * 1_000_000)
        await ready_bus.put(wire.LEVELS, "edge.other", said)
        await until(lambda: _is_hostile(made))
        yield made
    await call_off(programme)
    await edge.stop()


async def _has_entered(house: House) -> bool:
    told = await house.enter()
    house.ticket = told["ticket"] if told["admitted"] else ""
    return bool(house.ticket)


async def _has_a_place(house: House) -> bool:
    assert await house.listens()
    told = await house.enter()
    house.place = "" if told["admitted"] else told["place"]
    return bool(house.place)


async def _is_cut_off(house: House) -> bool:
    return not house.bus.connected


async def _is_hostile(house: House) -> bool:
    return house.gate.rules.level is Level.HOSTILE


async def test_half_a_minute_without_a_bus_changes_nothing_for_anybody(house: House, own_nats: Nats) -> None:
    """Not even where what another edge has said of its level would have lapsed meanwhile, and leases are long over.

    When the bus is back, though it remembers nothing of the line, whoever waits comes in at their turn.
    """
    own_nats.kill()
    await until(lambda: _is_cut_off(house))
    for _ in range(AWAY_S // 5):
        house.leap(5)
        assert await house.listens()
    house.leap(CLAIM_S)
    assert await house.listens()
    assert house.gate.rules.level is Level.HOSTILE
    waits = await house.enter(house.place)
    assert not waits["admitted"]
    newcomer = await house.enter()
    assert (newcomer["admitted"], newcomer["reason"]) == (False, "challenge")
    page = await house.client.get(f"{house.base}/enter", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "</html>" in page.text
    own_nats.start()
    site = await Bus.connect(own_nats.url, name="site")
    await ensure_channels(site, window=timedelta(seconds=WINDOW_S))
    await site.close()
    house.leap(20)  # whoever listened has gone

    async def is_in() -> bool:
        house.leap(1)
        told = await house.enter(house.place)
        house.place = house.place if told["admitted"] else told["place"] or house.place
        return bool(told["admitted"])

    await until(is_in)
