"""Queries over the register of trusted flaggers. Stores never commit."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new
from rostra.platform.ids import AccountId
from rostra.safety.flagging.flaggers import Flagger, FlaggerId, IsFlagger, NoSuchFlagger
from rostra.safety.flagging.tables import FlaggerRow


class FlaggerStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, flagger: Flagger) -> None:
        """Raises IsFlagger. Index: uq_flaggers_account_id."""
        is_new = await insert_new(
            self._session,
            FlaggerRow,
            id=flagger.id,
            account_id=flagger.account_id,
            name=flagger.name,
            areas=",".join(flagger.areas),
            named_by=flagger.named_by,
            since=flagger.since,
            added_at=flagger.added_at,
            suspended_why="",
        )
        if not is_new:
            raise IsFlagger(f"account {flagger.account_id}")

    async def of(self, account_id: AccountId) -> Flagger | None:
        """The entry of an account, suspended or not; None when it has none. Index: uq_flaggers_account_id."""
        query = select(FlaggerRow).where(FlaggerRow.account_id == account_id, FlaggerRow.gone_at.is_(None))
        row = (await self._session.scalars(query)).first()
        return None if row is None else _flagger(row)

    async def get(self, account_id: AccountId) -> Flagger:
        """Raises NoSuchFlagger."""
        if (found := await self.of(account_id)) is None:
            raise NoSuchFlagger(f"account {account_id}")
        return found

    async def all(self) -> list[Flagger]:
        """The register as it is now, by name."""
        query = select(FlaggerRow).where(FlaggerRow.gone_at.is_(None)).order_by(FlaggerRow.name, FlaggerRow.id)
        return [_flagger(row) for row in (await self._session.scalars(query)).all()]

    async def change(self, flagger_id: FlaggerId, **values: object) -> None:
        """values: columns of the table."""
        row = update(FlaggerRow).where(FlaggerRow.id == flagger_id)
        await self._session.execute(row.values(**values).execution_options(synchronize_session=False))


def _flagger(row: FlaggerRow) -> Flagger:
    return Flagger(
        id=FlaggerId(row.id),
        account_id=AccountId(row.account_id),
        name=row.name,
        areas=tuple(row.areas.split(",")),
        named_by=row.named_by,
        since=row.since,
        added_at=row.added_at,
        suspended_at=row.suspended_at,
        suspended_why=row.suspended_why,
        gone_at=row.gone_at,
    )
