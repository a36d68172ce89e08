"""Queries over hashes of pictures and the lists to compare them with. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new
from rostra.platform.ids import MediaId
from rostra.safety.watching.tables import HashListRow, PictureHashRow

QUALITY_MIN: Final = 50
"""Fails open: a picture with less detail than that is compared with nothing, since too many pictures have its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """A list without its hashes. count: how many it has."""

    id: int
    name: str
    version: str
    category: str
    imported_at: datetime
    retired_at: datetime | None
    count: int


class HashStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_picture(self, media_id: MediaId, bits: bytes, quality: int) -> None:
        await insert_new(self._session, PictureHashRow, media_id=media_id, hash=bits, quality=quality)

    async def of_media(self, media_ids: Collection[MediaId]) -> list[bytes]:
        """The hashes of these that say enough to be compared."""
        if not media_ids:
            return []
        query = select(PictureHashRow.hash).where(PictureHashRow.media_id.in_(media_ids))
        return list(await self._session.scalars(query.where(PictureHashRow.quality >= QUALITY_MIN)))

    async def standing_ids(self) -> tuple[int, ...]:
        """Ids of the lists that are in force."""
        query = select(HashListRow.id).where(HashListRow.retired_at.is_(None)).order_by(HashListRow.id)
        return tuple(await self._session.scalars(query))

    async def standing(self) -> list[HashListRow]:
        """The lists that are in force, whole."""
        query = select(HashListRow).where(HashListRow.retired_at.is_(None)).order_by(HashListRow.id)
        return list(await self._session.scalars(query))

    async def lists(self) -> list[ListEntry]:
        """All of them, those that were replaced too, oldest first."""
        query = select(
            HashListRow.id,
            HashListRow.name,
            HashListRow.version,
            HashListRow.category,
            HashListRow.imported_at,
            HashListRow.retired_at,
            func.length(HashListRow.hashes),
        ).order_by(HashListRow.id)
        return [
            ListEntry(
                id=row[0],
                name=row[1],
                version=row[2],
                category=row[3],
                imported_at=row[4],
                retired_at=row[5],
                count=row[6] // 32,
            )
            for row in (await self._session.execute(query)).all()
        ]

    async def add_list(
        self,
        row_id: int,
        *,
        name: str,
        version: str,
        category: str,
        keyword: str,
        description: str,
        hashes: bytes,
        labels: tuple[str, ...],
        now: datetime,
    ) -> None:
        """In force from now on, in place of what had its name."""
        await self.retire(name, now=now)
        await self._session.execute(
            insert(HashListRow).values(
                id=row_id,
                name=name,
                version=version,
                category=category,
                keyword=keyword,
                description=description,
                imported_at=now,
                hashes=hashes,
                labels=msgspec.json.encode(labels).decode(),
            )
        )

    async def retire(self, name: str, *, now: datetime) -> None:
        """No more in force. What it has found stays written down under its version."""
        named = update(HashListRow).where(HashListRow.name == name, HashListRow.retired_at.is_(None))
        await self._session.execute(named.values(retired_at=now))
