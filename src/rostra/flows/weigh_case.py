"""What a case weighs in the queue, from what is known of whom it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.platform.ids import AccountId
from rostra.safety.decisions import Source
from rostra.safety.weights import weight


@dataclass(frozen=True, slots=True)
class Reach:
    """How many follow each whom cases are about; those that are gone are absent."""

    followers: Mapping[int, int]

    def weight(self, house: House, category: str, source: Source, affected: AccountId | None) -> int:
        reach = 0 if affected is None else self.followers.get(affected, 0)
        return weight(category, source, house.safety, reach=reach)


async def reach_of(session: AsyncSession, affected: Collection[AccountId | None]) -> Reach:
    """One query for all of them."""
    found = await ProfileStore(session).by_ids([each for each in affected if each is not None])
    return Reach({account_id: profile.followers_count for account_id, profile in found.items()})
