"""Writing an act into the ledger, in the transaction of the act: it is there if and only if the act is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.platform.ids import AccountId
from rostra.safety.ledger import Act, LedgerStore
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
    personal = {"by": "" if by is None else str(by), "on": "" if on is None else str(on), "reason": reason}
    kept = {name: value for name, value in personal.items() if value}
    return await LedgerStore(session).add(act, facts, kept, now=now)
