"""Who may see a file that was uploaded: it needs one owner who may show it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.accounts import AccountStore
from rostra.network.media import MediaStore
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId


async def check_shown(house: House, key: str) -> None:
    """Raises NotFound when no ready medium of a visible account holds the file, also while it is still on the disk."""
    async with house.database.reading() as session:
        owners = await MediaStore(session).owners(key)
        if not owners or not await _any_visible(session, owners):
            raise NotFound(f"no medium holds {key}")


async def _any_visible(session: AsyncSession, owners: Sequence[AccountId]) -> bool:
    accounts = AccountStore(session)
    for owner in owners:
        if await accounts.by_id(owner) is not None:
            return True
    return False
