"""The database: SQLite (WAL) or PostgreSQL behind one engine, one transaction per request or job."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    delete,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

from rostra.platform.errors import Unavailable

BUSY_TIMEOUT_MS: Final = 5_000
TURNS_TO_WAL: Final = 20


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    user_message = "The database does not answer. Nothing was changed; try again in a few seconds."


class Base(DeclarativeBase):
    """Base of every table. Constraint names are fixed so that migrations can name them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


RowId: Final = BigInteger().with_variant(Integer(), "sqlite")
"""The type of an id that is the key of its table. SQLite keeps such a table in the order of the ids and needs no
further index, but only where the type is called INTEGER; it has 64 bits there, too."""


def Ordered(characters: int) -> TypeEngine[str]:  # noqa: N802  # a type of a column, like String
    """Text that an index keeps in the order of its code points, so that what begins alike lies together.

    SQLite does so by itself. PostgreSQL would follow the language of the server, and change with its C library.
    """
    return String(characters).with_variant(String(characters, collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both engines. Refuses naive times; SQLite stores them without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Database:
    """An engine and its sessions.

    url: sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name; the short forms sqlite:///
    and postgresql:// are taken too.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        driver = {
            "sqlite": "sqlite+aiosqlite",
            "postgresql": "postgresql+asyncpg",
            "postgres": "postgresql+asyncpg",
        }
        parsed = parsed.set(drivername=driver.get(parsed.drivername, parsed.drivername))
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
        self.engine: AsyncEngine = create_async_engine(parsed, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so two writers wait for each other
        instead of failing half-way. Raises DatabaseUnavailable when the engine does not answer.
        """
        async with self._sessions() as session:
            try:
                async with session.begin():
                    if self.is_sqlite:
                        await session.connection(execution_options={"rostra_writes": True})
                    yield session
            except (OperationalError, ConnectionError) as error:
                raise DatabaseUnavailable(f"{type(error).__name__}: {_reason(error)}") from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads: no write lock on SQLite, READ ONLY on PostgreSQL."""
        async with self._sessions() as session:
            try:
                if not self.is_sqlite:
                    await session.connection(execution_options={"postgresql_readonly": True})
                yield session
            except (OperationalError, ConnectionError) as error:
                raise DatabaseUnavailable(f"{type(error).__name__}: {_reason(error)}") from error

    async def answers(self) -> bool:
        """Whether a query gets through."""
        try:
            async with self.reading() as session:
                await session.execute(text("SELECT 1"))
        except (DatabaseUnavailable, DBAPIError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()


async def insert_new(session: AsyncSession, table: type[DeclarativeBase], **values: Any) -> bool:
    """Add a row unless its key exists already; whether it is new. Of two at the same moment one is."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    result = await session.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())
    return cast("CursorResult[Any]", result).rowcount == 1


async def delete_rows(session: AsyncSession, table: type[DeclarativeBase], **key: Any) -> bool:
    """Delete the rows with these values; whether there were any."""
    result = await session.execute(delete(table).filter_by(**key))
    return cast("CursorResult[Any]", result).rowcount > 0


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a row with this key exists already (SQLite's text or PostgreSQL's SQLSTATE 23505)."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _reason(error: BaseException) -> str:
    """The driver's own words, without the statement and its values."""
    return str(getattr(error, "orig", error))


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """WAL, foreign keys, a busy timeout, and transactions that begin when SQLAlchemy says so.

    The driver's own implicit BEGIN is switched off (isolation_level None), because it would start as a
    reader and could fail at the first write with SQLITE_BUSY, which no timeout heals.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        _turn_to_wal(cursor)
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("rostra_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _turn_to_wal(cursor: Any) -> None:
    """No timeout heals a file that another process turns to WAL, or writes to for the first time, at this moment.

    So we wait as a writer, which has a timeout, and ask again. Raises OperationalError of the driver.
    """
    for _ in range(TURNS_TO_WAL - 1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")
