"""Reading the whole ledger in pages, as it lies in the database, without taking anything on trust.

Rows come as the driver has them: what SQLAlchemy makes of a million of them takes as long as all of the hashing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.prepared import Prepared
from rostra.safety.ledger.tables import LedgerDetailRow, LedgerEntryRow

PAGE: Final = 5_000
Row = tuple[int, bytes, bytes]
Beside = tuple[int, bytes, list[tuple[str, bytes, str]]]
_SEALED: Final = b'"sealed":{}}'
"""How the content of an entry that commits to nothing ends; see `entries.encode`."""
_ENTRIES: Final = Prepared(
    select(LedgerEntryRow.number, LedgerEntryRow.content, LedgerEntryRow.hash)
    .where(LedgerEntryRow.number > bindparam("after"), LedgerEntryRow.number < bindparam("below"))
    .order_by(LedgerEntryRow.number)
    .limit(PAGE)
)
_DETAILS: Final = Prepared(
    select(LedgerDetailRow.number, LedgerDetailRow.name, LedgerDetailRow.salt, LedgerDetailRow.value).where(
        LedgerDetailRow.number >= bindparam("first"), LedgerDetailRow.number <= bindparam("last")
    )
)


class LedgerReader:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def pages(self, *, below: int) -> AsyncIterator[tuple[Sequence[Row], list[Beside]]]:
        """All entries with a smaller number, ascending, and what lies beside those that commit to something."""
        at = -1
        while found := await _ENTRIES.rows(self._session, {"after": at, "below": below}):
            rows = [_row(each) for each in found]
            first, at = rows[0][0], rows[-1][0]
            yield rows, await self._beside(rows, first, at)

    async def _beside(self, rows: Sequence[Row], first: int, last: int) -> list[Beside]:
        found: dict[int, list[tuple[str, bytes, str]]] = {}
        for number, name, salt, value in await _DETAILS.rows(self._session, {"first": first, "last": last}):
            found.setdefault(number, []).append((name, salt, value))
        return [
            (number, content, found.get(number, []))
            for number, content, _ in rows
            if number in found or not content.endswith(_SEALED)
        ]


def _row(found: Sequence[Any]) -> Row:
    """SQLite gives text where somebody has written text over bytes; that is to be found, and not to end the search."""
    number, content, stored = found
    if type(content) is bytes and type(stored) is bytes:
        return number, content, stored
    return number, _bytes(content), _bytes(stored)


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
