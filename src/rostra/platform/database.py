"""The database: SQLite (WAL) or PostgreSQL, one transaction per request or job.

Two engines on the same database, since reading and writing want different things (ADR 31):

- What writes has a transaction. On SQLite it runs on a thread, for it may wait for another writer; a few statements by
  keys ask for `transaction(brief=True)` and run on the event loop when no other process writes at that moment.
- What reads has none of its own: each statement sees what is committed at its moment, which is all that READ COMMITTED
  promises anyway, and BEGIN and ROLLBACK are two journeys to PostgreSQL less. On SQLite, where readers wait for nobody
  (WAL), it runs on the event loop: a thread there and back cost more than most statements. What may take longer than
  some milliseconds asks for `reading(at_length=True)`, which has a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, cast

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
    UpdateBase,
    delete,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

from rostra.platform import postgresql_engines, sqlite_engines
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.kept import Kept, KeptConnections, borrow_from, give_back, lend
from rostra.platform.postgresql_engines import LOST, BriefWriters
from rostra.platform.sqlite_engines import BUSY_TIMEOUT_MS, BriefWriter

IDLE_SESSIONS: Final = 16
"""Kept for the next readers: of those that asked prepared statements alone. To make one is dearer than some answers."""
ANNOUNCES: Final = "announces"
"""In `info` of a session that has written to the outbox."""


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    user_message = "The database does not answer. Nothing was changed; try again in a few seconds."


class DatabaseFull(RostraError):
    status, code = HTTPStatus.INSUFFICIENT_STORAGE, "database_full"
    user_message = "The disk is full. Nothing was changed; free some space on the server, then try again."


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
    """The engines and their sessions.

    url: sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name; the short forms sqlite:///
    and postgresql:// are taken too.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        pool: dict[str, Any] = {"pool_size": 8, "max_overflow": 8}
        if self.is_sqlite:
            self.engine: AsyncEngine = sqlite_engines.for_writers(parsed)
            self.brief_writers = sqlite_engines.for_brief_writers(parsed)
            self._brief: BriefWriter | BriefWriters = BriefWriter(self.brief_writers)
            self.readers = sqlite_engines.for_readers(parsed, **pool)
        else:
            parsed = parsed.set(drivername="postgresql+asyncpg")
            self.engine = postgresql_engines.for_writers(parsed, **pool)
            self.brief_writers = postgresql_engines.for_brief_writers(parsed)
            self._brief = BriefWriters(self.brief_writers)
            self.readers = postgresql_engines.for_readers(parsed, **pool)
        options: dict[str, Any] = {"expire_on_commit": False, "autoflush": False}
        self.announced: Callable[[], None] = _nobody
        """Called after each commit that the outbox has something of."""
        self._sessions = async_sessionmaker(self.engine, **options)
        self._reading_sessions = async_sessionmaker(self.readers, **options)
        self._turns = asyncio.Lock() if self.is_sqlite else None
        self._idle_sessions: list[AsyncSession] = []
        self._kept = KeptConnections(self.readers, shared=self.is_sqlite)

    @asynccontextmanager
    async def transaction(self, *, brief: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so two writers wait for each other
        instead of failing half-way. brief: it takes a millisecond or two, and awaits nothing but statements.
        Raises DatabaseUnavailable when the engine does not answer, DatabaseFull when SQLite finds no room on its disk.
        """
        async with self._turn():
            try:
                writer = await self._brief.lock() if brief else None
                async with self._writing() if writer is None else self._writing_briefly(writer) as session:
                    yield session
            except (DBAPIError, ConnectionError, sqlite3.OperationalError, *LOST) as error:
                if not _is_lost(error):
                    raise
                refused = DatabaseFull if _is_full(error) else DatabaseUnavailable
                raise refused(f"{type(error).__name__}: {_reason(error)}") from error
            if session.info.pop(ANNOUNCES, False):
                self.announced()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session, session.begin():
            if self.is_sqlite:
                await session.connection(execution_options={"rostra_writes": True})
            yield session

    @asynccontextmanager
    async def _writing_briefly(self, writer: Kept) -> AsyncIterator[AsyncSession]:
        """writer: its transaction has begun. Its driver commits: SQLAlchemy takes as long to begin and to commit as the
        engine to write a post.
        """
        session = self._sessions(bind=writer.connection)
        lend(session, writer)
        done = False
        try:
            yield session
            if session.in_transaction() or session.new:
                await session.commit()
            if not await self._brief.commit(writer):
                raise DatabaseUnavailable("rolled back: a statement had failed")
            done = True
        finally:
            if session.in_transaction():
                await session.close()
            await self._brief.unlock(writer, done=done)

    @asynccontextmanager
    async def reading(self, *, at_length: bool = False) -> AsyncIterator[AsyncSession]:
        """A session that can only read. at_length: it may take longer than some milliseconds.

        Raises DatabaseUnavailable when the engine does not answer, OperationalError for an attempt to write.
        """
        if at_length and self.is_sqlite:
            session = self._sessions()
        else:
            session = self._idle_sessions.pop() if self._idle_sessions else self._reading_sessions()
            borrow_from(session, self._kept)
        sound = True
        try:
            yield session
        except (DBAPIError, ConnectionError) as error:
            sound = False
            if not _is_lost(error):
                raise
            raise DatabaseUnavailable(f"{type(error).__name__}: {_reason(error)}") from error
        except (DatabaseUnavailable, asyncio.CancelledError):
            sound = False
            raise
        finally:
            await give_back(session, sound=sound)
            if session.in_transaction():
                await session.close()
            elif sound and session.bind is self.readers and len(self._idle_sessions) < IDLE_SESSIONS:
                session.info.clear()
                self._idle_sessions.append(session)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Let the writers of this process go in the order in which they came, where the engine takes one at a time.

        SQLite lets waiting writers look again and again, whoever is lucky first: under load some never were. Raises
        DatabaseUnavailable for one whose turn has not come within the busy timeout (fails closed: nothing is written).
        """
        if self._turns is None:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                await self._turns.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("too many writers wait") from error
        try:
            yield
        finally:
            self._turns.release()

    async def answers(self) -> bool:
        """Whether a query gets through."""
        try:
            async with self.reading() as session:
                await session.execute(text("SELECT 1"))
        except (DatabaseUnavailable, DBAPIError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self._kept.close()
        await self._brief.close()
        await self.brief_writers.dispose()
        await self.engine.dispose()
        await self.readers.dispose()


def _nobody() -> None:
    """Nobody waits for the outbox of this process."""


def table_of(rows: type[DeclarativeBase]) -> Table:
    """The table itself. What the mapper makes of an insert is put together anew each time."""
    return cast("Table", rows.__table__)


async def rows_changed(session: AsyncSession, statement: UpdateBase) -> int:
    """Execute what writes; how many rows it has written or deleted."""
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount


async def insert_new(session: AsyncSession, table: type[DeclarativeBase], **values: Any) -> bool:
    """Add a row unless its key exists already; whether it is new. Of two at the same moment one is."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return await rows_changed(session, dialect.insert(table).values(**values).on_conflict_do_nothing()) == 1


async def insert_new_rows(
    session: AsyncSession, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]], key: Any
) -> list[Any]:
    """Add rows unless their key exists already, in one statement; what `key` is of those that are new."""
    if not rows:
        return []
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made = dialect.insert(table_of(table)).on_conflict_do_nothing().returning(key)
    return list((await (await session.connection()).execute(made, rows)).scalars())


async def delete_rows(session: AsyncSession, table: type[DeclarativeBase], **key: Any) -> bool:
    """Delete the rows with these values; whether there were any."""
    return await rows_changed(session, delete(table).filter_by(**key)) > 0


async def delete_some(session: AsyncSession, table: type[DeclarativeBase], *where: Any, limit: int) -> int:
    """Delete `limit` of these rows at most; how many. For jobs that remove much in small transactions."""
    keys = list(table.__table__.primary_key.columns)  # type: ignore[attr-defined]  # a Table, though declared wider
    some = select(*keys).where(*where).limit(limit)
    chosen = keys[0].in_(some) if len(keys) == 1 else tuple_(*keys).in_(some)
    gone = delete(table).where(chosen).execution_options(synchronize_session=False)
    return await rows_changed(session, gone)


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a row with this key exists already (SQLite's text or PostgreSQL's SQLSTATE 23505)."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _is_lost(error: BaseException) -> bool:
    """Whether the engine does not answer any more. A PostgreSQL that is killed, or lets nobody in, says so in no class
    of its own: the connection is void then, or there was no statement yet.
    """
    if not isinstance(error, DBAPIError) or isinstance(error, OperationalError):
        return True
    return error.connection_invalidated or (error.statement is None and not isinstance(error, IntegrityError))


def _is_full(error: BaseException) -> bool:
    return getattr(getattr(error, "orig", error), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _reason(error: BaseException) -> str:
    """The driver's own words, without the statement and its values."""
    return str(getattr(error, "orig", error))
