"""Connections that are kept for prepared statements of readers, and lent without ceremony.

SQLAlchemy lends a connection with a dozen checks and events, and closes a session in a task of its own: together a
fifth of a page of the home timeline. A prepared statement needs none of it, since it is read to its end at once and
leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

MOST: Final = 6
_LENDER: Final = "rostra_lender"
_LENT: Final = "rostra_lent"
_DRIVER: Final = "rostra_driver"
_WRITES: Final = "rostra_writes_briefly"


@dataclass(frozen=True, slots=True)
class Kept:
    """driver: the driver's own connection."""

    connection: AsyncConnection
    driver: Any

    @property
    def dialect(self) -> Dialect:
        return self.connection.dialect

    @property
    def is_sound(self) -> bool:
        return not getattr(self.driver, "is_closed", _never)()


class KeptConnections:
    """Of one engine of readers. shared: one for all at once, where no statement is ever interrupted by another."""

    def __init__(self, engine: AsyncEngine, *, shared: bool, most: int = MOST) -> None:
        self._engine = engine
        self._most = most
        self._shared = shared
        self._idle: list[Kept] = []
        self._count = 0

    async def lend(self) -> Kept | None:
        """None when all are lent: whoever asks takes one of the engine's."""
        if self._shared:
            if not self._idle:
                made = await self._made()
                self._idle.append(made)
            return self._idle[0]
        while self._idle:
            found = self._idle.pop()
            if found.is_sound:
                return found
            await self._drop(found)
        if self._count == self._most:
            return None
        self._count += 1
        try:
            return await self._made()
        except BaseException:
            self._count -= 1
            raise

    async def take_back(self, kept: Kept, *, sound: bool) -> None:
        """sound: nothing went wrong while it was lent."""
        if self._shared:
            return
        if sound:
            self._idle.append(kept)
        else:
            await self._drop(kept)

    async def close(self) -> None:
        """Those that are still lent are closed with the engine."""
        for each in self._idle:
            await each.connection.close()
        self._idle.clear()

    async def _made(self) -> Kept:
        connection = await self._engine.connect()
        return Kept(connection, (await connection.get_raw_connection()).driver_connection)

    async def _drop(self, kept: Kept) -> None:
        self._count -= 1
        await kept.connection.invalidate()
        await kept.connection.close()


def borrow_from(session: AsyncSession, lender: KeptConnections) -> None:
    """Let the session's prepared statements go on a kept connection, from the first one on."""
    session.info[_LENDER] = lender


def lend(session: AsyncSession, kept: Kept) -> None:
    """Let the session's prepared statements go on this connection, whose transaction has begun; writes, too."""
    session.info[_DRIVER] = kept.dialect, kept.driver
    session.info[_WRITES] = True


def writes_briefly(session: AsyncSession) -> bool:
    """Whether prepared writes of the session may go on the driver's connection: its transaction has begun there."""
    return _WRITES in session.info


async def driver_of(session: AsyncSession) -> tuple[Dialect, Any]:
    """The driver's connection for the session's prepared statements. It is remembered until the session ends."""
    found: tuple[Dialect, Any] | None = session.info.get(_DRIVER)
    if found is not None:
        return found
    lender: KeptConnections | None = session.info.get(_LENDER)
    kept = None if lender is None else await lender.lend()
    if kept is None:
        connection = await session.connection()
        found = connection.dialect, (await connection.get_raw_connection()).driver_connection
    else:
        session.info[_LENT] = kept
        found = kept.dialect, kept.driver
    session.info[_DRIVER] = found
    return found


async def give_back(session: AsyncSession, *, sound: bool) -> None:
    """At the end of a session that borrowed: sound when nothing went wrong."""
    kept: Kept | None = session.info.pop(_LENT, None)
    if kept is not None:
        await session.info[_LENDER].take_back(kept, sound=sound)


def _never() -> bool:
    return False
