"""Restrictions for tests: imposed as a decision does it, and known to the process at once."""

from __future__ import annotations

from typing import Any

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.restrict import impose, lift
from rostra.flows.say_standing import standing_of
from rostra.platform.ids import AccountId
from rostra.safety.restrictions import Kind, Measure, Subject


async def imposed(house: House, subject: Subject, measure: Measure, **more: Any) -> int:
    """The restriction's id. more: as of `impose`."""
    number = house.ids.next()
    async with house.database.transaction() as session:
        await impose(session, subject, measure, restriction_id=number, now=house.clock.now(), **more)
    await known(house, subject)
    return number


async def lifted(house: House, number: int) -> None:
    async with house.database.transaction() as session:
        subject = (await lift(session, number, now=house.clock.now())).subject
    await known(house, subject)


async def known(house: House, subject: Subject) -> None:
    """What the bus would have told this process by now."""
    async with house.database.reading() as session:
        subjects = [subject]
        if subject.kind is Kind.ACCOUNT:
            theirs = await BroadcastStore(session).ids_of(AccountId(subject.id))
            subjects += [Subject(Kind.BROADCAST, each) for each in theirs]
        for each in subjects:
            house.restrictions.put(each, await standing_of(session, each, house.clock.now()))
