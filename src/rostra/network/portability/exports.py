"""Exports: one archive of an account at a time, made in the background, kept for a week. Stores never commit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, NewType, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.portability.tables import ExportRow as Row
from rostra.platform import leases
from rostra.platform.errors import NotFound, RostraError
from rostra.platform.ids import AccountId

ExportId = NewType("ExportId", int)

KEPT: Final = timedelta(days=7)
AGAIN_AFTER: Final = timedelta(days=1)
LEASE: Final = timedelta(minutes=2)
TRIES_MAX: Final = 3
"""So often it is begun: one that takes its maker down every time ends as failed."""


class ExportState(StrEnum):
    """waiting → making → ready or failed."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class TooEarly(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "export_too_early"
    user_message = "You can have one archive a day. Take the one that is here, or come back tomorrow."


class NoExport(NotFound):
    """There is none of this id, it is somebody else's, it has expired or is not ready: the answer is the same."""

    user_message = "This archive is no longer here. Ask for a new one under Your data."


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    id: ExportId
    account_id: AccountId
    asked_at: datetime
    state: ExportState
    progress: int
    tries: int
    problem: str
    file: str | None
    size_bytes: int
    expires_at: datetime | None

    @property
    def is_settled(self) -> bool:
        return self.state in (ExportState.READY, ExportState.FAILED)


class ExportStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: AccountId) -> Export | None:
        row = await self._session.scalar(select(Row).where(Row.account_id == account_id))
        return None if row is None else _export(row)

    async def ready(self, export_id: ExportId, account_id: AccountId, *, now: datetime) -> Export:
        """Raises NoExport."""
        found = await self.of(account_id)
        is_here = found is not None and found.id == export_id and found.state is ExportState.READY
        if found is None or not is_here or found.expires_at is None or found.expires_at <= now:
            raise NoExport(f"export {export_id} of {account_id}")
        return found

    async def ask(self, export_id: ExportId, account_id: AccountId, *, now: datetime) -> None:
        """A new one, in place of one that is settled. Raises TooEarly.

        Of two at the same moment one is asked: the other meets the unique key.
        """
        former = await self.of(account_id)
        if former is not None:
            can_go = former.state is ExportState.FAILED or former.asked_at <= now - AGAIN_AFTER
            if not can_go or not former.is_settled:
                raise TooEarly(f"account {account_id}")
            await self._session.execute(delete(Row).where(Row.id == former.id))
        await self._session.execute(
            insert(Row).values(
                id=export_id,
                account_id=account_id,
                asked_at=now,
                state=ExportState.WAITING,
                progress=0,
                tries=0,
                problem="",
                file=None,
                size_bytes=0,
                expires_at=None,
                worker="",
                leased_until=None,
            )
        )

    async def waiting(self, worker: str, *, now: datetime) -> bool:
        """Whether `claim` could find something. Index: ix_exports_state."""
        query = select(Row.id).where(_unsettled(), leases.is_free(Row, worker, now)).limit(1)
        return await self._session.scalar(query) is not None

    async def claim(self, worker: str, *, now: datetime) -> Export | None:
        """The one that was asked for first, as this worker's; its tries are counted."""
        found = await leases.claim(
            self._session, Row, _unsettled(), order_by=Row.asked_at, worker=worker, now=now, lease=LEASE
        )
        if found is None:
            return None
        begun = update(Row).where(Row.id == found).values(state=ExportState.MAKING, progress=0, tries=Row.tries + 1)
        await self._session.execute(begun.execution_options(synchronize_session=False))
        row = await self._session.scalar(select(Row).where(Row.id == found).execution_options(populate_existing=True))
        return _export(cast("Row", row))

    async def put_progress(self, export_id: ExportId, worker: str, progress: int, *, now: datetime) -> bool:
        """Renew the lease; False when the export is another worker's, or its account is gone."""
        return await leases.renew(self._session, Row, export_id, worker=worker, now=now, lease=LEASE, progress=progress)

    async def finish(self, export_id: ExportId, worker: str, *, file: str, size_bytes: int, now: datetime) -> bool:
        """False when it is another worker's by now, or nobody's: then the file is of no use."""
        values = {"state": ExportState.READY, "progress": 100, "file": file, "size_bytes": size_bytes}
        return await leases.renew(
            self._session, Row, export_id, worker=worker, now=now, lease=LEASE, expires_at=now + KEPT, **values
        )

    async def fail(self, export_id: ExportId, worker: str, problem: str, *, now: datetime) -> None:
        values = {"state": ExportState.FAILED, "problem": problem[:300]}
        await leases.renew(self._session, Row, export_id, worker=worker, now=now, lease=LEASE, **values)

    async def put_back(self, export_id: ExportId, worker: str, problem: str, *, now: datetime) -> None:
        """It cannot be made just now, which is no fault of its own: it waits, and says for what."""
        waits = update(Row).where(Row.id == export_id, Row.worker == worker)
        values = {"state": ExportState.WAITING, "tries": Row.tries - 1, "problem": problem[:300], "worker": ""}
        await self._session.execute(waits.values(leased_until=now + LEASE, **values))

    async def taken_bytes(self) -> int:
        """What all archives take together."""
        return int(await self._session.scalar(select(func.coalesce(func.sum(Row.size_bytes), 0))) or 0)

    async def forget_expired(self, now: datetime) -> int:
        """Forget what has expired; the files follow, as nobody names them any more."""
        gone = await self._session.execute(delete(Row).where(Row.expires_at <= now).returning(Row.id))
        return len(gone.all())

    async def forget_account(self, account_id: AccountId) -> int:
        gone = await self._session.execute(delete(Row).where(Row.account_id == account_id).returning(Row.id))
        return len(gone.all())

    async def unsettled(self) -> list[ExportId]:
        """Those that are still to be made."""
        return [ExportId(each) for each in await self._session.scalars(select(Row.id).where(_unsettled()))]

    async def files(self) -> set[str]:
        """The names of all archives that are ready."""
        return {each for each in await self._session.scalars(select(Row.file)) if each is not None}


def _unsettled() -> Any:
    return Row.state.in_((ExportState.WAITING, ExportState.MAKING))


def _export(row: Row) -> Export:
    values = {each.name: getattr(row, each.name) for each in fields(Export)}
    return Export(**values | {"state": ExportState(row.state)})
