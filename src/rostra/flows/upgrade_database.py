"""Bring the database to the present shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

import rostra
from rostra.platform.database import Database, DatabaseUnavailable
from rostra.platform.log import get_logger
from rostra.platform.sqlite_engines import BUSY_TIMEOUT_MS

_log = get_logger(__name__)
_LOCK: Final = 0x726F7375  # an advisory lock of PostgreSQL, next to the one of the outbox
UPGRADE_TIMEOUT_MS: Final = 60_000
MIGRATIONS: Final = Path(rostra.__file__).parent / "migrations"


async def upgrade_database(database: Database) -> None:
    """Run the migrations that are missing, all in one transaction.

    Safe when two processes start at once: the second waits for the first (SQLite's write lock, an advisory lock
    of PostgreSQL) and then finds nothing left to do. Raises DatabaseUnavailable.
    """
    try:
        async with database.engine.connect() as connection:
            await connection.execution_options(rostra_writes=True)
            async with _prepared(connection), connection.begin():
                if not database.is_sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                await connection.run_sync(_upgrade)
    except (OperationalError, InterfaceError, OSError) as error:
        message = (
            "The database cannot be opened. Check ROSTRA_DATABASE_URL, and that its server runs; "
            "for SQLite, that the data folder can be written."
        )
        raise DatabaseUnavailable(f"{type(error).__name__}: {error}", user_message=message) from error


@asynccontextmanager
async def _prepared(connection: AsyncConnection) -> AsyncIterator[None]:
    """SQLite as migrations need it, which could not be said within their transaction.

    All together they may wait longer for another writer than anybody should have to otherwise. And to make a table anew
    they drop the old one: what refers to its rows would go with them, if foreign keys were looked at.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.execute(f"PRAGMA busy_timeout={UPGRADE_TIMEOUT_MS}")
    await raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        await raw.execute("PRAGMA foreign_keys=ON")
        await raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
