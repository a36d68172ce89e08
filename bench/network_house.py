"""A site process with a network of people in it, and nothing else: granian, the real application, feed and hub, NATS,
on the loop of `rostra site` and with its garbage settled as there.

`python -m bench.network_house FOLDER URL PORT [STREAMING_PORT]` fills the empty database at URL as `People` says,
in JSON on standard input; prints "ready"; then lets author 0 post once for each further line. Loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.harness import Bench, Running
from rostra.apps.channels import ensure_channels
from rostra.broadcast import AiringShape
from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.flows.publish_post import publish_post
from rostra.network.accounts.tables import AccountRow, SessionRow
from rostra.network.follows.tables import FollowRow
from rostra.network.oauth.tables import AppRow, TokenRow
from rostra.network.posts import Draft
from rostra.network.posts.tables import PostRow
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Base, Database
from rostra.platform.files import FileStore
from rostra.platform.garbage import settle
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.open_files import allow_all
from rostra.platform.outbox import Relay
from rostra.platform.randomness import fingerprint
from rostra.platform.seal import Seal
from rostra.platform.tasks import Tasks
from rostra.web.application import application, streams_application
from rostra.web.mastodon.streaming import Feed, StreamBounds, StreamServer
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Limits, Site
from tests.kit.servers import Nats, wait_for_port

CONNECTIONS_MAX: Final = 12_000
FILL_S: Final = 600
ROWS_AT_ONCE: Final = 20_000


class People(msgspec.Struct, frozen=True, kw_only=True):
    """authors post `posts` in turn; each of `readers` follows `follows` authors and has the token "token<number>" and
    the session "session<number>".

    many: how many reader 0 follows instead. crowd: that many follow author 0, as edges whose other ends nobody reads.
    """

    authors: int = 1_000
    posts: int = 0
    readers: int = 1_000
    follows: int = 200
    many: int = 0
    crowd: int = 0

    def followed(self, reader: int) -> list[int]:
        """Ten groups of readers, each with authors of its own: author 0 has a tenth of them, and reader 0."""
        count = self.many if reader == 0 and self.many else self.follows
        start = (reader % 10) * (self.authors // 10)
        return [author_id((start + each) % self.authors) for each in range(count)]


def author_id(number: int) -> int:
    return 1_000_000 + number


def reader_id(number: int) -> int:
    return 100_000_000 + number


def serving(bench: Bench, name: str, url: str, people: People) -> tuple[Running, str]:
    """Such a process, filled and answering, and its address."""
    port = bench.port()
    folder = bench.folder / name
    folder.mkdir()
    site = bench.python(name, "bench.network_house", str(folder), url, str(port), told=msgspec.json.encode(people))
    wait_for_port(port, site.popen, name, seconds=FILL_S)
    return site, f"http://127.0.0.1:{port}"


async def serve(folder: Path, url: str, port: int, streaming_port: int = 0) -> None:
    allow_all()
    lines = await _lines()
    people = msgspec.json.decode(await lines.readline(), type=People)
    clock = SystemClock()
    ids = IdSource(clock)
    (folder / "nats").mkdir(exist_ok=True)
    nats = Nats(folder / "nats")
    nats.start()
    bus = await Bus.connect(nats.url, name="bench")
    await ensure_channels(bus, window=timedelta(seconds=60))
    database = Database(url)
    await fill(database, people, ids)
    house = House(
        database=database,
        bus=bus,
        files=FileStore(folder / "files"),
        clock=clock,
        ids=ids,
        relay=Relay(database, bus, clock),
        shape=AiringShape(),
        stage_url="http://stage.test",
        seal=Seal(bytes(32)),
        site_url="http://site.test",
    )
    site = Site(
        house=house,
        lookout=Lookout(bus, house.files, clock),
        limits=Limits.new(clock, api_requests=0),
        renderer=Renderer(TEMPLATES, STATIC),
        url="http://site.test",
        edge_url="http://edge.test",
        stage_url="http://stage.test",
    )
    feed, tasks = Feed(site), Tasks()
    server = Server(
        application(site, feed),
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=True,
        backlog=1024,
        backpressure=CONNECTIONS_MAX,
    )
    tasks.spawn("feed", feed.run())
    tasks.spawn("server", server.serve())
    if streaming_port:
        streams = StreamServer(streams_application(site, feed), clock, StreamBounds(CONNECTIONS_MAX))
        tasks.spawn("streams", streams.run("127.0.0.1", streaming_port))
    settle()
    print("ready", flush=True)
    try:
        while line := await lines.readline():
            await publish_post(house, AccountId(author_id(0)), Draft(text=f"Post {line.decode().strip()} of the bench"))
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await tasks.close()
        await bus.close()
        await database.close()
        nats.kill()


async def _lines() -> asyncio.StreamReader:
    """Standard input, line by line, without a thread that would outlive us."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def fill(database: Database, people: People, ids: IdSource) -> None:
    """Tables and everybody in them."""
    now = SystemClock().now()
    account = {"role": "organiser", "created_at": now, "post_visibility": "public"}
    app = {"id": 1, "client_id": "c", "secret": "s", "name": "bench", "website": None}
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(
            insert(AppRow), [app | {"redirect_uris": "", "scopes": "read write", "created_at": now}]
        )
        posts = list(_posts(people, ids))
        newest = {post["author_id"]: post["id"] for post in posts}
        authors = (
            account
            | {"id": author_id(each), "handle": f"a{each}", "display_name": f"Author {each}"}
            | {"last_post_id": newest.get(author_id(each)), "followers_count": people.readers // 10 + people.crowd}
            for each in range(people.authors)
        )
        await _add(connection, AccountRow, authors)
        await _add(
            connection,
            AccountRow,
            (
                account
                | {"id": reader_id(each), "handle": f"r{each}", "display_name": f"Reader {each}"}
                | {"following_count": len(people.followed(each))}
                for each in range(people.readers)
            ),
        )
        await _add(
            connection, TokenRow, (_token(f"token{each}", reader_id(each), now) for each in range(people.readers))
        )
        await _add(connection, TokenRow, (_token(f"author{each}", author_id(each), now) for each in range(2)))
        await _add(connection, SessionRow, (_session(each, now) for each in range(people.readers)))
        await _add(connection, FollowRow, _follows(people))
        await _add(connection, PostRow, iter(posts))
    if people.crowd:
        await _gather(database, people.crowd)
    async with database.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
        await connection.commit()
        if not database.is_sqlite:
            await connection.execute(
                text("CHECKPOINT")
            )  # or what is measured waits for the disk that takes all this in


async def _gather(database: Database, crowd: int) -> None:
    """Let a crowd follow author 0: the database counts to its size by itself, and does not ask who they are."""
    into = "INSERT INTO follows (id, follower_id, followee_id, boosts, notify) "
    into += f"SELECT 1000000000 + i, 200000000 + i, {author_id(0)}, true, false FROM "
    if database.is_sqlite:
        numbers = f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {crowd}) SELECT i FROM n)"
        await asyncio.to_thread(_unasked, database.engine.url.database or "", into + numbers)
        return
    async with database.engine.connect() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(f"{into}generate_series(1, {crowd}) AS n(i)"))
        await connection.commit()


