"""The waiting room on a real bus, with two edges of one place each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from rostra.media import wire
from rostra.media.wire import Airing, SigningKeys
from rostra.platform.bus import Bus
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.tickets import new_key
from tests.integration.delivery.test_edge import airing, an_edge, client, ready_bus, until_playable

__all__ = ["airing", "client", "ready_bus"]  # fixtures

JSON = {"Accept": "application/json"}


@pytest.fixture
async def with_keys(ready_bus: Bus) -> Bus:
    await ready_bus.put(wire.KEYS, LISTENER_FAMILY, SigningKeys(current=new_key()))
    return ready_bus


@asynccontextmanager
async def edges(bus: Bus, airing: Airing, client: httpx.AsyncClient, count: int) -> AsyncIterator[list[str]]:
    """Edges of one place each that keep it for a moment; their addresses of the broadcast."""
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(an_edge(bus, edge_capacity=1, seat_kept_s=2)) for _ in range(count)]
        for address in found:
            await until_playable(client, address, airing)
        yield [f"{address}/live/{airing.broadcast_id}" for address in found]


async def enter(client: httpx.AsyncClient, base: str, place: str = "") -> Any:
    answer = await client.get(f"{base}/enter", params={"w": place} if place else {}, headers=JSON)
    assert answer.status_code == 200
    return answer.json()


async def until_full(client: httpx.AsyncClient, base: str) -> Any:
    """Enter until there is a place in the line instead."""
    async with asyncio.timeout(60):
        while True:
            client.cookies.clear()
            told = await enter(client, base)
            if not told["admitted"] and told["place"]:
                return told
            await asyncio.sleep(0.1)


async def test_places_are_good_at_every_edge_and_become_one_admission(
    with_keys: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    """Two full edges, one line: a place of one is called at the other, and its ticket opens the sound there."""
    async with edges(with_keys, airing, client, 2) as (one, other):
        waits = await until_full(client, one)
        assert (waits["reason"], waits["ahead"]) in {("full", 0), ("next", 0)}
        for path in (f"{one}/index.m3u8", one.replace("/live/", "/listen/") + ".aac"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "house_full")
            led = await client.get(path, headers={"Accept": "text/html"})
            assert (led.status_code, led.headers["location"]) == (303, f"/live/{airing.broadcast_id}/enter")
        async with asyncio.timeout(90):
            while not (told := await enter(client, other, waits["place"]))["admitted"]:
                waits = told if told["place"] else waits  # an edge gives no places before it has heard the keys
                client.cookies.clear()
                await asyncio.sleep(0.2)
        client.cookies.clear()
        again = await enter(client, other, waits["place"])
        assert again["admitted"]
        client.cookies.clear()
        heard = await client.get(f"{one}/index.m3u8", params={"ticket": told["ticket"]})
        assert heard.status_code == 200
        back = await client.get(f"{one}/enter", headers={**JSON, "Authorization": f"Bearer {told['ticket']}"})
        assert back.json()["admitted"]


async def test_the_line_is_a_file_that_both_edges_agree_on(
    with_keys: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    async with edges(with_keys, airing, client, 2) as (one, other):
        await until_full(client, one)
        async with asyncio.timeout(30):
            while True:
                lines = [await client.get(f"{base}/line.json") for base in (one, other)]
                told = [line.json() for line in lines if line.status_code == 200]
                if len(told) == 2 and told[0]["seats"] == told[1]["seats"] == 2 and told[0]["front"][0] > 0:
                    break
                await asyncio.sleep(0.2)
        assert lines[0].headers["cache-control"] == "public, max-age=2"


async def test_without_the_bus_listeners_stay_and_newcomers_see_the_waiting_page(
    with_keys: Bus, own_nats: Any, airing: Airing, client: httpx.AsyncClient
) -> None:
    async with edges(with_keys, airing, client, 1) as (one,):
        waits = await until_full(client, one)
        own_nats.kill()
        page = await client.get(f"{one}/enter", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "You are next" in page.text or "before you" in page.text
        client.cookies.clear()
        told = await enter(client, one, waits["place"])
        assert told["admitted"] or (told["bucket"], told["draw"]) == (waits["bucket"], waits["draw"])
        playlist = await client.get(f"{one}/aac64/index.m3u8")
        assert playlist.status_code == 200
