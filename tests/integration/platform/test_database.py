"""A new SQLite file that two processes open at the same moment."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import text

from rostra.platform.database import Database


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
