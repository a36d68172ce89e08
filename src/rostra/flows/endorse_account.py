"""Whom somebody recommends on their profile, and domains that they want nothing from."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.network.follows import DomainBlockStore, EndorsementStore, FollowStore, Relationship, domain_of
from rostra.platform.ids import AccountId


async def endorse_account(house: House, by: AccountId, target: AccountId, *, on: bool) -> Relationship:
    """Raises NoSuchAccount, EndorsementInvalid for whom one does not follow."""
    async with house.database.transaction() as session:
        await ProfileStore(session).get(target)
        store = EndorsementStore(session)
        if on:
            await store.endorse(house.ids.next(), by, target)
        else:
            await store.withdraw(by, target)
        (found,) = await FollowStore(session).relationships(by, [target], now=house.clock.now())
    return found


async def block_domain(house: House, by: AccountId, name: str, *, on: bool) -> None:
    """Raises DomainInvalid for what is no domain."""
    domain = domain_of(name)
    async with house.database.transaction() as session:
        store = DomainBlockStore(session)
        if on:
            await store.block(house.ids.next(), by, domain)
        else:
            await store.unblock(by, domain)
