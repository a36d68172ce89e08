"""From the commit of a decision to the first refused fetch: ten edges with a radio listener each, and the site.

One process tree on loopback: this process decides and is the site (database, outbox, pages and API over HTTP), another
one has ten edges. What is decided about is a broadcast that is on the air, one that is announced, and a post with a
picture. A watcher for each edge, and one for each handful of the site's surfaces, asks for them in turn, over one
connection, until each is refused. The time is that of the answer, so it holds the watcher's own turn.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

import numpy as np
from granian.constants import Interfaces
from granian.server.embed import Server

from bench.harness import Bench, Finding
from bench.on_air import AGE_S, BROADCAST, MEDIA
from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.flows.publish_post import publish_post
from rostra.flows.restrict import impose, lift
from rostra.flows.sign_in import ensure_owner
from rostra.flows.upgrade_database import upgrade_database
from rostra.network.media import MediaStore
from rostra.network.posts import Draft
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.log import configure_logging
from rostra.platform.tasks import Tasks
from rostra.safety.restrictions import Kind, Measure, Subject, follow
from rostra.shield.buckets import Rate
from rostra.shield.limits import Limit
from rostra.web.application import application
from rostra.web.mastodon.streaming import Feed
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Limits, Site
from tests.kit.house import a_broadcast, a_house, the_owner
from tests.kit.members import a_member, a_token
from tests.kit.network import a_medium
from tests.kit.servers import Nats

TITLE: Final = "A decision reaches ten edges and the site"
EDGES: Final = 10
DECISIONS: Final = 30
BAR_MS: Final = 250.0
GIVE_UP_S: Final = 10.0
TURN_S: Final = 0.01
"""Between the turns of a watcher: those who ask are not what is measured."""
AT_EDGES: Final = {
    "playlists": f"{MEDIA}/index.m3u8",
    "all playlists": f"/live/{BROADCAST}/index.m3u8",
    "sound": f"{MEDIA}/init.mp4",
    "state": f"/live/{BROADCAST}/state.json",
}
PART: Final = "the newest part"
RADIO: Final = "radio streams cut"
REFUSED: Final = frozenset({404, 410, 451})


class Asker:
    """One connection that asks again and again."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{self._bearer}\r\n"
        self._writer.write(head.encode())
        told = await self._reader.readuntil(b"\r\n\r\n")
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in told.split(b"\r\n")[1:])
        }
        body = await self._reader.readexactly(int(fields.get(b"content-length", b"0")))
        return int(told.split(b" ", 2)[1]), body


Surfaces = dict[str, tuple[str, Callable[[int, bytes], bool]]]
"""Where it is, and whether an answer refuses it, by name."""


class Watch:
    """Asks one server for surfaces until each is refused; refused: when that was, by name."""

    def __init__(self, port: int, surfaces: Surfaces, token: str = "") -> None:
        self._asker = Asker(port, token)
        self._surfaces = surfaces

    async def until_refused(self, now_s: Callable[[], float]) -> dict[str, float]:
        refused: dict[str, float] = {}
        while len(refused) < len(self._surfaces):
            for name, (path, gone) in self._surfaces.items():
                if name not in refused and gone(*await self._asker.ask(path)):
                    refused[name] = now_s()
            await asyncio.sleep(TURN_S)
        return refused

    async def find_part(self) -> None:
        """Of an edge: watch the newest part, too, which is another one each time."""
        _, playlist = await self._asker.ask(AT_EDGES["playlists"])
        newest = re.findall(rb'PART:.*URI="(p\d+\.m4s)"', playlist)[-1].decode()
        self._surfaces[PART] = (f"{MEDIA}/{newest}", _by_status)

    async def until_back(self) -> None:
        self._surfaces.pop(PART, None)
        for path, gone in self._surfaces.values():
            while gone(*await self._asker.ask(path)):
                await asyncio.sleep(0.05)


def _by_status(status: int, _: bytes) -> bool:
    return status in REFUSED


