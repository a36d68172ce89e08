"""What the hub needs to know of an account that connects."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.filters import Filters, FilterStore
from rostra.network.follows.tables import BlockRow, FollowRow, MuteRow
from rostra.network.lists import RepliesPolicy
from rostra.network.lists.tables import ListMemberRow, ListRow
from rostra.network.streaming.audience import Edges, ListEdges
from rostra.platform.ids import AccountId

FOLLOWS_MAX: Final = 10_000
"""Of whom somebody follows, the last so many are streamed; the rest is in the timeline."""


async def edges_of(
    session: AsyncSession, account_id: AccountId, *, now: datetime, lists: Collection[int] = ()
) -> Edges:
    """Four queries, one for the members of `lists`, the account's own that are streamed, two for what its filters hold.

    Indexes: ix_follows_follower_id, ix_lists_account_id, and those of blocks and mutes.
    """
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
    elsewhere = (
        select(ListMemberRow.account_id)
        .join(ListRow, ListRow.id == ListMemberRow.list_id)
        .where(ListRow.account_id == account_id, ListRow.exclusive)
    )
    return Edges(
        authors=array("q", (row.followee_id for row in follows)),
        without_boosts=frozenset(row.followee_id for row in follows if not row.boosts),
        languages=tuple(
            (row.followee_id, frozenset(row.languages.split(","))) for row in follows if row.languages is not None
        ),
        hidden=hidden,
        bells=frozenset(row.followee_id for row in follows if row.notify),
        elsewhere=frozenset((await session.scalars(elsewhere)).all()),
        lists=await _lists(session, account_id, lists) if lists else {},
        filters=Filters(filters) if (filters := await FilterStore(session).of(account_id)) else None,
    )


async def _lists(session: AsyncSession, account_id: AccountId, lists: Collection[int]) -> Mapping[int, ListEdges]:
    """Somebody else's lists are left out."""
    query = select(ListRow.id, ListRow.replies_policy, ListMemberRow.account_id).join(
        ListMemberRow, ListMemberRow.list_id == ListRow.id
    )
    own = query.where(ListRow.account_id == account_id, ListRow.id.in_(lists))
    members: dict[int, set[int]] = {}
    policies: dict[int, RepliesPolicy] = {}
    for list_id, policy, member in (await session.execute(own)).all():
        members.setdefault(list_id, set()).add(member)
        policies[list_id] = RepliesPolicy(policy)
    return {
        list_id: ListEdges(members=frozenset(found), policy=policies[list_id]) for list_id, found in members.items()
    }
