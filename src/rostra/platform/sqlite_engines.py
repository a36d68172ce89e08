"""SQLite's engines: on threads for what may wait for a lock or take long, on the event loop for the rest (ADR 31)."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from typing import Any, Final
from weakref import WeakSet

import msgspec
from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from rostra.platform.kept import Kept

BUSY_TIMEOUT_MS: Final = 5_000
READER_BUSY_TIMEOUT_MS: Final = 500
TURNS_TO_WAL: Final = 20
ON_A_THREAD_EVERY: Final = 64
"""One of so many brief transactions goes on a thread, whose commit brings the log into the file when it is long."""
MAPPED_BYTES: Final = 1 << 30
"""Of the file, as memory that readers share with the system's cache. SQLite's own cache is small and is forgotten at
each commit of another connection: a third of a page of the home timeline was reading the same pages anew."""
_json: Final = msgspec.json.Encoder()


def for_writers(url: URL) -> AsyncEngine:
    """On threads: each statement may wait for another process, and be long."""
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"))
    _prepare_writers(engine)
    return engine


def for_brief_writers(url: URL) -> AsyncEngine:
    """On the event loop, for one at a time. Who uses it takes the write lock first, and does not wait for it."""
    engine = create_async_engine(
        url.set(drivername="sqlite+ontheloop"), pool_size=1, max_overflow=1, connect_args={"factory": _Connection}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        # What a commit appends to the log is brought into the file by writers on threads: that waits for the disk.
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=0", "wal_autocheckpoint=0", _mapped()):
            connection.execute(f"PRAGMA {pragma}")

    _let_cursors_go(engine)
    return engine


def for_readers(url: URL, **pool: Any) -> AsyncEngine:
    """On the event loop. They cannot write, and wait for the short moments at most in which the file is locked for
    everybody.
    """
    engine = create_async_engine(
        url.set(drivername="sqlite+ontheloop"),
        connect_args={"factory": _Connection},
        json_serializer=_json_text,
        **pool,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={READER_BUSY_TIMEOUT_MS}", "query_only=ON", _mapped()):
            connection.execute(f"PRAGMA {pragma}")

    _let_cursors_go(engine)
    return engine


def _mapped() -> str:
    return f"mmap_size={MAPPED_BYTES}"


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
    """SQLite's own driver, called on the event loop. Who waits for a lock there stops everything."""

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

    def do_executemany(self, cursor: Any, statement: str, parameters: Sequence[Any], context: Any = None) -> None:
        await_only(_DONE)
        cursor.executemany(statement, parameters)


class BriefWriter:
    """The connection on the event loop that one brief transaction after the other has, in turn."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer: Kept | None = None
        self._count = 0

    async def lock(self) -> Kept | None:
        """The connection with the write lock. None when another process writes, or when it is a thread's turn."""
        self._count += 1
        if self._count % ON_A_THREAD_EVERY == 0:
            return None
        if self._writer is None:
            connection = await self._engine.connect()
            self._writer = Kept(connection, (await connection.get_raw_connection()).driver_connection)
        try:
            self._writer.driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return None
        return self._writer

    async def commit(self, kept: Kept) -> bool:
        """Raises OperationalError of the driver."""
        kept.driver.commit()
        return True

    async def unlock(self, kept: Kept, *, done: bool) -> None:
        """done: committed."""
        kept.driver.let_go()
        kept.driver.rollback()
        if not done:
            await kept.connection.rollback()  # for SQLAlchemy a commit that failed (a full disk) is not over

    async def close(self) -> None:
        if self._writer is not None:
            await self._writer.connection.close()
            self._writer = None


class _Done:
    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE: Final = _Done()

registry.register("sqlite.ontheloop", __name__, _OnTheLoop.__name__)


def _json_text(value: Any) -> str:
    """Of lists of ids, of which a page of a timeline has six: the standard library takes ten times as long."""
    return _json.encode(value).decode()


def _prepare_writers(engine: AsyncEngine) -> None:
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


def _let_cursors_go(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "checkin")
    def checkin(connection: Any, _: Any) -> None:
        if connection is not None:  # one that was lost
            connection.let_go()


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
