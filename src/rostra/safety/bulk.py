"""Acts on several cases at once: each case is decided by itself, and the act only says that they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import UtcDateTime
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.platform.prepared import Prepared
from rostra.safety.desk_tables import BulkActRow

CASES_MOST: Final = 50
"""More than this nobody reads before pressing a button. Fails closed: the rest is left for a second act."""
_NEWEST: Final = Prepared(
    select(BulkActRow.id, BulkActRow.made_at)
    .where(
        BulkActRow.by == bindparam("who", type_=BigInteger),
        BulkActRow.made_at >= bindparam("since", type_=UtcDateTime),
    )
    .order_by(BulkActRow.made_at.desc())
    .limit(literal_column("1"))
)


class NoSuchBulk(NotFound):
    code = "no_such_bulk"
    user_message = "There is no such act on several cases."


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """by: who has decided."""

    id: int
    by: AccountId
    made_at: datetime


class BulkStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, act: BulkAct) -> None:
        await self._session.execute(insert(BulkActRow).values(id=act.id, by=act.by, made_at=act.made_at))

    async def get(self, bulk_id: int) -> BulkAct:
        """Raises NoSuchBulk."""
        row = await self._session.get(BulkActRow, bulk_id)
        if row is None:
            raise NoSuchBulk(f"bulk {bulk_id}")
        return BulkAct(id=row.id, by=AccountId(row.by), made_at=row.made_at)

    async def newest_of(self, who: AccountId, since: datetime) -> BulkAct | None:
        """Index: ix_bulk_acts_by."""
        rows = await _NEWEST.rows(self._session, {"who": who, "since": since})
        if not rows:
            return None
        bulk_id, made_at = _NEWEST.converted(self._session, rows[0])
        return BulkAct(id=bulk_id, by=who, made_at=made_at)
