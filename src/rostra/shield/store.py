"""Queries over signing keys. Stores never commit."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.media.wire import SigningKeys
from rostra.platform.database import rows_changed
from rostra.shield.tables import KeyRow


class KeyStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, family: str) -> SigningKeys | None:
        row = await self._session.scalar(select(KeyRow).where(KeyRow.family == family))
        return None if row is None else SigningKeys(current=row.current, previous=row.previous)

    async def add(self, family: str, keys: SigningKeys) -> None:
        """Raises sqlalchemy.exc.IntegrityError when the family has keys already."""
        row = {"family": family, "current": keys.current, "previous": keys.previous}
        await self._session.execute(insert(KeyRow).values(**row))

    async def change(self, family: str, before: SigningKeys, keys: SigningKeys) -> bool:
        """False when the family has another pair than `before` by now."""
        stale = (KeyRow.family == family) & (KeyRow.current == before.current)
        changed = await rows_changed(
            self._session,
            update(KeyRow)
            .where(stale, KeyRow.previous.is_not_distinct_from(before.previous))
            .values(current=keys.current, previous=keys.previous),
        )
        return changed == 1
