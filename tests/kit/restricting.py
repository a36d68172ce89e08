"""Restrictions for tests: imposed as a decision does it, and known to the process at once."""

from __future__ import annotations

from typing import Any

from rostra.flows.house import House
from rostra.flows.restrict import impose, lift
from rostra.safety.restrictions import Measure, Subject
from rostra.safety.restrictions.store import RestrictionStore


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
        standing = await RestrictionStore(session).standing(subject, house.clock.now())
    house.restrictions.put(subject, standing)
