"""What a transaction announces reaches the bus once it has committed, in order, and never gets lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from rostra.platform import outbox
from rostra.platform.bus import BucketSpec, Bus, BusUnavailable
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from tests.kit.ending import call_off
from tests.kit.servers import Nats


class Fact(msgspec.Struct, frozen=True):
    number: int


async def test_a_rolled_back_transaction_announces_nothing(database: Database, bus: Bus) -> None:
    """A change that did not happen is not told to anybody."""
    await bus.ensure_bucket(BucketSpec("facts"))
    relay = outbox.Relay(database, bus, SystemClock())
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            outbox.put(session, "facts", "a", Fact(1))
            await session.flush()
            raise ZeroDivisionError
    assert await relay.send_batch() == 0
    assert await bus.get("facts", "a", Fact) is None


async def test_the_last_write_wins(database: Database, bus: Bus) -> None:
    """Announcements go out in the order of their transactions."""
    await bus.ensure_bucket(BucketSpec("facts"))
    relay = outbox.Relay(database, bus, SystemClock())
    for number in range(5):
        async with database.transaction() as session:
            outbox.put(session, "facts", "a", Fact(number))
    assert await relay.send_batch() == 5
    found = await bus.get("facts", "a", Fact)
    assert found is not None
    assert found[0] == Fact(4)


async def test_nothing_is_lost_while_the_bus_is_away(database: Database, bus: Bus, own_nats: Nats) -> None:
    """With NATS killed the rows stay; when it is back they go out."""
    await bus.ensure_bucket(BucketSpec("facts"))
    relay = outbox.Relay(database, bus, SystemClock())
    async with database.transaction() as session:
        outbox.put(session, "facts", "a", Fact(7))
    own_nats.kill()
    with pytest.raises(BusUnavailable):
        await relay.send_batch()
    own_nats.start()
    again = await Bus.connect(own_nats.url, name="again")
    try:
        await again.ensure_bucket(BucketSpec("facts"))
        assert await outbox.Relay(database, again, SystemClock()).send_batch() == 1
        found = await again.get("facts", "a", Fact)
    finally:
        await again.close()
    assert found is not None
    assert found[0] == Fact(7)


async def test_sqlite_data_survive_a_reopened_file(tmp_path: Path) -> None:
    """The default database is a file with a write-ahead log and enforced foreign keys."""
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    async with database.engine.connect() as connection:
        journal = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar()
        keys = (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar()
    await database.close()
    assert (journal, keys) == ("wal", 1)


async def test_a_commit_sends_at_once(database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever announces need not nudge anybody, and nobody waits for the next look."""
    await bus.ensure_bucket(BucketSpec("facts"))
    monkeypatch.setattr(outbox, "POLL_S", 3600.0)
    running = asyncio.ensure_future(outbox.Relay(database, bus, SystemClock()).run())
    try:
        for number in range(2):
            async with database.transaction() as session:
                outbox.put(session, "facts", "a", Fact(number))
            async with asyncio.timeout(20):
                while (found := await bus.get("facts", "a", Fact)) is None or found[0] != Fact(number):
                    await asyncio.sleep(0.01)
    finally:
        await call_off(running)
