"""Keeping lists of accounts: making, changing and filling them. Open streams hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network import text
from rostra.network.lists import AccountList, ListChange, ListId, ListStore, RepliesPolicy
from rostra.network.streaming import EdgesChanged
from rostra.platform.ids import AccountId


async def make_list(house: House, owner: AccountId, wish: ListChange) -> AccountList:
    """What the wish leaves open is as apps expect it. Raises ListInvalid."""
    wish = ListChange(
        title=text.clean_name(wish.title or ""),
        replies_policy=wish.replies_policy or RepliesPolicy.LIST,
        exclusive=bool(wish.exclusive),
    )
    list_id = ListId(house.ids.next())
    async with house.database.transaction() as session:
        lists = ListStore(session)
        await lists.add(list_id, owner, wish)
        return await lists.get(owner, list_id)


async def change_list(house: House, owner: AccountId, list_id: ListId, change: ListChange) -> AccountList:
    """Raises NoSuchList, ListInvalid."""
    if change.title is not None:
        change = replace(change, title=text.clean_name(change.title))
    async with house.database.transaction() as session:
        lists = ListStore(session)
        await lists.get(owner, list_id)
        await lists.change(owner, list_id, change)
        changed = await lists.get(owner, list_id)
    await tell(house, EdgesChanged(account_ids=[owner]))
    return changed


async def delete_list(house: House, owner: AccountId, list_id: ListId) -> None:
    """Raises NoSuchList."""
    async with house.database.transaction() as session:
        lists = ListStore(session)
        await lists.get(owner, list_id)
        await lists.remove(owner, list_id)
    await tell(house, EdgesChanged(account_ids=[owner]))


async def add_to_list(house: House, owner: AccountId, list_id: ListId, members: Sequence[AccountId]) -> None:
    """Raises NoSuchList, ListInvalid; then nobody is added."""
    edges = [(house.ids.next(), member) for member in dict.fromkeys(members)]
    async with house.database.transaction() as session:
        lists = ListStore(session)
        await lists.get(owner, list_id)
        await lists.add_members(owner, list_id, edges)
    await tell(house, EdgesChanged(account_ids=[owner]))


async def remove_from_list(house: House, owner: AccountId, list_id: ListId, members: Sequence[AccountId]) -> None:
    """Who is not in the list is no error. Raises NoSuchList."""
    async with house.database.transaction() as session:
        lists = ListStore(session)
        await lists.get(owner, list_id)
        await lists.remove_members(list_id, members)
    await tell(house, EdgesChanged(account_ids=[owner]))
