"""What a case weighs in the queue, from what is known of whom it is about."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.safety.store import Case
from rostra.safety.weights import weight


async def weight_of(house: House, session: AsyncSession, case: Case) -> int:
    """When it is opened, and each time the clock looks at it: followers come and go, and settings change."""
    owner = None
    if case.affected is not None:
        owner = (await ProfileStore(session).by_ids([case.affected])).get(case.affected)
    reach = 0 if owner is None else owner.followers_count
    return weight(case.category, case.source, house.safety, reach=reach)
