"""SQLite: a new file that two processes open at the same moment, and writers that go in turn."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from rostra.platform import database as module
from rostra.platform.database import Database, DatabaseUnavailable


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
