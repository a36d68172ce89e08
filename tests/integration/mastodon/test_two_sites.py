"""Two sites on one bus and one database: what is written at one is heard at the other, on its port for streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, NamedTuple

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rostra.apps.ports import free_port
from rostra.platform.bus import Bus
from rostra.platform.tasks import Tasks
from rostra.web.application import application, streams_application
from rostra.web.mastodon.streaming import Feed, StreamBounds, StreamServer
from rostra.web.site import Site
from tests.integration.mastodon.test_streaming import WITHIN_S, heard, until
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import Member

HEAD = "GET /api/v1/streaming/user HTTP/1.1\r\nHost: site.test\r\n"


class Place(NamedTuple):
    """A site with a bus of its own. url: of its pages and API; streams: of its port for streams."""

    url: str
    streams: str
    port: int
    feed: Feed
    server: StreamServer

    def websocket(self, who: Member, stream: str) -> Any:
        url = f"{self.streams.replace('http', 'ws')}/api/v1/streaming?stream={stream}"
        return connect(url, subprotocols=[who.token], proxy=None)


async def answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(WITHIN_S):
        while True:
            try:
                assert (await client.get(url)).status_code == 200
                return
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


async def a_place(site: Site, bus: Bus, tasks: Tasks, stops: list[Callable[[], None]]) -> Place:
    ports = free_port(), free_port()
    url, streams = (f"http://127.0.0.1:{port}" for port in ports)
    there = replace(site, url=url, house=replace(site.house, bus=bus))
    feed = Feed(there)
    pages = Server(application(there, feed), port=ports[0], interface=Interfaces.ASGI, log_enabled=False)
    server = StreamServer(streams_application(there, feed), site.house.clock, StreamBounds(20))
    tasks.spawn("feed", feed.run())
    tasks.spawn("pages", pages.serve())
    tasks.spawn("streams", server.run("127.0.0.1", ports[1]))
    await answers(f"{url}/healthz")
    await answers(f"{streams}/healthz")
    stops.append(pages.stop)
    return Place(url, streams, ports[1], feed, server)


@pytest.fixture
async def places(site: Site, nats_url: str) -> AsyncIterator[list[Place]]:
    tasks, stops = Tasks(), list[Callable[[], None]]()
    buses = [await Bus.connect(nats_url, name="a site") for _ in range(2)]
    yield [await a_place(site, bus, tasks, stops) for bus in buses]
    for stop in stops:
        stop()
    await tasks.close()
    for bus in buses:
        await bus.close()


async def say(place: Place, who: Member, text: str) -> str:
    async with httpx.AsyncClient(base_url=place.url, trust_env=False) as client:
        answer = await client.post("/api/v1/statuses", json={"status": text}, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_what_is_written_at_one_is_heard_at_the_other(places: list[Place], ada: Member, ben: Member) -> None:
    here, there = places
    await ada.post(f"v1/accounts/{ben.id}/follow")
    url = f"{there.streams}/api/v1/streaming/user"
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        there.websocket(ada, "user") as socket,
        client.stream("GET", url, headers=ada.headers) as events,
        aclosing(events.aiter_lines()) as lines,
    ):
        assert events.headers["content-type"].startswith("text/event-stream")
        assert events.headers["access-control-allow-origin"] == "*"
        assert socket.subprotocol == ada.token
        assert await anext(lines) == ":)"
        await until(lambda: len(there.feed.hub) == 2 and there.feed.hub.may_want(ben.id))
        post = await say(here, ben, "Said here")
        assert (await heard(socket))[2]["id"] == post
        assert await asyncio.wait_for(anext(lines), WITHIN_S) == "event: update"
        assert json.loads((await anext(lines)).removeprefix("data: "))["id"] == post
    await until(lambda: len(there.feed.hub) == len(there.server) == 0)
    async with here.websocket(ada, "user") as socket:
        await until(lambda: here.feed.hub.may_want(ben.id))
        post = await say(there, ben, "Said there")
        assert (await heard(socket))[2]["id"] == post


@on_sqlite
async def test_what_the_port_takes_and_refuses(places: list[Place], ada: Member, meet: Any) -> None:
    """Wishes and pings of an app; no other page of the site; nobody without a token; no message without end."""
    place = places[0]
    async with httpx.AsyncClient(base_url=place.streams, trust_env=False) as client:
        assert (await client.get("/api/v1/streaming/health")).text == "OK"
        assert (await client.get("/public")).status_code == 404
        assert (await client.get("/api/v1/streaming/user")).status_code == 401
        assert (await client.post("/api/v1/streaming/user", content=b"a body")).status_code == 400
    stranger = Member(ada.id, ada.http, "wrong")
    with pytest.raises(InvalidStatus):
        async with place.websocket(stranger, "user"):
            pass
    async with place.websocket(ada, "user") as socket:
        await asyncio.wait_for(await socket.ping(), WITHIN_S)
        await socket.send(json.dumps({"type": "subscribe", "stream": "nonsense"}))
        assert json.loads(await asyncio.wait_for(socket.recv(), WITHIN_S))["status"] == 404
        await socket.send("x" * 5_000)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), WITHIN_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    await until(lambda: len(place.feed.hub) == 0)


@on_sqlite
async def test_who_is_slow_to_ask_or_too_many_is_let_go(places: list[Place], ada: Member, clock: FakeClock) -> None:
    place = places[0]
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(HEAD.encode())
    await until(lambda: len(place.server) == 1)
    await clock.advance(seconds=9)
    assert len(place.server) == 1
    await clock.advance(seconds=3)
    assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""
    lines = [await asyncio.open_connection("127.0.0.1", place.port) for _ in range(21)]
    assert await asyncio.wait_for(lines[-1][0].read(), WITHIN_S) == b""
    for _, writer in lines:
        writer.close()
    await until(lambda: len(place.server) == 0)