def _unasked(file: str, statement: str) -> None:
    """On a connection of its own, which looks at no foreign keys; within a transaction SQLite would go on looking."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def _token(secret: str, account_id: int, now: datetime) -> dict[str, Any]:
    fixed = {"app_id": 1, "scopes": "read write", "code": None, "created_at": now, "revoked_at": None}
    return fixed | {"fingerprint": fingerprint(secret), "account_id": account_id}


def _session(reader: int, now: datetime) -> dict[str, Any]:
    fixed = {"created_at": now, "last_used_at": now, "expires_at": now + timedelta(days=1)}
    return fixed | {"fingerprint": fingerprint(f"session{reader}"), "account_id": reader_id(reader)}


def _follows(people: People) -> Iterator[dict[str, Any]]:
    edge = {"boosts": True, "notify": False, "languages": None}
    count = 0
    for reader in range(people.readers):
        for author in people.followed(reader):
            count += 1
            yield edge | {"id": count, "follower_id": reader_id(reader), "followee_id": author}


def _posts(people: People, ids: IdSource) -> Iterator[dict[str, Any]]:
    """A salvo of an evening: one in five answers, text of usual length."""
    none = ("boost_of_id", "boost_of_author_id", "link", "poll_id", "broadcast_id", "app_name", "app_website")
    empty: dict[str, Any] = dict.fromkeys(none) | {"edited_at": None, "in_reply_to_id": None}
    empty |= {"mentions": "[]", "tags": "[]", "media": "[]", "spoiler_text": "", "sensitive": False, "language": "en"}
    empty |= {"visibility": "public", "replies_count": 0, "boosts_count": 2, "favourites_count": 5}
    for number in range(people.posts):
        id_, author = ids.next(), author_id(number * 7919 % people.authors)
        words = f"Post {number}: what was said this evening, and what we make of it. Word {number % 997} of the house."
        answer = number % 5 == 4
        yield empty | {
            "id": id_,
            "author_id": author,
            "thread_id": id_,
            "in_reply_to_account_id": author if answer else None,
            "listed": not answer,
            "text": words,
            "html": f"<p>{words}</p>",
        }


async def _add(connection: AsyncConnection, table: Any, rows: Any) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            await connection.execute(insert(table), batch)
            batch = []
    if batch:
        await connection.execute(insert(table), batch)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])))
