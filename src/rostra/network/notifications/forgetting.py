"""Taking a deleted account out of everybody's notifications, a batch at a time."""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.notifications.notifications import NotificationId
from rostra.network.notifications.store import NotificationStore
from rostra.network.notifications.tables import (
    BellRow,
    DigestRow,
    MarkerRow,
    NotificationGroupRow,
    NotificationPermissionRow,
    NotificationPolicyRow,
    NotificationRow,
)
from rostra.platform.database import delete_some
from rostra.platform.ids import AccountId

BATCH: Final = 100


async def forget_notifications(session: AsyncSession, account_id: AccountId) -> int:
    """Remove a batch of what the account was told, or of what others were told of it; how many rows.

    Indexes: ix_notifications_account_id, ix_notifications_from_id.
    """
    for table in (NotificationRow, NotificationGroupRow, MarkerRow, DigestRow, NotificationPolicyRow):
        if gone := await delete_some(session, table, table.account_id == account_id, limit=BATCH):
            return gone
    either = or_(BellRow.account_id == account_id, BellRow.author_id == account_id)
    if gone := await delete_some(session, BellRow, either, limit=BATCH):
        return gone
    permission = NotificationPermissionRow
    permitted = or_(permission.account_id == account_id, permission.from_id == account_id)
    if gone := await delete_some(session, permission, permitted, limit=BATCH):
        return gone
    query = select(NotificationRow.account_id, NotificationRow.id).where(NotificationRow.from_id == account_id)
    told = (await session.execute(query.limit(BATCH))).all()
    store = NotificationStore(session)
    for reader, number in told:
        await store.dismiss(AccountId(reader), NotificationId(number))  # groups lose one and look for their newest
    return len(told)
