"""Whether what somebody sends is dealt with at the moment (DSA, Article 23(2))."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.safety.misusing.misuse import SenderSuspended
from rostra.safety.misusing.store import MisuseStore


async def check_sender(house: House, session: AsyncSession, who: str, *, category: str = "") -> None:
    """Whether what somebody sends is dealt with. Danger to life, and to children, always is. Raises SenderSuspended."""
    if category in house.safety.urgent:
        return
    found = await MisuseStore(session).suspended(who, house.clock.now())
    if found is not None and found.suspended_until is not None:
        raise SenderSuspended(found.suspended_until, found.reason)
