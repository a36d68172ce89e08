"""Who wants letters about missed notifications, and when the next one is due. Stores never commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.notifications.tables import DigestRow, MarkerRow
from rostra.platform.database import delete_rows
from rostra.platform.ids import AccountId


class Every(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def period(self) -> timedelta:
        return timedelta(days=1 if self is Every.DAILY else 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """since_id: notifications above it are news to the reader: not told by letter, and not read in an app."""

    account_id: AccountId
    every: Every
    since_id: int


class DigestStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: AccountId) -> Every | None:
        """None for no letters, which is how every account begins."""
        found = await self._session.scalar(select(DigestRow.every).where(DigestRow.account_id == account_id))
        return None if found is None else Every(found)

    async def start(self, account_id: AccountId, every: Every, *, since_id: int, now: datetime) -> None:
        """The first one comes after one period, about what came since."""
        await self.stop(account_id)
        row = {"account_id": account_id, "every": every, "since_id": since_id, "due_at": now + every.period}
        await self._session.execute(insert(DigestRow).values(**row))

    async def stop(self, account_id: AccountId) -> None:
        """Stopping what does not run is no error."""
        await delete_rows(self._session, DigestRow, account_id=account_id)

    async def due(self, now: datetime, *, limit: int) -> list[AccountId]:
        """Of accounts that are shown. Index: ix_digests_due_at."""
        query = (
            select(DigestRow.account_id)
            .join(AccountRow, AccountRow.id == DigestRow.account_id)
            .where(DigestRow.due_at <= now, is_shown(AccountRow.state))
        )
        found = await self._session.scalars(query.order_by(DigestRow.due_at, DigestRow.account_id).limit(limit))
        return [AccountId(each) for each in found]

    async def take(self, account_id: AccountId, *, up_to: int, now: datetime) -> Digest | None:
        """It, moved on by one period for whoever writes the letter in this transaction; None when it is not due.

        up_to: the newest notification that the letter can tell of.
        """
        marker = select(MarkerRow.last_read_id).where(
            MarkerRow.account_id == account_id, MarkerRow.timeline == "notifications"
        )
        query = select(DigestRow.every, DigestRow.since_id).where(
            DigestRow.account_id == account_id, DigestRow.due_at <= now
        )
        found = (await self._session.execute(query.with_for_update())).first()
        if found is None:
            return None
        every, read = Every(found[0]), await self._session.scalar(marker)
        moved = update(DigestRow).where(DigestRow.account_id == account_id)
        await self._session.execute(moved.values(since_id=up_to, due_at=now + every.period))
        return Digest(account_id=account_id, every=every, since_id=max(found[1], read or 0))
