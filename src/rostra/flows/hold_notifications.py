"""Whose acts somebody is told of at once, and what becomes of those who wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network.notifications import HeldReader, NotificationStore, Policy, PolicyStore, Verdict
from rostra.network.streaming import SendersAccepted
from rostra.platform.ids import AccountId


async def change_policy(house: House, by: AccountId, change: Mapping[str, Verdict]) -> Policy:
    """change: by the names of Policy. It holds for what came before, too."""
    async with house.database.transaction() as session:
        store = PolicyStore(session)
        await store.change(by, change)
        return await store.of(by)


async def accept_senders(house: House, by: AccountId, senders: Sequence[AccountId]) -> None:
    """What waits of them is shown, and so is what they do from now on. Who does not wait is left out."""
    async with house.database.transaction() as session:
        store = PolicyStore(session)
        waiting = await HeldReader(session, by, now=house.clock.now()).among(senders)
        for each in waiting:
            await store.permit(by, each)
    if waiting:
        await tell(house, SendersAccepted(account_id=by))


async def dismiss_senders(house: House, by: AccountId, senders: Sequence[AccountId]) -> None:
    """What waits of them is gone; what they do from now on waits again. In small transactions."""
    async with house.database.reading() as session:
        waiting = await HeldReader(session, by, now=house.clock.now()).among(senders)
    for each in waiting:
        while await _dismiss_some(house, by, each):
            pass


async def check_waiting(house: House, by: AccountId, sender: AccountId) -> None:
    """Raises NoSuchNotification for who does not wait."""
    async with house.database.reading() as session:
        await HeldReader(session, by, now=house.clock.now()).get(sender)


async def _dismiss_some(house: House, by: AccountId, sender: AccountId) -> bool:
    """Whether there was something to dismiss."""
    async with house.database.transaction() as session:
        ids = await HeldReader(session, by, now=house.clock.now()).notices_of(sender)
        if ids:
            await NotificationStore(session).dismiss_several(by, ids)
        return bool(ids)
