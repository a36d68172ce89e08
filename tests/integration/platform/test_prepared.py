"""Prepared statements bring what SQLAlchemy brings, on both engines, whether they read or are within a transaction."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import DBAPIError

from rostra.network.accounts.tables import AccountRow
from rostra.platform.database import Database, DatabaseUnavailable
from rostra.platform.errors import NotFound
from rostra.platform.kept import MOST, driver_of
from rostra.platform.prepared import Prepared

NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
COLUMNS = (AccountRow.id, AccountRow.handle, AccountRow.locked, AccountRow.created_at, AccountRow.avatar)
FOUND = Prepared(
    select(*COLUMNS).where(AccountRow.created_at <= bindparam("until", type_=AccountRow.created_at.type))
    .order_by(AccountRow.id).limit(bindparam("size"))
)  # fmt: skip


async def some_accounts(database: Database) -> None:
    rows = [
        {"id": number, "handle": f"p{number}", "display_name": "P", "role": "member", "created_at": NOW, "locked": True}
        for number in (1, 2, 3)
    ]
    async with database.transaction() as session:
        await session.execute(insert(AccountRow), rows)


@pytest.mark.parametrize("how", ["reading", "at length", "transaction"])
async def test_rows_and_their_types(database: Database, how: str) -> None:
    await some_accounts(database)
    scope = database.transaction() if how == "transaction" else database.reading(at_length=how == "at length")
    async with scope as session:
        rows = await FOUND.rows(session, {"until": NOW, "size": 2})
        again = await FOUND.rows(session, {"until": NOW, "size": 2})
        expected = (await session.execute(select(*COLUMNS).order_by(AccountRow.id).limit(2))).all()
        assert [FOUND.converted(session, row) for row in rows] == [list(row) for row in expected]
        assert [hash(row) for row in rows] == [hash(row) for row in again]


async def test_more_readers_than_kept_connections(database: Database) -> None:
    """All at once: each has what it asked for, whether its connection was kept, lent by the engine, or shared."""
    await some_accounts(database)
    async with AsyncExitStack() as all_of_them:
        for _ in range(MOST + 3):
            session = await all_of_them.enter_async_context(database.reading())
            assert len(await FOUND.rows(session, {"until": NOW, "size": 9})) == 3


async def test_whoever_finds_nothing_leaves_the_connection_sound(database: Database) -> None:
    await some_accounts(database)
    drivers = []
    for _ in range(2):
        with pytest.raises(NotFound):
            async with database.reading() as session:
                drivers.append(await driver_of(session))
                raise NotFound("nothing here")
    assert drivers[0][1] is drivers[1][1]


async def test_a_connection_that_the_server_closes_is_not_lent_again(postgres_url: str) -> None:
    """The reader of that moment is told; the next one notices nothing."""
    database, other = Database(postgres_url), Database(postgres_url)
    one = Prepared(select(func.pg_backend_pid()))
    async with database.reading() as session:
        ((pid,),) = await one.rows(session, {})
        async with other.engine.connect() as killer:
            await killer.execute(select(func.pg_terminate_backend(pid)))
        with pytest.raises(DatabaseUnavailable):
            await one.rows(session, {})
    async with database.reading() as session:
        ((again,),) = await one.rows(session, {})
    assert again != pid
    await database.close()
    await other.close()


async def test_a_missing_parameter_is_an_error(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(KeyError):
            await FOUND.rows(session, {"size": 2})


async def test_readers_cannot_write(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(DBAPIError):
            await session.execute(insert(AccountRow).values(id=9, handle="h", display_name="", role="", created_at=NOW))


async def test_readers_see_what_was_committed_a_moment_ago(database: Database) -> None:
    async with database.reading() as session:
        assert await FOUND.rows(session, {"until": NOW, "size": 9}) == []
        await some_accounts(database)
        assert len(await FOUND.rows(session, {"until": NOW, "size": 9})) == 3


async def test_what_was_not_read_to_its_end_holds_nobody_back(database: Database) -> None:
    """A row of two was looked at, and the rest is kept somewhere: the next reader sees what has come since."""
    await some_accounts(database)
    async with database.reading() as session:
        connection = await session.connection()
        kept = await connection.execute(select(AccountRow.id))
        kept.fetchone()
    async with database.transaction() as session:
        await session.execute(insert(AccountRow).values(id=9, handle="h", display_name="", role="m", created_at=NOW))
    async with database.reading() as session:
        assert len(await FOUND.rows(session, {"until": NOW, "size": 9})) == 4
    del kept
