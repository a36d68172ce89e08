"""Rows that one process works on at a time, for as long as a lease: who is killed loses them to another one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import UtcDateTime, rows_changed


class Leased:
    """Columns of such a table. worker: a random name of whoever is at it until leased_until."""

    worker: Mapped[str] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


def is_free(table: Any, worker: str, now: datetime) -> ColumnElement[bool]:
    """Nobody's at the moment, or this worker's already."""
    return or_(table.leased_until.is_(None), table.leased_until < now, table.worker == worker)


async def claim(
    session: AsyncSession, table: Any, *where: Any, order_by: Any, worker: str, now: datetime, lease: timedelta
) -> int | None:
    """The key of the first of these rows that is free, as this worker's from now on; None when there is none.

    Of two workers at the same moment one gets it: the other skips what is locked.
    """
    (key,) = table.__table__.primary_key.columns
    query = select(key).where(is_free(table, worker, now), *where).order_by(order_by).limit(1)
    found: int | None = await session.scalar(query.with_for_update(skip_locked=True))
    if found is not None:
        mine = update(table).where(key == found).values(worker=worker, leased_until=now + lease)
        await session.execute(mine.execution_options(synchronize_session=False))
    return found


async def renew(
    session: AsyncSession, table: Any, row_key: int, *, worker: str, now: datetime, lease: timedelta, **values: Any
) -> bool:
    """Hold the row for longer, and write `values` to it; False when another worker has it or it is gone.

    The row stays locked until the transaction ends, so what is done in it is done by one worker alone.
    """
    (key,) = table.__table__.primary_key.columns
    mine = update(table).where(key == row_key, table.worker == worker)
    changed = mine.values(leased_until=now + lease, **values).execution_options(synchronize_session=False)
    return await rows_changed(session, changed) == 1
