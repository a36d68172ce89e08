"""Whether what somebody sends is dealt with at the moment (DSA, Article 23(2))."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.safety.misusing.misuse import SenderSuspended
from rostra.safety.misusing.store import MisuseStore


async def check_sender(house: House, session: AsyncSession, who: str, *, category: str = "") -> None:
    """Whether what somebody sends is dealt with. Danger to life, and to children, always is. Raises SenderSuspended."""
    if refused := (await check_senders(house, session, [(who, category)]))[0]:
        raise refused


async def check_senders(
    house: House, session: AsyncSession, asked: Sequence[tuple[str, str]]
) -> list[SenderSuspended | None]:
    """The same for many at the cost of one query: what is to be raised for each. asked: who, and the category."""
    not_urgent = {who for who, category in asked if category not in house.safety.urgent}
    found = await MisuseStore(session).suspended(not_urgent, house.clock.now())
    refused: list[SenderSuspended | None] = []
    for who, category in asked:
        stands = None if category in house.safety.urgent else found.get(who)
        until = None if stands is None else stands.suspended_until
        refused.append(None if stands is None or until is None else SenderSuspended(until, stands.reason))
    return refused
