"""Lists of accounts by their edges: followers, follows, requests, blocks, mutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.edges import Edge
from rostra.network.follows.tables import BlockRow, FollowRequestRow, FollowRow, MuteRow
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page


class EdgeLists:
    """Every list is one query by keyset on an index that ends in the edge id."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def followers(self, of: AccountId, page: Page) -> list[Edge]:
        """Index: ix_follows_followee_id."""
        return await self._read(FollowRow, FollowRow.follower_id, page, FollowRow.followee_id == of)

    async def following(self, by: AccountId, page: Page) -> list[Edge]:
        """Index: ix_follows_follower_id."""
        return await self._read(FollowRow, FollowRow.followee_id, page, FollowRow.follower_id == by)

    async def requests(self, of: AccountId, page: Page) -> list[Edge]:
        """Who asks to follow. Index: ix_follow_requests_followee_id."""
        table = FollowRequestRow
        return await self._read(table, table.follower_id, page, table.followee_id == of)

    async def requests_count(self, of: AccountId, *, at_most: int = 40) -> int:
        """How many ask to follow, counted up to `at_most`."""
        query = select(FollowRequestRow.id).where(FollowRequestRow.followee_id == of).limit(at_most)
        return len((await self._session.scalars(query)).all())

    async def blocks(self, by: AccountId, page: Page) -> list[Edge]:
        """Index: ix_blocks_account_id."""
        return await self._read(BlockRow, BlockRow.target_id, page, BlockRow.account_id == by)

    async def mutes(self, by: AccountId, page: Page, *, now: datetime) -> list[Edge]:
        """Index: ix_mutes_account_id."""
        still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > now)
        return await self._read(MuteRow, MuteRow.target_id, page, MuteRow.account_id == by, still)

    async def followed_by_friends(self, viewer: AccountId, of: AccountId, *, limit: int) -> list[Edge]:
        """Followers of `of` whom the viewer follows."""
        friends = select(FollowRow.followee_id).where(FollowRow.follower_id == viewer)
        where = (FollowRow.followee_id == of, FollowRow.follower_id.in_(friends))
        return await self._read(FollowRow, FollowRow.follower_id, Page(limit=limit), *where)

    async def _read(self, table: Any, account: Any, page: Page, *where: ColumnElement[bool]) -> list[Edge]:
        query = select(table.id, *profile_columns()).join(AccountRow, AccountRow.id == account)
        query = page.narrow(query.where(*where, is_shown(AccountRow.state)), table.id)
        rows = (await self._session.execute(query)).all()
        return [Edge(row[0], profile_of(row[1:])) for row in page.in_order(rows)]
