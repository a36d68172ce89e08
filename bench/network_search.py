"""Posts found by their words among a million of them, on both databases: rare, common and several words, old ones."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

import psutil
from sqlalchemy import insert, text

from bench.harness import Bench, Finding
from rostra.flows.upgrade_database import upgrade_database
from rostra.network.accounts import Account, AccountStore, Role
from rostra.network.follows.tables import BlockRow, FollowRow
from rostra.network.posts.findable import findable
from rostra.network.posts.tables import PostRow, PostWordsRow
from rostra.network.search import SearchStore, parse
from rostra.platform.database import Database
from rostra.platform.ids import AccountId, first_id
from rostra.platform.keyset import Page
from tests.kit.servers import postgres

TITLE: Final = "Posts found by their words, SQLite and PostgreSQL"
AUTHORS: Final = 1_000
BATCH: Final = 2_000
VOCABULARY: Final = 50_000
QUERIES: Final = 200
WARM_UP: Final = 10
BAR_MS: Final = 100
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE: Final = first_id(START + timedelta(minutes=1)) - first_id(START)
OLD: Final = "bygone"
"""A word of every tenth post in the oldest fifth, and of none since: the newest posts say nothing about it."""
_EMPTY: Final[dict[str, Any]] = {
    **dict.fromkeys(("spoiler_text", "text", "html"), ""),
    **dict.fromkeys(("mentions", "tags", "media"), "[]"),
    **dict.fromkeys(("replies_count", "boosts_count", "favourites_count"), 0),
    "sensitive": False,
}
_SYLLABLES: Final = [first + vowel for first in "bdfghjklmnprstvz" for vowel in "aeiou"]


@dataclass
class Words:
    """Words as a language has them: the n-th most common is n times rarer than the first (Zipf)."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        self.all = [_word(number) for number in range(VOCABULARY)]
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def some(self, count: int) -> list[str]:
        return self.chance.choices(self.all, cum_weights=self._weights, k=count)

    def post(self, number: int, posts: int) -> str:
        words = self.some(self.chance.randint(5, 25))
        return " ".join([*words, OLD] if number < posts / 5 and number % 10 == 5 else words)

    def between(self, first: int, last: int) -> str:
        """A word by its rank."""
        return self.all[self.chance.randrange(first, last)]


def run(bench: Bench) -> list[Finding]:
    posts = bench.options.posts
    findings = asyncio.run(_measure(f"sqlite:///{bench.folder / 'search.sqlite3'}", "SQLite", posts))
    with postgres() as url:
        findings += asyncio.run(_measure(url, "PostgreSQL", posts))
    return findings


async def _measure(url: str, engine: str, posts: int) -> list[Finding]:
    database = Database(url)
    try:
        await upgrade_database(database)
        words = Words()
        authors = await _people(database)
        started_s = time.monotonic()
        async with _indexed_afterwards(database):
            for first in range(0, posts, BATCH):
                await _fill(database, words, authors, range(first, min(first + BATCH, posts)), posts)
        filled_s = time.monotonic() - started_s
        await _settle(database)
        facts: dict[str, object] = {"posts": posts, "filled_s": round(filled_s), "bytes": await _size(database)}
        findings, every = [], []
        for kind, query in _kinds(words).items():
            taken, found = await _ask(database, authors[0], query)
            every += taken
            findings += _findings(f"{engine}, {kind}", taken, facts | {"found": round(statistics.mean(found), 1)})
        findings += _findings(f"{engine}, all of them", every, facts, bar=True)
        memory = psutil.Process().memory_info().rss / (1 << 20)
        return [*findings, Finding("network_search", f"{engine}, memory of the asking process", round(memory), "MB")]
    finally:
        await database.close()


def _kinds(words: Words) -> dict[str, Callable[[], str]]:
    return {
        "a common word": lambda: words.between(0, 20),
        "a word of every thousandth post": lambda: words.between(500, 2_000),
        "a rare word": lambda: words.between(10_000, VOCABULARY),
        "two common words": lambda: f"{words.between(0, 20)} {words.between(0, 50)}",
        "a common and a rare word": lambda: f"{words.between(0, 20)} {words.between(5_000, VOCABULARY)}",
        "two words of every thousandth post": lambda: f"{words.between(300, 2_000)} {words.between(300, 2_000)}",
        "a phrase": lambda: f'"{words.between(0, 100)} {words.between(0, 100)}"',
        "a word and not another": lambda: f"{words.between(100, 500)} -{words.between(0, 20)}",
        "a common word of one author": lambda: f"from:a{words.chance.randrange(AUTHORS)} {words.between(0, 20)}",
        "a word of old posts alone": lambda: f"{OLD} {words.between(0, 20)}" if words.chance.random() < 0.5 else OLD,
        "words that nobody wrote": lambda: f"nowhere{words.chance.random()}",
    }


