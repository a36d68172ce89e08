"""How far somebody has read their home timeline and their notifications, the same on all their devices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.notifications.tables import MarkerRow
from rostra.platform.ids import AccountId

TIMELINES: Final = ("home", "notifications")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """version: how often it was set."""

    last_read_id: int
    version: int
    updated_at: datetime


class MarkerStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def read(self, account_id: AccountId, timelines: Collection[str]) -> dict[str, Marker]:
        """Those that were ever set."""
        query = select(MarkerRow).where(MarkerRow.account_id == account_id, MarkerRow.timeline.in_(timelines))
        return {
            row.timeline: Marker(last_read_id=row.last_read_id, version=row.version, updated_at=row.updated_at)
            for row in (await self._session.scalars(query)).all()
        }

    async def set(self, account_id: AccountId, timeline: str, last_read_id: int, *, now: datetime) -> None:
        """The last one to say so wins; going back is allowed."""
        dialect: Any = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        values = {"last_read_id": last_read_id, "updated_at": now}
        made = dialect.insert(MarkerRow).values(account_id=account_id, timeline=timeline, version=1, **values)
        await self._session.execute(
            made.on_conflict_do_update(
                index_elements=["account_id", "timeline"], set_=values | {"version": MarkerRow.version + 1}
            )
        )
