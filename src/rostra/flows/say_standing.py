"""Telling every process what stands for a subject. A broadcast has what stands for its account, too.

An edge knows broadcasts and no accounts. So what is decided about an account (suspended by anybody, ended, withheld in
a country, demoted, labelled, behind a gate) is said of each of its broadcasts, and taken back with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.network.accounts import AccountState, NoSuchAccount, ProfileStore
from rostra.platform import outbox
from rostra.platform.clock import to_us
from rostra.platform.ids import AccountId, BroadcastId
from rostra.safety.restrictions import BUCKET, Kind, Measure, Restriction, Standing, Subject
from rostra.safety.restrictions.store import RestrictionStore

_ON_BROADCAST: Final = {
    Measure.SUSPEND: Measure.DISABLE,
    Measure.TERMINATE: Measure.REMOVE,
    Measure.WITHHOLD: Measure.WITHHOLD,
}
"""What hides an account, as something that is done to a broadcast."""
_SUSPENDING: Final = frozenset({Measure.SUSPEND, Measure.TERMINATE})


async def say_standing(session: AsyncSession, subject: Subject, now: datetime) -> None:
    """Bring the bus in line, in the transaction of the change; of an account with all its broadcasts.

    The row's lock orders the announcements of two writers like their changes.
    """
    _put(session, subject, await standing_of(session, subject, now))
    if subject.kind is Kind.ACCOUNT:
        await say_broadcasts(session, AccountId(subject.id), now)


async def say_broadcasts(session: AsyncSession, account_id: AccountId, now: datetime) -> None:
    """The same for the broadcasts of an account whose state has changed, or that has them now."""
    inherited = await _of_account(session, account_id, now)
    store = RestrictionStore(session)
    for broadcast_id in await BroadcastStore(session).ids_of(account_id):
        subject = Subject(Kind.BROADCAST, broadcast_id)
        _put(session, subject, _with(await store.standing(subject, now), inherited, subject))


async def standing_of(session: AsyncSession, subject: Subject, now: datetime) -> Standing:
    """What every process has to know of a subject."""
    own = await RestrictionStore(session).standing(subject, now)
    if subject.kind is not Kind.BROADCAST:
        return own
    owner = await BroadcastStore(session).owner_of(BroadcastId(subject.id))
    return own if owner is None else _with(own, await _of_account(session, owner, now), subject)


async def hand_on(house: House, session: AsyncSession, account_id: AccountId, to: AccountId) -> None:
    """The broadcasts of an account that goes are another one's. What hid them with their account goes on hiding them.

    A decision keeps its hold on them: who has it reversed brings them back.
    """
    now, store, broadcasts = house.clock.now(), RestrictionStore(session), BroadcastStore(session)
    hiding = [each for each in await _of_account(session, account_id, now) if each.measure in _ON_BROADCAST]
    handed = await broadcasts.ids_of(account_id)
    await broadcasts.hand_over(account_id, to)
    for broadcast_id in handed:
        subject = Subject(Kind.BROADCAST, broadcast_id)
        for each in hiding:
            own = msgspec.structs.replace(
                each,
                id=house.ids.next(),
                kind=subject.kind,
                subject_id=subject.id,
                measure=_ON_BROADCAST[each.measure],
            )
            await store.add(own, now=now)
        await say_standing(session, subject, now)


async def _of_account(session: AsyncSession, account_id: AccountId, now: datetime) -> tuple[Restriction, ...]:
    """What stands for an account, and that it is suspended where an owner did that without a case."""
    found = (await RestrictionStore(session).standing(Subject(Kind.ACCOUNT, account_id), now)).restrictions
    try:
        state = await ProfileStore(session).state_of(account_id)
    except NoSuchAccount:
        return found
    suspends = any(each.measure in _SUSPENDING and each.in_force(to_us(now)) for each in found)
    if state is not AccountState.SUSPENDED or suspends:
        return found
    by_hand = Restriction(id=account_id, kind=Kind.ACCOUNT, subject_id=account_id, measure=Measure.SUSPEND, from_us=0)
    return (*found, by_hand)


def _with(own: Standing, inherited: tuple[Restriction, ...], subject: Subject) -> Standing:
    theirs = (msgspec.structs.replace(each, kind=subject.kind, subject_id=subject.id) for each in inherited)
    return Standing((*own.restrictions, *theirs))


def _put(session: AsyncSession, subject: Subject, standing: Standing) -> None:
    if standing.restrictions:
        outbox.put(session, BUCKET, subject.key, standing)
    else:
        outbox.delete_key(session, BUCKET, subject.key)
