"""SQLite: a new file that two processes open at the same moment, writers that go in turn, and brief ones."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rostra.platform import database as module
from rostra.platform.database import Database, DatabaseUnavailable, table_of
from rostra.platform.outbox import OutboxRow
from rostra.platform.prepared import PreparedWrite
from rostra.platform.sqlite_engines import ON_A_THREAD_EVERY


async def test_whoever_comes_second_waits_for_the_first_writer(tmp_path: Path) -> None:
    """Turning to WAL waits for nobody by itself, whatever the timeout."""
    first = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    first.execute("CREATE TABLE anything (x)")
    first.execute("BEGIN IMMEDIATE")
    second = Database(f"sqlite:///{tmp_path}/new.db")

    async def write() -> None:
        async with second.transaction() as session:
            await session.execute(text("CREATE TABLE more (x)"))

    writing = asyncio.create_task(write())
    done, _ = await asyncio.wait({writing}, timeout=0.3)
    assert not done, "it waits"
    first.execute("COMMIT")
    await writing
    first.close()
    await second.close()


async def test_writers_go_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/turns.db")
    came: list[int] = []

    async def write(number: int) -> None:
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE IF NOT EXISTS anything (x)"))
            came.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(30):
            group.create_task(write(number))
    assert came == list(range(30))
    await database.close()


async def test_whose_turn_does_not_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that writes goes on, and whoever comes afterwards gets a turn."""
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{tmp_path}/turns.db")
    async with database.transaction() as session:
        with pytest.raises(DatabaseUnavailable):
            async with database.transaction():
                raise AssertionError("two write at once")
        await session.execute(text("CREATE TABLE anything (x)"))
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO anything VALUES (1)"))
    await database.close()


async def a_number(database: Database) -> list[int]:
    async with database.reading() as session:
        return list((await session.scalars(text("SELECT x FROM anything ORDER BY x"))).all())


async def test_brief_writers_and_others_go_in_turn_and_see_one_another(tmp_path: Path) -> None:
    """More of them than go on the loop between two that go on a thread."""
    database = Database(f"sqlite:///{tmp_path}/brief.db")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE anything (x)"))

    async def add(number: int) -> None:
        async with database.transaction(brief=number % 3 > 0) as session:
            next_ = await session.scalar(text("SELECT count(*) FROM anything"))
            await session.execute(text("INSERT INTO anything VALUES (:next)"), {"next": next_})

    async with asyncio.TaskGroup() as group:
        for number in range(3 * ON_A_THREAD_EVERY):
            group.create_task(add(number))
    assert await a_number(database) == list(range(3 * ON_A_THREAD_EVERY))
    await database.close()


@pytest.mark.parametrize("brief", [True, False])
async def test_what_raises_half_way_leaves_nothing_and_no_lock(tmp_path: Path, brief: bool) -> None:
    database = Database(f"sqlite:///{tmp_path}/half.db")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE anything (x)"))
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(brief=brief) as session:
            await session.execute(text("INSERT INTO anything VALUES (1)"))
            raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(brief=brief):
            raise ZeroDivisionError
    async with database.transaction(brief=True):
        pass
    other = sqlite3.connect(tmp_path / "half.db", isolation_level=None, timeout=0)
    other.execute("INSERT INTO anything VALUES (2)")
    assert await a_number(database) == [2]
    other.close()
    await database.close()


async def test_a_brief_writer_waits_for_another_process_and_stops_nobody(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/busy.db")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE anything (x)"))
    other = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.transaction(brief=True) as session:
            await session.execute(text("INSERT INTO anything VALUES (1)"))

    writing = asyncio.create_task(write())
    done, _ = await asyncio.wait({writing}, timeout=0.3)
    assert not done, "it waits"
    assert await a_number(database) == [], "and others go on"
    other.execute("COMMIT")
    await writing
    assert await a_number(database) == [1]
    other.close()
    await database.close()


async def test_the_log_of_brief_writers_does_not_grow_for_ever(tmp_path: Path) -> None:
    """SQLite begins it anew once it is in the file; that is at 1,000 pages of 4 kB."""
    database = Database(f"sqlite:///{tmp_path}/log.db")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE anything (x)"))
    for _ in range(4 * ON_A_THREAD_EVERY):
        async with database.transaction(brief=True) as session:
            await session.execute(text("INSERT INTO anything VALUES (zeroblob(100000))"))
    written_bytes = 4 * ON_A_THREAD_EVERY * 100_000
    assert (tmp_path / "log.db-wal").stat().st_size < written_bytes / 2
    await database.close()


@pytest.mark.parametrize("brief", [True, False])
async def test_prepared_writes_commit_together_or_not_at_all(tmp_path: Path, brief: bool) -> None:
    """Past SQLAlchemy on the loop, and by it on a thread: with the same errors."""
    database = Database(f"sqlite:///{tmp_path}/prepared.db")
    async with database.transaction() as session:
        await (await session.connection()).run_sync(table_of(OutboxRow).create)
    write = PreparedWrite(table_of(OutboxRow).insert())
    row = {"kind": "put", "target": "bucket", "name": "key", "payload": b"value"}
    async with database.transaction(brief=brief) as session:
        await write.run(session, row | {"id": 1})
    with pytest.raises(IntegrityError):
        async with database.transaction(brief=brief) as session:
            await write.run(session, row | {"id": 2})
            await write.run(session, row | {"id": 1})
    async with database.transaction(brief=brief) as session:
        await write.run(session, row | {"id": 3})
        await session.execute(text("DELETE FROM outbox WHERE id = 1"))
    async with database.reading() as session:
        assert list(await session.scalars(text("SELECT id FROM outbox"))) == [3]
    await database.close()
