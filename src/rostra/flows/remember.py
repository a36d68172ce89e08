"""Writing an act into the ledger, in the transaction of the act: it is there if and only if the act is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.platform.ids import AccountId
from rostra.safety.ledger import Act, Addition, LedgerStore
from rostra.safety.ledger.entries import Fact

BY_CLOCK = "clock"
BY_OUTSIDE = "outside reviewer"
BY_OPERATOR = "operator"


async def remember(
    house: House,
    session: AsyncSession,
    act: Act,
    *,
    by: AccountId | str | None = None,
    on: AccountId | None = None,
    reason: str = "",
    **facts: Fact,
) -> int:
    """The number of the entry. Call it last: until the commit nobody else can write an entry.

    by, on, reason: who did it to whom, and in which words. The entry only commits to them, so they can be erased.
    """
    return await remember_at(house.clock.now(), session, act, by=by, on=on, reason=reason, **facts)


async def remember_at(
    now: datetime,
    session: AsyncSession,
    act: Act,
    *,
    by: AccountId | str | None = None,
    on: AccountId | None = None,
    reason: str = "",
    **facts: Fact,
) -> int:
    """The same for who has no house: commands of the operator."""
    return await LedgerStore(session).add_all([to_remember(act, by=by, on=on, reason=reason, **facts)], now=now)


def to_remember(
    act: Act,
    *,
    by: AccountId | str | None = None,
    on: AccountId | None = None,
    reason: str = "",
    **facts: Fact,
) -> Addition:
    """An entry that is written together with others; see `remember_all`."""
    personal = {"by": "" if by is None else str(by), "on": "" if on is None else str(on), "reason": reason}
    return Addition(act, facts, {name: value for name, value in personal.items() if value})


async def remember_all(house: House, session: AsyncSession, entries: Sequence[Addition]) -> None:
    """In this order. Call it last: until the commit nobody else can write an entry."""
    if entries:
        await LedgerStore(session).add_all(entries, now=house.clock.now())
