"""Lists of picture hashes: imported by the operator, read into memory by each site when they change."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Final

import msgspec

from rostra.flows.house import House
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.errors import Invalid
from rostra.platform.ids import IdSource
from rostra.platform.log import get_logger
from rostra.platform.metrics import gauge
from rostra.safety.categories import check_category
from rostra.safety.category_tree import Use
from rostra.safety.watching.hash_store import HashStore, ListEntry

_log = get_logger(__name__)
_count: Final = gauge("hashes", "Picture hashes that uploads are compared with")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,50}")
_labels: Final = msgspec.json.Decoder(tuple[str, ...])


class HashLists:
    """The lists as this site has them in memory."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._read: tuple[int, ...] = ()

    async def look(self) -> None:
        """Read them anew if another list is in force than before."""
        async with self._house.database.reading() as session:
            standing = await HashStore(session).standing_ids()
        if standing == self._read:
            return
        from rostra.safety.watching.hashes import HashIndex, HashList

        async with self._house.database.reading(at_length=True) as session:
            rows = await HashStore(session).standing()
        lists = [
            HashList(
                name=row.name,
                description=row.description,
                category=row.category,
                keyword=row.keyword,
                digest=_digest(row.hashes),
                hashes=row.hashes,
                labels=_labels.decode(row.labels),
            )
            for row in rows
        ]
        self._house.watch.index = await asyncio.to_thread(HashIndex, lists) if lists else None
        self._read = tuple(row.id for row in rows)
        count = sum(len(row.hashes) for row in rows) // 32
        _count.set(count)
        _log.info("hashes_in_force", lists=len(rows), hashes=count)


async def import_hashes(
    database: Database,
    clock: Clock,
    ids: IdSource,
    text: str,
    *,
    name: str,
    category: str,
    keyword: str,
    description: str,
) -> ListEntry:
    """Put a list in force, in place of what had its name. Raises Invalid, HashesWrong."""
    from rostra.safety.watching.hashes import HashList, read_hashes

    if not _NAME.fullmatch(name):
        message = "A list needs a name of 2 to 51 small letters, digits and hyphens."
        raise Invalid("hash list name", user_message=message, field="name")
    if not 10 <= len(description) <= 300:
        message = "Say in 10 to 300 characters what the pictures show: whose post is held reads it."
        raise Invalid("hash list description", user_message=message, field="description")
    check_category(category, keyword, use=Use.OWN_TERMS)
    hashes, labels = await asyncio.to_thread(read_hashes, text)
    found = HashList(
        name=name,
        description=description,
        category=category,
        keyword=keyword,
        digest=_digest(hashes),
        hashes=hashes,
        labels=labels,
    )
    async with database.transaction() as session:
        store = HashStore(session)
        await store.add_list(
            ids.next(),
            name=name,
            version=found.rule.version,
            category=category,
            keyword=keyword,
            description=description,
            hashes=hashes,
            labels=labels,
            now=clock.now(),
        )
        return (await store.lists())[-1]


def _digest(hashes: bytes) -> str:
    return hashlib.sha256(hashes).hexdigest()