async def _radio(port: int, now_s: Callable[[], float]) -> float:
    """A listener; when its stream ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /listen/{BROADCAST}.aac HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        pass  # cut, as it should be
    ended_s = now_s()
    writer.close()
    return ended_s


def run(bench: Bench) -> list[Finding]:
    configure_logging(level="warning")
    nats = Nats(bench.folder)
    nats.start()
    bench.on_exit(nats.kill)
    ports = [bench.port() for _ in range(EDGES)]
    bench.python("edges", "bench.ten_edges", nats.url, *map(str, ports), port=ports[-1])
    bench.python("publisher", "bench.on_air", nats.url, str(AGE_S))
    return asyncio.run(_measure(bench, nats.url, ports))


async def _measure(bench: Bench, url: str, ports: list[int]) -> list[Finding]:
    clock, tasks = SystemClock(), Tasks()
    database = Database(f"sqlite:///{bench.folder / 'rostra.sqlite3'}")
    await upgrade_database(database)
    bus = await Bus.connect(url, name="site")
    house = await a_house(database, bus, clock, bench.folder)
    await ensure_owner(database, clock, house.ids)
    taken = await _published(house)
    port = bench.port()
    site = Site(
        house=house, lookout=Lookout(bus, house.files, clock), limits=replace(
            Limits.new(clock, api_requests=0), search=Limit("search", Rate(burst=1_000_000, interval_s=0.001), clock)
        ),
        renderer=Renderer(TEMPLATES, STATIC), url=f"http://127.0.0.1:{port}", edge_url="http://127.0.0.1",
        stage_url="http://127.0.0.1",
    )  # fmt: skip
    feed = Feed(site)
    server = Server(
        application(site, feed), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    tasks.spawn("restricted", follow(bus, house.restrictions, changed=feed.restricted))
    tasks.spawn("outbox", house.relay.run())
    tasks.spawn("http", server.serve())
    at_site = [Watch(port, each, taken.token) for each in taken.surfaces]
    watches = [Watch(each, {name: (path, _by_status) for name, path in AT_EDGES.items()}) for each in ports]
    await clock.sleep(2)
    took: dict[str, list[float]] = {}
    try:
        for _ in range(DECISIONS):
            await asyncio.gather(*(watch.until_back() for watch in (*watches, *at_site)))
            await asyncio.gather(*(watch.find_part() for watch in watches))
            for name, ms in await _decide(house, taken.subjects, ports, [*watches, *at_site]):
                took.setdefault(name, []).append(ms)
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await tasks.close()
        await bus.close()
        await database.close()
    return _findings(took)


@dataclass(frozen=True, slots=True)
class Published:
    """What is taken down, and where the site shows it: surfaces of each watcher. token: of an app that looks, too."""

    subjects: tuple[Subject, ...]
    surfaces: tuple[Surfaces, ...]
    token: str


async def _published(house: House) -> Published:
    author, reader = await a_member(house, "author"), await a_member(house, "reader")
    picture = replace(a_medium(house, author), file=await house.files.put_bytes(b"a picture", "jpg"))
    async with house.database.transaction() as session:
        await MediaStore(session).add(picture, quota_bytes=10**9)
    post = await publish_post(house, author, Draft(text="Words to take down #takedown", media_ids=(picture.id,)))
    broadcast = await a_broadcast(house, await the_owner(house))
    file, slug, title = (picture.file or "").replace("/", ""), broadcast.slug, broadcast.title.encode()

    def said(status: int, body: bytes) -> bool:
        return status == HTTPStatus.OK and b"Words to take down" not in body

    def announced(status: int, body: bytes) -> bool:
        return status == HTTPStatus.OK and title not in body

    pages: Surfaces = {
        "page of a post": (f"/@author/{post.id}", _by_status),
        "page of all posts": ("/public", said),
        "page of its hashtag": ("/tags/takedown", said),
    }
    of_apps: Surfaces = {
        "timeline of apps": ("/api/v1/timelines/public", said),
        "a post for apps": (f"/api/v1/statuses/{post.id}", _by_status),
        "search": ("/api/v2/search?q=words&type=statuses", said),
    }
    of_feeds: Surfaces = {
        "feed of an account": ("/@author/feed.atom", said),
        "feed of a hashtag": ("/tags/takedown/feed.rss", said),
        "a picture's file": (f"/media/{file}", _by_status),
    }
    announcements: Surfaces = {
        "page of a broadcast": (f"/b/{slug}", _by_status),
        "its date for calendars": (f"/b/{slug}/calendar.ics", _by_status),
        "the front page": ("/", announced),
    }
    subjects = (
        Subject(Kind.BROADCAST, int(BROADCAST)), Subject(Kind.BROADCAST, broadcast.id), Subject(Kind.POST, post.id),
    )  # fmt: skip
    return Published(subjects, (pages, of_apps, of_feeds, announcements), await a_token(house, reader))


async def _decide(
    house: House, subjects: tuple[Subject, ...], ports: list[int], watches: list[Watch]
) -> list[tuple[str, float]]:
    """All decisions at once, then all taken back; what each surface took, in milliseconds."""
    now_s = house.clock.monotonic
    radios = [asyncio.ensure_future(_radio(port, now_s)) for port in ports]
    await asyncio.sleep(0.3)
    asked: list[Awaitable[dict[str, float]]] = [each.until_refused(now_s) for each in watches]
    watching = asyncio.gather(*asked)
    await asyncio.sleep(0.1)
    numbers = [house.ids.next() for _ in subjects]
    async with house.database.transaction() as session:
        for number, subject in zip(numbers, subjects, strict=True):
            await impose(session, subject, Measure.REMOVE, restriction_id=number, now=house.clock.now())
    committed_s = now_s()
    async with asyncio.timeout(GIVE_UP_S):
        found = [item for each in await watching for item in each.items()]
        found += [(RADIO, ended_s) for ended_s in await asyncio.gather(*radios)]
    async with house.database.transaction() as session:
        for number in numbers:
            await lift(session, number, now=house.clock.now())
    return [(name, max(0.0, at_s - committed_s) * 1000) for name, at_s in found]


def _findings(taken: dict[str, list[float]]) -> list[Finding]:
    at_edges = [ms for name in (*AT_EDGES, PART, RADIO) for ms in taken[name]]
    every = [ms for each in taken.values() for ms in each]
    p50, p99 = (float(np.percentile(every, each)) for each in (50, 99))
    facts: dict[str, object] = {
        name: {"p50_ms": round(float(np.percentile(each, 50)), 1), "p99_ms": round(float(np.percentile(each, 99)), 1)}
        for name, each in taken.items()
    }
    return [
        Finding(
            "take_down", f"commit to the first refused fetch of every surface, {EDGES} edges and the site, p99",
            round(p99, 1), "ms", bar=f"at most {BAR_MS:g} ms", kept=p99 <= BAR_MS,
            facts=facts | {"p50_ms": round(p50, 1), "decisions": DECISIONS, "cpus": os.cpu_count()},
        ),
        Finding("take_down", f"of which at {EDGES} edges, p99", round(float(np.percentile(at_edges, 99)), 1), "ms"),
    ]  # fmt: skip
