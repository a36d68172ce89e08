"""What the hub needs to know of an account that connects."""

from __future__ import annotations

from array import array
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.follows.tables import BlockRow, FollowRow, MuteRow
from rostra.network.streaming.audience import Edges
from rostra.platform.ids import AccountId

FOLLOWS_MAX: Final = 10_000
"""Of whom somebody follows, the last so many are streamed; the rest is in the timeline."""


async def edges_of(session: AsyncSession, account_id: AccountId, *, now: datetime) -> Edges:
    """Two queries. Indexes: ix_follows_follower_id, and those of blocks and mutes."""
    still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > now)
    hiding = union_all(
        select(BlockRow.target_id).where(BlockRow.account_id == account_id),
        select(BlockRow.account_id).where(BlockRow.target_id == account_id),
        select(MuteRow.target_id).where(MuteRow.account_id == account_id, still),
    )
    hidden = frozenset((await session.scalars(hiding)).all())
    query = (
        select(FollowRow.followee_id, FollowRow.boosts, FollowRow.notify, FollowRow.languages)
        .where(FollowRow.follower_id == account_id)
        .order_by(FollowRow.id.desc())
        .limit(FOLLOWS_MAX)
    )
    follows = [row for row in (await session.execute(query)).all() if row.followee_id not in hidden]
    return Edges(
        authors=array("q", (row.followee_id for row in follows)),
        without_boosts=frozenset(row.followee_id for row in follows if not row.boosts),
        languages=tuple(
            (row.followee_id, frozenset(row.languages.split(","))) for row in follows if row.languages is not None
        ),
        hidden=hidden,
        bells=frozenset(row.followee_id for row in follows if row.notify),
    )
