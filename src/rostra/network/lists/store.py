"""Queries over lists and their members. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows import Edge
from rostra.network.follows.tables import FollowRow
from rostra.network.lists.lists import (
    LISTS_MAX,
    MEMBERS_MAX,
    AccountList,
    ListChange,
    ListId,
    ListInvalid,
    NoSuchList,
    RepliesPolicy,
)
from rostra.network.lists.tables import ListMemberRow, ListRow
from rostra.platform.database import delete_some, insert_new
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page

_COLUMNS: Final[tuple[Any, ...]] = (ListRow.id, ListRow.title, ListRow.replies_policy, ListRow.exclusive)


class ListStore:
    """Every list is asked for with its owner: somebody else's does not exist."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, owner: AccountId) -> list[AccountList]:
        """All lists of an account, the oldest first; LISTS_MAX at most. Index: ix_lists_account_id."""
        query = select(*_COLUMNS).where(ListRow.account_id == owner).order_by(ListRow.id)
        return [_list(row) for row in (await self._session.execute(query)).all()]

    async def get(self, owner: AccountId, list_id: ListId) -> AccountList:
        """Raises NoSuchList."""
        query = select(*_COLUMNS).where(ListRow.id == list_id, ListRow.account_id == owner)
        row = (await self._session.execute(query)).first()
        if row is None:
            raise NoSuchList(f"list {list_id} of {owner}")
        return _list(row)

    async def with_member(self, owner: AccountId, member: AccountId) -> list[AccountList]:
        """The owner's lists that `member` is in. Index: ix_list_members_account_id."""
        query = select(*_COLUMNS).join(ListMemberRow, ListMemberRow.list_id == ListRow.id).order_by(ListRow.id)
        query = query.where(ListRow.account_id == owner, ListMemberRow.account_id == member)
        return [_list(row) for row in (await self._session.execute(query)).all()]

    async def add(self, list_id: ListId, owner: AccountId, made: ListChange) -> None:
        """Raises ListInvalid when the account has all the lists that it may have."""
        made.check()
        values = asdict(made) | {"id": list_id, "account_id": owner}
        await self._session.execute(insert(ListRow).values(**values))
        count = await self._session.scalar(select(func.count()).where(ListRow.account_id == owner))
        if (count or 0) > LISTS_MAX:
            raise ListInvalid("You have reached the maximum number of lists")

    async def change(self, owner: AccountId, list_id: ListId, change: ListChange) -> None:
        """Raises ListInvalid."""
        change.check()
        values = {name: value for name, value in asdict(change).items() if value is not None}
        if values:
            own = (ListRow.id == list_id) & (ListRow.account_id == owner)
            await self._session.execute(update(ListRow).where(own).values(**values))

    async def remove(self, owner: AccountId, list_id: ListId) -> None:
        await self._session.execute(delete(ListRow).where(ListRow.id == list_id, ListRow.account_id == owner))

    # members

    async def members(self, list_id: ListId, page: Page) -> list[Edge]:
        """Who is in the list, the last ones to come first. Index: ix_list_members_list_id."""
        query = select(ListMemberRow.id, *profile_columns()).join(AccountRow, AccountRow.id == ListMemberRow.account_id)
        query = query.where(ListMemberRow.list_id == list_id, is_shown(AccountRow.state))
        rows = (await self._session.execute(page.narrow(query, ListMemberRow.id))).all()
        return [Edge(row[0], profile_of(row[1:])) for row in page.in_order(rows)]

    async def add_members(self, owner: AccountId, list_id: ListId, members: Sequence[tuple[int, AccountId]]) -> None:
        """members: edge ids and accounts, all of them or none.

        Raises NoSuchList for an account that the owner does not follow; ListInvalid for one that is in the list
        already, and above MEMBERS_MAX.
        """
        wanted = {member for _, member in members}
        query = select(FollowRow.followee_id).where(FollowRow.follower_id == owner, FollowRow.followee_id.in_(wanted))
        strangers = wanted.difference((await self._session.scalars(query)).all())
        if strangers:
            raise NoSuchList(f"{owner} does not follow {min(strangers)}")
        for edge_id, member in members:
            if not await insert_new(self._session, ListMemberRow, id=edge_id, list_id=list_id, account_id=member):
                raise ListInvalid("Account has already been taken")
        count = await self._session.scalar(select(func.count()).where(ListMemberRow.list_id == list_id))
        if (count or 0) > MEMBERS_MAX:
            raise ListInvalid(f"Accounts are too many (maximum is {MEMBERS_MAX})")

    async def remove_members(self, list_id: ListId, members: Collection[AccountId]) -> None:
        gone = (ListMemberRow.list_id == list_id) & ListMemberRow.account_id.in_(members)
        await self._session.execute(delete(ListMemberRow).where(gone))

    async def part(self, owner: AccountId, member: AccountId) -> None:
        """The owner no longer follows `member`, who leaves all their lists."""
        own = select(ListRow.id).where(ListRow.account_id == owner)
        gone = (ListMemberRow.account_id == member) & ListMemberRow.list_id.in_(own)
        await self._session.execute(delete(ListMemberRow).where(gone))

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's lists and memberships; how many rows."""
        own = select(ListRow.id).where(ListRow.account_id == account_id)
        for table, where in (
            (ListMemberRow, ListMemberRow.account_id == account_id),
            (ListMemberRow, ListMemberRow.list_id.in_(own)),
            (ListRow, ListRow.account_id == account_id),
        ):
            if gone := await delete_some(self._session, table, where, limit=limit):
                return gone
        return 0


def _list(row: Sequence[Any]) -> AccountList:
    list_id, title, policy, exclusive = row
    return AccountList(id=ListId(list_id), title=title, replies_policy=RepliesPolicy(policy), exclusive=exclusive)
