"""Which moments of broadcasts are still to be kept as sound. Stores never commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import delete_rows, insert_new, rows_changed, table_of
from rostra.platform.ids import BroadcastId
from rostra.platform.leases import claim, is_free, renew
from rostra.safety.cases import CaseId
from rostra.safety.tables import MomentRow

LEASE: Final = timedelta(seconds=30)
BEFORE_MS: Final = 60_000
AFTER_MS: Final = 30_000
"""What is kept around a moment: what led to it, and what was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """See MomentRow."""

    case_id: CaseId
    broadcast_id: BroadcastId
    first_part: int
    end_part: int
    due_at: datetime
    tries: int = 0


class MomentStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def want(self, moment: Moment) -> bool:
        """Keep its sound; False when that of this case is wanted already."""
        return await insert_new(
            self._session,
            MomentRow,
            case_id=moment.case_id,
            broadcast_id=moment.broadcast_id,
            first_part=moment.first_part,
            end_part=moment.end_part,
            due_at=moment.due_at,
            tries=0,
            worker="",
            leased_until=None,
        )

    async def is_waiting(self, worker: str, *, now: datetime) -> bool:
        """Whether `claim` could find one. Index: ix_moments_due_at."""
        query = select(MomentRow.case_id).where(MomentRow.due_at <= now, is_free(MomentRow, worker, now)).limit(1)
        return await self._session.scalar(query) is not None

    async def claim(self, worker: str, *, now: datetime) -> Moment | None:
        """The first one that is due, with this try counted. Of two workers one gets it."""
        due = MomentRow.due_at <= now
        found = await claim(
            self._session, MomentRow, due, order_by=MomentRow.due_at, worker=worker, now=now, lease=LEASE
        )
        if found is None:
            return None
        row = await self._session.get_one(MomentRow, found, populate_existing=True)
        tries = row.tries + 1
        await renew(self._session, MomentRow, found, worker=worker, now=now, lease=LEASE, tries=tries)
        return Moment(
            case_id=CaseId(row.case_id),
            broadcast_id=BroadcastId(row.broadcast_id),
            first_part=row.first_part,
            end_part=row.end_part,
            due_at=row.due_at,
            tries=tries,
        )

    async def postpone(self, case_id: CaseId, worker: str, *, until: datetime) -> bool:
        """Look again then, with all tries before it; False when another worker has it by now."""
        mine = update(table_of(MomentRow)).where(MomentRow.case_id == case_id, MomentRow.worker == worker)
        return await rows_changed(self._session, mine.values(due_at=until, tries=0, worker="", leased_until=None)) == 1

    async def finish(self, case_id: CaseId, worker: str) -> bool:
        """It is done, or given up; False when another worker has it by now."""
        return await delete_rows(self._session, MomentRow, case_id=case_id, worker=worker)