async def _ask(database: Database, viewer: AccountId, query: Callable[[], str]) -> tuple[list[float], list[int]]:
    """Milliseconds of each search, and how many posts it found."""
    taken, found = [], []
    for number in range(WARM_UP + QUERIES):
        asked = query()
        started_s = time.perf_counter()
        async with database.reading() as session:
            posts = await SearchStore(session, viewer, now=datetime.now(UTC)).posts(parse(asked), Page(limit=20))
        if number >= WARM_UP:
            taken.append((time.perf_counter() - started_s) * 1_000)
            found.append(len(posts))
    return taken, found


def _findings(what: str, taken: list[float], facts: dict[str, object], *, bar: bool = False) -> list[Finding]:
    cuts = statistics.quantiles(taken, n=20)
    p50, p95 = round(cuts[9], 1), round(cuts[18], 1)
    facts = facts | {"searches": len(taken), "most_ms": round(max(taken), 1)}
    return [
        Finding("network_search", f"{what}, p50", p50, "ms", facts=facts),
        Finding(
            "network_search", f"{what}, p95", p95, "ms", bar=f"at most {BAR_MS} ms" if bar else "",
            kept=p95 <= BAR_MS if bar else None, facts=facts,
        ),
    ]  # fmt: skip


# filling


async def _people(database: Database) -> list[AccountId]:
    """Authors. The first is who asks: follows a hundred, has blocked ten and is blocked by ten."""
    ids = [AccountId(first_id(START - timedelta(minutes=AUTHORS - number))) for number in range(AUTHORS)]
    async with database.transaction() as session:
        for number, account_id in enumerate(ids):
            await AccountStore(session).add(
                Account(
                    id=account_id, handle=f"a{number}", display_name=f"Author {number}", role=Role.MEMBER,
                    created_at=START,
                )
            )  # fmt: skip
        asker = ids[0]
        follow = {"boosts": True, "notify": False, "languages": None}
        edges = [{"id": n, "follower_id": asker, "followee_id": ids[n], **follow} for n in range(1, 101)]
        await session.execute(insert(FollowRow), edges)
        blocks = [{"id": n, "account_id": asker, "target_id": ids[n]} for n in range(101, 111)]
        blocks += [{"id": n, "account_id": ids[n], "target_id": asker} for n in range(111, 121)]
        await session.execute(insert(BlockRow), blocks)
    return ids


async def _fill(database: Database, words: Words, authors: list[AccountId], numbers: range, posts: int) -> None:
    """Posts, one a minute; of every ten one is unlisted and one for followers. Bounded: BATCH rows in memory."""
    rows, index = [], []
    for number in numbers:
        post_id = first_id(START) + number * MINUTE
        said, author = words.post(number, posts), words.chance.choice(authors)
        visibility = {0: "unlisted", 1: "private"}.get(number % 10, "public")
        row: dict[str, Any] = {"id": post_id, "author_id": author, "thread_id": post_id, "visibility": visibility}
        rows.append(_EMPTY | row | {"listed": visibility == "public", "text": said, "html": f"<p>{said}</p>"})
        index.append({"post_id": post_id, "words": findable(author, ["", said], "[]")})
    async with database.transaction() as session:
        if not database.is_sqlite:  # what refers to what is known here, and need not be checked a million times
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            await session.execute(text("SET LOCAL synchronous_commit = off"))
        await session.execute(insert(PostRow), rows)
        await session.execute(insert(PostWordsRow), index)


@asynccontextmanager
async def _indexed_afterwards(database: Database) -> AsyncIterator[None]:
    """Make the indexes of posts and their words once all are there: each row costs a tenth then."""
    listed = text(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('posts', 'post_words')"
        if database.is_sqlite
        else "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('posts', 'post_words')"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    async with database.engine.begin() as connection:
        found = (await connection.execute(listed)).all()
        for name, _ in found:
            await connection.execute(text(f"DROP INDEX {name}"))
    yield
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        for _, statement in found:
            await connection.exec_driver_sql(statement)


async def _settle(database: Database) -> None:
    """What a database does by itself between the writing and the asking."""
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            await connection.execute(text("PRAGMA optimize"))
        else:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


async def _size(database: Database) -> int:
    """Bytes on the disk."""
    query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    async with database.engine.connect() as connection:
        asked = query if database.is_sqlite else "SELECT pg_database_size(current_database())"
        return int((await connection.execute(text(asked))).scalar_one())


def _word(number: int) -> str:
    """A word for each number, none twice."""
    syllables = [_SYLLABLES[number % len(_SYLLABLES)]]
    while number := number // len(_SYLLABLES):
        syllables.append(_SYLLABLES[number % len(_SYLLABLES)])
    return "".join(syllables)
