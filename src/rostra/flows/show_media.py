"""Who may see a file that was uploaded: it needs one owner who may show it."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.network.media import Holder, MediaStore
from rostra.platform.errors import NotFound


async def shown_holders(house: House, key: str) -> list[Holder]:
    """The media through which the file is shown. Raises NotFound when no account that is shown has one, though it is
    on the disk.
    """
    async with house.database.reading() as session:
        holders = await MediaStore(session).holders(key)
        shown = await ProfileStore(session).by_ids({each.account_id for each in holders})
    found = [each for each in holders if each.account_id in shown]
    if not found:
        raise NotFound(f"no medium holds {key}")
    return found
