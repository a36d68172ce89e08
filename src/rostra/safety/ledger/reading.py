"""Reading the whole ledger in pages, as it lies in the database, without taking anything on trust."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.safety.ledger.tables import LedgerDetailRow, LedgerEntryRow

PAGE: Final = 5_000
Row = tuple[int, bytes, bytes]
Beside = tuple[int, bytes, list[tuple[str, bytes, str]]]
_SEALED: Final = b'"sealed":{}'
"""How the content of an entry that commits to nothing ends; see `entries.encode`."""


class LedgerReader:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def pages(self, *, below: int) -> AsyncIterator[tuple[Sequence[Row], list[Beside]]]:
        """All entries with a smaller number, ascending, and what lies beside those that commit to something."""
        at = -1
        while True:
            query = select(LedgerEntryRow.number, LedgerEntryRow.content, LedgerEntryRow.hash)
            page = query.where(LedgerEntryRow.number > at).order_by(LedgerEntryRow.number).limit(PAGE)
            found = (await self._session.execute(page.where(LedgerEntryRow.number < below))).all()
            rows: list[Row] = [(row[0], _bytes(row[1]), _bytes(row[2])) for row in found]
            if not rows:
                return
            first, at = rows[0][0], rows[-1][0]
            yield rows, await self._beside(rows, first, at)

    async def _beside(self, rows: Sequence[Row], first: int, last: int) -> list[Beside]:
        table = LedgerDetailRow
        query = select(table.number, table.name, table.salt, table.value).where(table.number.between(first, last))
        found: dict[int, list[tuple[str, bytes, str]]] = {}
        for number, name, salt, value in await self._session.execute(query):
            found.setdefault(number, []).append((name, salt, value))
        return [
            (number, content, found.get(number, []))
            for number, content, _ in rows
            if number in found or not content.endswith(_SEALED + b"}")
        ]


def _bytes(value: bytes | str) -> bytes:
    """SQLite gives text where somebody has written text over bytes; that is to be found, and not to end the search."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
