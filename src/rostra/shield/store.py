"""Queries over signing keys. Stores never commit."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.media.wire import KeyPair
from rostra.shield.tables import KeyRow


class KeyStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, family: str) -> KeyPair | None:
        row = await self._session.scalar(select(KeyRow).where(KeyRow.family == family))
        return None if row is None else KeyPair(current=row.current, previous=row.previous)

    async def add(self, family: str, keys: KeyPair) -> None:
        """Raises sqlalchemy.exc.IntegrityError when the family has keys already."""
        row = {"family": family, "current": keys.current, "previous": keys.previous}
        await self._session.execute(insert(KeyRow).values(**row))
