"""Imports: lines of a sheet that are done one after the other, and which of them could not be. Stores never commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple, NewType

import msgspec
from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.portability.sheets import Sheet
from rostra.network.portability.tables import ImportMissRow, ImportRow
from rostra.platform import leases
from rostra.platform.database import insert_new
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId

ImportId = NewType("ImportId", int)

KEPT: Final = timedelta(days=30)
LEASE: Final = timedelta(minutes=2)
MISSES_SHOWN: Final = 100
SHOWN: Final = 5
"""Imports of an account that are kept, the newest."""
_lines: Final = msgspec.json.Decoder(list[list[str]])


class StillAtIt(RostraError):
    status, code = HTTPStatus.CONFLICT, "import_under_way"
    user_message = "The file that you sent before is still being taken in. Wait until it is done, then send this one."


class Miss(NamedTuple):
    """A line that could not be done. line: counted from 0."""

    line: int
    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """done: of `total` lines. missed: how many could not be done; misses: the first of them."""

    id: ImportId
    kind: Sheet
    asked_at: datetime
    total: int
    done: int
    missed: int
    misses: tuple[Miss, ...]

    @property
    def is_done(self) -> bool:
        return self.done >= self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker has to do: the lines from `done` on."""

    id: ImportId
    account_id: AccountId
    kind: Sheet
    lines: list[list[str]]
    done: int


class ImportStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: AccountId) -> list[Import]:
        """The newest of an account. Index: ix_imports_account_id."""
        columns = (ImportRow.id, ImportRow.kind, ImportRow.asked_at, ImportRow.total, ImportRow.done)
        query = select(*columns).where(ImportRow.account_id == account_id).order_by(ImportRow.id.desc()).limit(SHOWN)
        found = []
        for row in (await self._session.execute(query)).all():
            misses = await self.misses(ImportId(row.id))
            found.append(
                Import(
                    id=ImportId(row.id),
                    kind=Sheet(row.kind),
                    asked_at=row.asked_at,
                    total=row.total,
                    done=row.done,
                    missed=len(misses),
                    misses=tuple(misses[:MISSES_SHOWN]),
                )
            )
        return found

    async def misses(self, import_id: ImportId) -> list[Miss]:
        columns = (ImportMissRow.line, ImportMissRow.address, ImportMissRow.reason)
        query = select(*columns).where(ImportMissRow.import_id == import_id).order_by(ImportMissRow.line)
        return [Miss(*row) for row in (await self._session.execute(query)).all()]

    async def ask(
        self, import_id: ImportId, account_id: AccountId, kind: Sheet, lines: Sequence[Sequence[str]], *, now: datetime
    ) -> None:
        """Raises StillAtIt. The account's row is locked, so that two at the same moment are one after the other."""
        await self._session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update())
        own = select(ImportRow.id, ImportRow.total, ImportRow.done).where(ImportRow.account_id == account_id)
        former = (await self._session.execute(own.order_by(ImportRow.id.desc()))).all()
        if any(done < total for _, total, done in former):
            raise StillAtIt(f"account {account_id}")
        old = [row[0] for row in former[SHOWN - 1 :]]
        await self._session.execute(delete(ImportRow).where(ImportRow.id.in_(old)))
        await self._session.execute(
            insert(ImportRow).values(
                id=import_id,
                account_id=account_id,
                kind=kind,
                asked_at=now,
                lines=msgspec.json.encode(lines).decode(),
                total=len(lines),
                done=0,
                worker="",
                leased_until=None,
            )
        )

    async def waiting(self, worker: str, *, now: datetime) -> bool:
        query = select(ImportRow.id).where(_undone(), leases.is_free(ImportRow, worker, now)).limit(1)
        return await self._session.scalar(query) is not None

    async def claim(self, worker: str, *, now: datetime) -> Work | None:
        found = await leases.claim(
            self._session, ImportRow, _undone(), order_by=ImportRow.id, worker=worker, now=now, lease=LEASE
        )
        if found is None:
            return None
        columns = (ImportRow.account_id, ImportRow.kind, ImportRow.lines, ImportRow.done)
        account_id, kind, lines, done = (
            await self._session.execute(select(*columns).where(ImportRow.id == found))
        ).one()
        return Work(
            id=ImportId(found),
            account_id=AccountId(account_id),
            kind=Sheet(kind),
            lines=_lines.decode(lines),
            done=done,
        )

    async def advance(
        self, import_id: ImportId, worker: str, done: int, misses: Sequence[Miss], *, now: datetime
    ) -> bool:
        """`done` lines are through; False when it is another worker's, or its account is gone."""
        if not await leases.renew(self._session, ImportRow, import_id, worker=worker, now=now, lease=LEASE, done=done):
            return False
        for each in misses:
            address, reason = each.address[:200], each.reason[:200]
            row = {"import_id": import_id, "line": each.line, "address": address, "reason": reason}
            await insert_new(self._session, ImportMissRow, **row)
        return True

    async def forget_old(self, now: datetime) -> None:
        await self._session.execute(delete(ImportRow).where(ImportRow.asked_at < now - KEPT))

    async def forget_account(self, account_id: AccountId) -> int:
        gone = await self._session.execute(
            delete(ImportRow).where(ImportRow.account_id == account_id).returning(ImportRow.id)
        )
        return len(gone.all())


def _undone() -> Any:
    """Not through yet, and of somebody who may act."""
    may_act = exists().where(AccountRow.id == ImportRow.account_id, is_shown(AccountRow.state))
    return (ImportRow.done < ImportRow.total) & may_act
