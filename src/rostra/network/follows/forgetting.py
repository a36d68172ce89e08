"""Taking a deleted account out of the edges between accounts, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import AccountNoteRow, BlockRow, FollowRequestRow, FollowRow, MuteRow
from rostra.platform.database import delete_some
from rostra.platform.ids import AccountId

BATCH: Final = 200


async def forget_follows(session: AsyncSession, account_id: AccountId) -> list[AccountId]:
    """Remove a batch of follows in one direction and correct the counters of the others, who are returned.

    Indexes: ix_follows_follower_id, ix_follows_followee_id.
    """
    outwards = await _remove(session, FollowRow.follower_id == account_id, FollowRow.followee_id)
    if outwards:
        await _less(session, outwards, AccountRow.followers_count)
        return outwards
    inwards = await _remove(session, FollowRow.followee_id == account_id, FollowRow.follower_id)
    if inwards:
        await _less(session, inwards, AccountRow.following_count)
    return inwards


async def forget_edges(session: AsyncSession, account_id: AccountId) -> int:
    """Remove a batch of requests, blocks, mutes or notes in either direction; how many. Nothing counts them."""
    for table in (BlockRow, MuteRow, AccountNoteRow):
        either = or_(table.account_id == account_id, table.target_id == account_id)
        if gone := await delete_some(session, table, either, limit=BATCH):
            return gone
    either = or_(FollowRequestRow.follower_id == account_id, FollowRequestRow.followee_id == account_id)
    return await delete_some(session, FollowRequestRow, either, limit=BATCH)


async def _remove(session: AsyncSession, where: Any, other: Any) -> list[AccountId]:
    rows = (await session.execute(select(FollowRow.id, other).where(where).limit(BATCH))).all()
    ids = [row[0] for row in rows]
    if ids:
        gone = delete(FollowRow).where(FollowRow.id.in_(ids)).execution_options(synchronize_session=False)
        await session.execute(gone)
    return [AccountId(row[1]) for row in rows]


async def _less(session: AsyncSession, accounts: Collection[AccountId], counter: Any) -> None:
    """Locked in the order of the ids, as a follow does it, so that neither waits for the other for ever."""
    concerned = AccountRow.id.in_(accounts)
    await session.execute(select(AccountRow.id).where(concerned).order_by(AccountRow.id).with_for_update())
    changed = update(AccountRow).where(concerned).values({counter: counter - 1})
    await session.execute(changed.execution_options(synchronize_session=False))
