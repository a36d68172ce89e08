"""Who may see a file that was uploaded: it needs one owner who may show it."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.network.media import MediaStore
from rostra.platform.errors import NotFound


async def check_shown(house: House, key: str) -> None:
    """Raises NotFound when no ready medium of an account that is shown holds the file, though it is on the disk."""
    async with house.database.reading() as session:
        owners = await MediaStore(session).owners(key)
        if not await ProfileStore(session).by_ids(owners):
            raise NotFound(f"no medium holds {key}")
