"""Writing to the ledger and reading it. Stores never commit: an entry is there if and only if the act is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import CursorResult, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new, table_of
from rostra.safety.ledger.checkpoints import Checkpoint
from rostra.safety.ledger.entries import Act, Content, Entry, Fact, decode, details_of, encode
from rostra.safety.ledger.stamps import Stamp
from rostra.safety.ledger.tables import (
    IS_PERSON,
    LedgerCheckpointRow,
    LedgerDetailRow,
    LedgerEntryRow,
    LedgerHeadRow,
    LedgerStampRow,
)
from rostra.safety.ledger.tree import NOTHING, Frontier, leaf_hash

HEAD: Final = 1
LISTED: Final = 100


class Addition(NamedTuple):
    """What an entry is made of; see `LedgerStore.add`."""

    act: Act
    facts: Mapping[str, Fact]
    personal: Mapping[str, str]


class LedgerStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, act: Act, facts: Mapping[str, Fact], personal: Mapping[str, str], *, now: datetime) -> int:
        """Add an entry; its number. Its place is locked until the transaction ends, so call this last.

        personal: what can be erased later; the entry only commits to it.
        """
        return await self.add_all([Addition(act, facts, personal)], now=now)

    async def add_all(self, additions: Sequence[Addition], *, now: datetime) -> int:
        """Add entries in this order, in as many statements as one takes; the number of the first. Raises ValueError
        for none.
        """
        if not additions:
            raise ValueError("nothing to add")
        first, last, frontier = await self._head()
        entries: list[dict[str, Any]] = []
        beside: list[dict[str, Any]] = []
        for number, each in enumerate(additions, first):
            details = details_of(dict(each.personal))
            sealed = {detail.name: detail.commitment for detail in details}
            content = encode(Content(n=number, at=now, act=each.act, facts=dict(each.facts), sealed=sealed))
            last = leaf_hash(number, last, content)
            frontier.add(last)
            entries.append({"number": number, "content": content, "hash": last})
            beside += [{"number": number, "name": of.name, "salt": of.salt, "value": of.value} for of in details]
        await self._session.execute(insert(table_of(LedgerEntryRow)), entries)
        if beside:
            await self._session.execute(insert(table_of(LedgerDetailRow)), beside)
        values = {"size": frontier.size, "last": last, "frontier": frontier.roots}
        await self._session.execute(update(LedgerHeadRow).where(LedgerHeadRow.id == HEAD).values(**values))
        return first

    async def tree(self) -> Frontier:
        """How the tree stands."""
        row = (await self._session.execute(select(LedgerHeadRow.size, LedgerHeadRow.frontier))).first()
        return Frontier() if row is None else Frontier(row[0], row[1])

    async def entries(self, before: int | None = None, *, limit: int = LISTED) -> list[Entry]:
        """Newest first. before: only those with a smaller number."""
        query = (
            select(LedgerEntryRow.number, LedgerEntryRow.content).order_by(LedgerEntryRow.number.desc()).limit(limit)
        )
        if before is not None:
            query = query.where(LedgerEntryRow.number < before)
        rows = (await self._session.execute(query)).all()
        personal = await self._personal([number for number, _ in rows])
        return [Entry(content=decode(content), personal=personal.get(number, {})) for number, content in rows]

    async def erase_person(self, who: str, *, limit: int) -> int:
        """Forget a batch of what entries about somebody hold beside them, the reasons too; how many details.

        Entries that somebody else has made about them lose who it was about; what they did themselves loses who did it.
        The entries stay whole. Index: ix_ledger_details_person.
        """
        named = IS_PERSON, LedgerDetailRow.value == who
        query = select(LedgerDetailRow.number).where(*named).limit(limit)
        numbers = (await self._session.scalars(query)).all()
        about = LedgerDetailRow.number.in_(numbers), or_(and_(*named), LedgerDetailRow.name == "reason")
        gone = delete(LedgerDetailRow).where(*about).execution_options(synchronize_session=False)
        return cast("CursorResult[Any]", await self._session.execute(gone)).rowcount

    # checkpoints

    async def add_checkpoint(self, checkpoint: Checkpoint) -> bool:
        """Keep it; False when there is one of this size."""
        return await insert_new(
            self._session,
            LedgerCheckpointRow,
            size=checkpoint.size,
            made_at=checkpoint.made_at,
            root=checkpoint.root,
            key=checkpoint.key,
            signature=checkpoint.signature,
        )

    async def checkpoints(self, origin: str, *, newest: int | None = None) -> Sequence[Checkpoint]:
        """Smallest first. newest: only so many of the last ones."""
        query = select(LedgerCheckpointRow).order_by(LedgerCheckpointRow.size.desc())
        rows = (await self._session.scalars(query if newest is None else query.limit(newest))).all()
        return [
            Checkpoint(
                origin=origin,
                size=row.size,
                root=row.root,
                made_at=row.made_at,
                key=row.key,
                signature=row.signature,
            )
            for row in reversed(rows)
        ]

    # time stamps

    async def add_stamp(self, stamp: Stamp) -> bool:
        """Keep it; False when there is one of this size."""
        values = {"size": stamp.size, "note": stamp.note, "answer": stamp.answer, "said_at": stamp.said_at}
        return await insert_new(self._session, LedgerStampRow, **values)

    async def stamps(self) -> list[Stamp]:
        """Smallest first."""
        rows = await self._session.scalars(select(LedgerStampRow).order_by(LedgerStampRow.size))
        return [_stamp(row) for row in rows]

    async def newest_stamp(self) -> Stamp | None:
        row = await self._session.scalar(select(LedgerStampRow).order_by(LedgerStampRow.size.desc()).limit(1))
        return None if row is None else _stamp(row)

    async def _head(self) -> tuple[int, bytes, Frontier]:
        query = select(LedgerHeadRow.size, LedgerHeadRow.last, LedgerHeadRow.frontier).where(LedgerHeadRow.id == HEAD)
        row = (await self._session.execute(query.with_for_update())).first()
        if row is None:
            await insert_new(self._session, LedgerHeadRow, id=HEAD, size=0, last=NOTHING, frontier=b"")
            row = (await self._session.execute(query.with_for_update())).one()
        return row[0], row[1], Frontier(row[0], row[2])

    async def _personal(self, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
        query = select(LedgerDetailRow.number, LedgerDetailRow.name, LedgerDetailRow.value)
        found: dict[int, dict[str, str]] = {}
        for number, name, value in await self._session.execute(query.where(LedgerDetailRow.number.in_(numbers))):
            found.setdefault(number, {})[name] = value
        return found


def _stamp(row: LedgerStampRow) -> Stamp:
    return Stamp(size=row.size, note=row.note, answer=row.answer, said_at=row.said_at)
