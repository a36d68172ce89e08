"""Which files are held, by media and by what else must keep them, and which of them nobody holds any more.

A file lies in the store once, however many hold it. What the last one lets go of is noted, and a task unlinks it later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.media.tables import MediaFileRow, MediaGoneRow
from rostra.platform.ids import MediaId

BATCH: Final = 200


class HeldFiles:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def let_go(self, keys: Collection[str], *, now: datetime) -> None:
        """Note that these may be unlinked after a while, unless somebody holds them."""
        for key in keys:
            statement = self._upsert(MediaGoneRow, {"key": key, "gone_at": now}, "key", {"gone_at": now})
            await self._session.execute(statement)

    async def gone(self, before: datetime) -> Sequence[str]:
        """What was let go of before `before`, a batch. Index: ix_media_gone_gone_at."""
        query = select(MediaGoneRow.key).where(MediaGoneRow.gone_at < before).limit(BATCH)
        return (await self._session.scalars(query)).all()

    async def unheld(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that no medium holds."""
        query = select(MediaFileRow.key).where(MediaFileRow.key.in_(keys)).distinct()
        return set(keys) - set(await self._session.scalars(query))

    async def hold_for(self, holder: int, keys: Collection[str]) -> None:
        """Keep files for something that is no medium, such as evidence. holder: its id. Nobody gets them by that."""
        await self._hold(MediaId(holder), keys)

    async def hold_for_all(self, held: Mapping[int, Collection[str]]) -> None:
        """The same for many holders, in one statement."""
        rows = [{"key": key, "media_id": holder} for holder, keys in held.items() for key in dict.fromkeys(keys)]
        if rows:
            await self._session.execute(insert(MediaFileRow), rows)

    async def held_by(self, holders: Collection[int]) -> list[tuple[int, str]]:
        """What `hold_for` has kept for them: holder and key, the first holder first. Index: ix_media_files_media_id."""
        if not holders:
            return []
        query = select(MediaFileRow.media_id, MediaFileRow.key).where(MediaFileRow.media_id.in_(holders))
        rows = await self._session.execute(query.order_by(MediaFileRow.media_id, MediaFileRow.key))
        return [(row.media_id, row.key) for row in rows]

    async def release_from(self, holder: int, *, now: datetime) -> int:
        """The holder needs them no more; they go unless somebody else holds them. How many it were.

        Index: ix_media_files_media_id.
        """
        mine = MediaFileRow.media_id == holder
        keys = (await self._session.scalars(delete(MediaFileRow).where(mine).returning(MediaFileRow.key))).all()
        await self.let_go(keys, now=now)
        return len(keys)

    async def done_with(self, keys: Collection[str]) -> None:
        await self._session.execute(delete(MediaGoneRow).where(MediaGoneRow.key.in_(keys)))

    async def _hold(self, media_id: MediaId, keys: Collection[str]) -> None:
        if rows := [{"key": key, "media_id": media_id} for key in dict.fromkeys(keys)]:
            await self._session.execute(insert(MediaFileRow), rows)

    def _upsert(self, table: Any, row: Mapping[str, Any], key: str, changed: Mapping[str, Any] | None) -> Any:
        dialect: Any = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).values(**row)
        if changed is None:
            return statement.on_conflict_do_nothing(index_elements=[key])
        return statement.on_conflict_do_update(index_elements=[key], set_=changed)
