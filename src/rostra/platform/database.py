"""The database: SQLite (WAL) or PostgreSQL, one transaction per request or job.

Two engines on the same database, since reading and writing want different things (ADR 31):

- What writes has a transaction. On SQLite it runs on a thread, for it may wait for another writer.
- What reads has none of its own: each statement sees what is committed at its moment, which is all that READ COMMITTED
  promises anyway, and BEGIN and ROLLBACK are two journeys to PostgreSQL less. On SQLite, where readers wait for nobody
  (WAL), it runs on the event loop: a thread there and back cost more than most statements. What may take longer than
  some milliseconds asks for `reading(at_length=True)`, which has a thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast
from weakref import WeakSet

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    delete,
    event,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, registry, sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import await_only

from rostra.platform.errors import Unavailable

BUSY_TIMEOUT_MS: Final = 5_000
READER_BUSY_TIMEOUT_MS: Final = 500
TURNS_TO_WAL: Final = 20
ANNOUNCES: Final = "announces"
"""In `info` of a session that has written to the outbox."""


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


class _Cursor(sqlite3.Cursor):
    """What SQLAlchemy asks of the cursor of a driver that can wait; its rows need no waiting."""

    async def _async_soft_close(self) -> None: ...


class _Connection(sqlite3.Connection):
    """Knows its cursors: one that was not read to its end keeps the connection at what it saw, for whoever is next."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._cursors: WeakSet[_Cursor] = WeakSet()

    def cursor(self, factory: Any = _Cursor) -> Any:
        made = super().cursor(factory)
        self._cursors.add(made)
        return made

    def let_go(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()


class _OnTheLoop(SQLiteDialect_pysqlite):
    """SQLite's own driver, called on the event loop. For readers only: who waits for a lock there stops everything."""

    driver = "ontheloop"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[AsyncAdaptedQueuePool]:
        return AsyncAdaptedQueuePool

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """SQLAlchemy refuses a driver that never waits, so we wait for something that is there."""
        await_only(_DONE)
        cursor.execute(statement, parameters)


class _Done:
    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE: Final = _Done()

registry.register("sqlite.ontheloop", __name__, _OnTheLoop.__name__)


class Database:
    """The engines and their sessions.

    url: sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name; the short forms sqlite:///
    and postgresql:// are taken too.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        pool: dict[str, Any] = {"pool_size": 8, "max_overflow": 8}
        if self.is_sqlite:
            self.engine: AsyncEngine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"))
            self.readers = create_async_engine(
                parsed.set(drivername="sqlite+ontheloop"), **pool, connect_args={"factory": _Connection}
            )
            _prepare_sqlite(self.engine)
            _prepare_sqlite_readers(self.readers)
        else:
            parsed = parsed.set(drivername="postgresql+asyncpg")
            only_reads = {"server_settings": {"default_transaction_read_only": "on"}}
            self.engine = create_async_engine(parsed, **pool)
            self.readers = create_async_engine(parsed, **pool, isolation_level="AUTOCOMMIT", connect_args=only_reads)
            for engine in (self.engine, self.readers):
                _leave_lost_connections(engine)
        options: dict[str, Any] = {"expire_on_commit": False, "autoflush": False}
        self.announced: Callable[[], None] = _nobody
        """Called after each commit that the outbox has something of."""
        self._sessions = async_sessionmaker(self.engine, **options)
        self._reading_sessions = async_sessionmaker(self.readers, **options)

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
            if session.info.pop(ANNOUNCES, False):
                self.announced()

    @asynccontextmanager
    async def reading(self, *, at_length: bool = False) -> AsyncIterator[AsyncSession]:
        """A session that can only read. at_length: it may take longer than some milliseconds.

        Raises DatabaseUnavailable when the engine does not answer, OperationalError for an attempt to write.
        """
        sessions = self._sessions if at_length and self.is_sqlite else self._reading_sessions
        async with sessions() as session:
            try:
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
        await self.readers.dispose()


def _nobody() -> None:
    """Nobody waits for the outbox of this process."""


def table_of(rows: type[DeclarativeBase]) -> Table:
    """The table itself. What the mapper makes of an insert is put together anew each time."""
    return cast("Table", rows.__table__)


async def insert_new(session: AsyncSession, table: type[DeclarativeBase], **values: Any) -> bool:
    """Add a row unless its key exists already; whether it is new. Of two at the same moment one is."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    result = await session.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())
    return cast("CursorResult[Any]", result).rowcount == 1


async def delete_rows(session: AsyncSession, table: type[DeclarativeBase], **key: Any) -> bool:
    """Delete the rows with these values; whether there were any."""
    result = await session.execute(delete(table).filter_by(**key))
    return cast("CursorResult[Any]", result).rowcount > 0


async def delete_some(session: AsyncSession, table: type[DeclarativeBase], *where: Any, limit: int) -> int:
    """Delete `limit` of these rows at most; how many. For jobs that remove much in small transactions."""
    keys = list(table.__table__.primary_key.columns)  # type: ignore[attr-defined]  # a Table, though declared wider
    some = select(*keys).where(*where).limit(limit)
    chosen = keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some)
    gone = delete(table).where(chosen).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", await session.execute(gone)).rowcount


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


def _prepare_sqlite_readers(engine: AsyncEngine) -> None:
    """Readers cannot write, and wait for the short moments at most in which the file is locked for everybody."""

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={READER_BUSY_TIMEOUT_MS}", "query_only=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "checkin")
    def checkin(connection: Any, _: Any) -> None:
        if connection is not None:  # one that was lost
            connection.let_go()


def _leave_lost_connections(engine: AsyncEngine) -> None:
    """Take no connection from the pool that the server has closed. Asking the server each time would be a journey."""

    @event.listens_for(engine.sync_engine, "checkout")
    def checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("closed by the server")


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
