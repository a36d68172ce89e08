"""The outbox: what a transaction tells the bus, written in that transaction and relayed after it.

A change and its announcement commit together or not at all. The relay sends rows in the order of their ids
and deletes each after the bus has stored it, so a crash between the two repeats a row and never loses one:
every announcement is idempotent (a key-value put, a delete, or a stream message with its own id).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import LargeBinary, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.database import ANNOUNCES, Base, Database, DatabaseUnavailable
from rostra.platform.log import get_logger

_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()
_RELAY_LOCK: Final = 0x726F7374  # "rost": the advisory lock that keeps one relay at a time on PostgreSQL
BATCH: Final = 100
POLL_S: Final = 0.5
SOON_S: Final = 0.02
"""While another site's relay is at it: what was committed here meanwhile may not be in its batch."""


class Kind(StrEnum):
    PUT = "put"
    DELETE = "delete"
    PUBLISH = "publish"


class OutboxRow(Base):
    """One announcement. target: a bucket, or the subject; name: a key, or the message id."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[Kind] = mapped_column(String(8))
    target: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    payload: Mapped[bytes] = mapped_column(LargeBinary)


def put(session: AsyncSession, bucket: str, key: str, value: msgspec.Struct | bytes) -> None:
    """Set a key of a bucket once this transaction has committed."""
    payload = value if isinstance(value, bytes) else _json.encode(value)
    _add(session, OutboxRow(kind=Kind.PUT, target=bucket, name=key, payload=payload))


def delete_key(session: AsyncSession, bucket: str, key: str) -> None:
    _add(session, OutboxRow(kind=Kind.DELETE, target=bucket, name=key, payload=b""))


def publish(session: AsyncSession, subject: str, message_id: str, value: msgspec.Struct) -> None:
    """Add a message to a stream once this transaction has committed."""
    _add(session, OutboxRow(kind=Kind.PUBLISH, target=subject, name=message_id, payload=_json.encode(value)))


def _add(session: AsyncSession, row: OutboxRow) -> None:
    session.add(row)
    session.info[ANNOUNCES] = True


class Relay:
    """Carries the outbox to the bus for ever: at once after a commit of this process, else at the next poll."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._wake = asyncio.Event()
        self._another_sends = False
        database.announced = self.nudge

    def nudge(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            try:
                sent = await self.send_batch()
            except (BusUnavailable, DatabaseUnavailable) as error:
                _log.warning("outbox_waits", reason=str(error))
                sent = 0
            if sent == 0:
                try:
                    await asyncio.wait_for(self._wake.wait(), SOON_S if self._another_sends else POLL_S)
                except TimeoutError:
                    continue
                finally:
                    self._wake.clear()

    async def send_batch(self) -> int:
        """Send up to BATCH rows in order; how many went out. Raises BusUnavailable at the first that cannot."""
        self._another_sends = False
        async with self._database.reading() as session:
            if await _is_empty(session):
                return 0
        async with self._database.transaction() as session:
            if not await _is_only_relay(session, self._database):
                self._another_sends = True
                return 0
            rows = await _oldest(session)
            sent: list[int] = []
            try:
                for row in rows:
                    await self._send(row)
                    sent.append(row.id)
            finally:
                if sent:
                    await session.execute(delete(OutboxRow).where(OutboxRow.id.in_(sent)))
                    await session.commit()
        return len(sent)

    async def _send(self, row: OutboxRow) -> None:
        if row.kind == Kind.PUT:
            await self._bus.put(row.target, row.name, row.payload)
        elif row.kind == Kind.DELETE:
            await self._bus.delete(row.target, row.name)
        else:
            await self._bus.publish_durable(row.target, row.payload, message_id=row.name)


async def _is_empty(session: AsyncSession) -> bool:
    return (await session.scalar(select(OutboxRow.id).limit(1))) is None


async def _oldest(session: AsyncSession) -> Sequence[OutboxRow]:
    return (await session.scalars(select(OutboxRow).order_by(OutboxRow.id).limit(BATCH))).all()


async def _is_only_relay(session: AsyncSession, database: Database) -> bool:
    """SQLite's write lock is ours already; PostgreSQL needs an advisory lock, held to the end of the transaction."""
    if database.is_sqlite:
        return True
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(_RELAY_LOCK))))
