"""Migrations make the tables that the code expects, once, however many start at the same time."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import rostra.broadcast.originals.tables
import rostra.broadcast.replays.tables
import rostra.broadcast.tables
import rostra.broadcast.transcripts.tables
import rostra.network.accounts.tables
import rostra.network.credentials.tables
import rostra.network.filters.tables
import rostra.network.follows.tables
import rostra.network.lists.tables
import rostra.network.media.tables
import rostra.network.notifications.tables
import rostra.network.oauth.tables
import rostra.network.polls.tables
import rostra.network.posts.tables
import rostra.network.previews.tables
import rostra.platform.mail
import rostra.platform.outbox
import rostra.shield.tables  # noqa: F401  # the imports fill the metadata
from rostra.flows.upgrade_database import upgrade_database
from rostra.platform.database import Base, Database, DatabaseUnavailable


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_migrations_and_tables_say_the_same(empty_database: Database) -> None:
    """A column that somebody added to a table without a migration would fail here, on both engines."""
    await upgrade_database(empty_database)
    async with empty_database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_two_sites_may_start_at_once(empty_database: Database) -> None:
    """The second waits for the first and finds nothing left to do."""
    other = Database(empty_database.engine.url.render_as_string(hide_password=False))
    try:
        await asyncio.gather(upgrade_database(empty_database), upgrade_database(other))
        await upgrade_database(other)
        assert await other.answers()
    finally:
        await other.close()


async def test_a_database_that_is_not_there_is_named_as_such() -> None:
    nowhere = Database("postgresql://rostra@127.0.0.1:9/none")
    with pytest.raises(DatabaseUnavailable, match="ConnectionRefused") as caught:
        await upgrade_database(nowhere)
    assert "ROSTRA_DATABASE_URL" in caught.value.user_message
    await nowhere.close()
