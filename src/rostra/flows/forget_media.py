"""What is no longer wanted goes: uploads that were never posted, files that nobody holds, folders of killed takers."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

from rostra.flows.house import House
from rostra.network.media import UNATTACHED_LIFETIME, MediaStore
from rostra.network.media.incoming import left_behind
from rostra.platform.clock import to_us
from rostra.platform.files import FileStore
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger

KEPT_UNHELD: Final = timedelta(minutes=10)
"""A file that was just moved in may belong to a transaction that has not committed: so long it is left alone."""
KEPT_INCOMING: Final = timedelta(hours=6)
_log = get_logger(__name__)


async def forget_media(house: House) -> None:
    """Once an hour. Each step is a transaction of its own, and doing it twice does no harm."""
    now = house.clock.now()
    while True:
        async with house.database.transaction() as session:
            forgotten = await MediaStore(session).forget_unattached(now - UNATTACHED_LIFETIME, now=now)
        if not forgotten:
            break
    await unlink_gone(house)
    folders = await asyncio.to_thread(left_behind, house.files.root, before_us=to_us(now - KEPT_INCOMING))
    for folder in folders:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def forget_account_media(house: House, account_id: AccountId) -> None:
    """Part of deleting an account. Its files are unlinked by the hour; nobody gets them from now on."""
    more = True
    while more:
        async with house.database.transaction() as session:
            more = await MediaStore(session).forget_account(account_id, now=house.clock.now())


async def unlink_gone(house: House) -> int:
    """Unlink files that were let go of a while ago and that no medium holds; how many.

    On both databases nobody can begin to hold a file between the look and the unlinking without having moved it in
    anew, and a file that was just moved in is young: it is left for the next hour.
    """
    unlinked = 0
    while True:
        now = house.clock.now()
        async with house.database.transaction() as session:
            store = MediaStore(session)
            keys = await store.gone(now - KEPT_UNHELD)
            unheld = await store.unheld(keys) if keys else set()
            young = await asyncio.to_thread(_young, house.files, unheld, to_us(now - KEPT_UNHELD))
            for key in unheld - young:
                await house.files.delete(key)
                unlinked += 1
            await store.done_with([key for key in keys if key not in young])
            await store.let_go(young, now=now)
        if not keys:
            break
    if unlinked:
        _log.info("media_unlinked", files=unlinked)
    return unlinked


def _young(files: FileStore, keys: set[str], since_us: int) -> set[str]:
    return {key for key in keys if _is_young(files.root / key, since_us)}


def _is_young(path: Path, since_us: int) -> bool:
    try:
        return path.stat().st_mtime_ns // 1000 > since_us
    except FileNotFoundError:
        return False
