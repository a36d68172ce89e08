"""PostgreSQL's engines: for writers, for readers, and for brief writers, who go past SQLAlchemy (ADR 31)."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rostra.platform.kept import Kept, KeptConnections

LOST: Final = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a statement meets that is sent while the server says that it goes
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
"""What the driver raises when the server does not answer, or stops to; beside ConnectionError."""
BRIEF_WRITERS: Final = 8
"""Connections of theirs, as many as requests of the public are worked on at once; whoever comes then takes the long
way."""


def for_writers(url: URL, **pool: Any) -> AsyncEngine:
    return _leaving_lost_connections(create_async_engine(url, **pool))


def for_brief_writers(url: URL) -> AsyncEngine:
    """For SQLAlchemy each statement commits by itself: who has the connection has begun a transaction already."""
    made = create_async_engine(url, pool_size=BRIEF_WRITERS, max_overflow=0, isolation_level="AUTOCOMMIT")
    return _leaving_lost_connections(made)


def for_readers(url: URL, **pool: Any) -> AsyncEngine:
    """Without transactions, and unable to write."""
    only_reads = {"server_settings": {"default_transaction_read_only": "on"}}
    made = create_async_engine(url, **pool, isolation_level="AUTOCOMMIT", connect_args=only_reads)
    return _leaving_lost_connections(made)


class BriefWriters:
    """Connections for transactions of a few statements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._kept = KeptConnections(engine, shared=False, most=BRIEF_WRITERS)

    async def lock(self) -> Kept | None:
        """A connection with a transaction begun; None when all are taken. Raises as the driver does."""
        while (kept := await self._kept.lend()) is not None:
            try:
                await kept.driver.execute("BEGIN")
            except (*LOST, OSError):
                await self._kept.take_back(kept, sound=False)  # nothing was asked of it yet: take another one
            except BaseException:
                await self._kept.take_back(kept, sound=False)
                raise
            else:
                return kept
        return None

    async def commit(self, kept: Kept) -> bool:
        """False when the server has rolled back, since a statement had failed and nobody said so."""
        return bool(await kept.driver.execute("COMMIT") == "COMMIT")

    async def unlock(self, kept: Kept, *, done: bool) -> None:
        """done: committed. A connection that cannot even roll back is closed, which ends whatever was at work."""
        sound = done
        try:
            if not done:
                await kept.driver.execute("ROLLBACK")
                sound = True
        except (*LOST, OSError):
            pass  # closed below, and whoever wrote has the first error
        finally:
            await self._kept.take_back(kept, sound=sound)

    async def close(self) -> None:
        await self._kept.close()


def _leaving_lost_connections(engine: AsyncEngine) -> AsyncEngine:
    """Take no connection from the pool that the server has closed. Asking the server each time would be a journey."""

    @event.listens_for(engine.sync_engine, "checkout")
    def checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("closed by the server")

    return engine
