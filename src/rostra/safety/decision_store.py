"""Queries over decisions and what people were told of them. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, DecisionId
from rostra.safety.decisions import Decision, DecisionWish, Source
from rostra.safety.statements import Statement
from rostra.safety.tables import DecisionRow

LISTED: Final = 200
_json: Final = msgspec.json.Encoder()
_wish: Final = msgspec.json.Decoder(DecisionWish)
_statement: Final = msgspec.json.Decoder(Statement)


class NoSuchDecision(NotFound):
    code = "no_such_decision"
    user_message = "There is no decision behind this link. Copy the whole link from the letter that we sent you."


class DecisionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, decision: Decision) -> None:
        await self._session.execute(
            insert(DecisionRow).values(
                id=decision.id,
                case_id=decision.case_id,
                made_at=decision.made_at,
                by=decision.by,
                second_by=decision.second_by,
                affected=decision.affected,
                source=decision.source.value,
                wish=_json.encode(decision.wish).decode(),
                statement="",
                replaces=decision.replaces,
                bulk_id=decision.bulk_id,
            )
        )

    async def get(self, decision_id: DecisionId) -> Decision:
        """Raises NoSuchDecision."""
        return decision_of(await self._row(decision_id))

    async def by_numbers(self, numbers: Collection[DecisionId]) -> list[Decision]:
        """Those of them that are there."""
        if not numbers:
            return []
        query = select(DecisionRow).where(DecisionRow.id.in_(numbers))
        return [decision_of(row) for row in await self._session.scalars(query)]

    async def of_case(self, case_id: CaseId) -> list[Decision]:
        """Oldest first, those that were declined too. Index: ix_decisions_case_id."""
        query = select(DecisionRow).where(DecisionRow.case_id == case_id).order_by(DecisionRow.id)
        return [decision_of(row) for row in await self._session.scalars(query)]

    async def of_bulk(self, bulk_id: int) -> list[Decision]:
        """All that were made in one act, oldest first. Index: ix_decisions_bulk_id."""
        query = select(DecisionRow).where(DecisionRow.bulk_id == bulk_id).order_by(DecisionRow.id)
        return [decision_of(row) for row in await self._session.scalars(query)]

    async def about(self, account_id: AccountId, *, limit: int = LISTED) -> list[Decision]:
        """What somebody was told about their content or account, newest first. Index: ix_decisions_affected."""
        query = (
            select(DecisionRow)
            .where(DecisionRow.affected == account_id, DecisionRow.statement != "")
            .order_by(DecisionRow.id.desc())
            .limit(limit)
        )
        return [decision_of(row) for row in await self._session.scalars(query)]

    async def by_fingerprint(self, fingerprint: str) -> Decision:
        """Raises NoSuchDecision. Index: uq_decisions_fingerprint."""
        row = await self._session.scalar(select(DecisionRow).where(DecisionRow.fingerprint == fingerprint))
        if row is None:
            raise NoSuchDecision("no such secret")
        return decision_of(row)

    async def statement(self, decision_id: DecisionId) -> Statement | None:
        """What the person was told; None when there was nothing to tell them. Raises NoSuchDecision."""
        row = await self._row(decision_id)
        return _statement.decode(row.statement) if row.statement else None

    async def put_in_force(
        self,
        decision_id: DecisionId,
        statement: Statement | None,
        *,
        fingerprint: str,
        second_by: AccountId | None,
        complaints_until: datetime,
        now: datetime,
    ) -> None:
        """From now on it holds, and everybody whom it concerns is told. fingerprint: of the secret in the letter."""
        values = {
            "statement": "" if statement is None else _json.encode(statement).decode(),
            "fingerprint": fingerprint,
            "second_by": second_by,
            "in_force_at": now,
            "informed_at": now,
            "complaints_until": complaints_until,
        }
        await self._session.execute(update(DecisionRow).where(DecisionRow.id == decision_id).values(**values))

    async def replace(self, decision_id: DecisionId, by: DecisionId) -> None:
        changed = update(DecisionRow).where(DecisionRow.id == decision_id).values(replaced_by=by)
        await self._session.execute(changed)

    async def undo(self, decision_id: DecisionId, *, now: datetime) -> None:
        await self._session.execute(update(DecisionRow).where(DecisionRow.id == decision_id).values(undone_at=now))

    async def _row(self, decision_id: DecisionId) -> DecisionRow:
        query = select(DecisionRow).where(DecisionRow.id == decision_id).execution_options(populate_existing=True)
        if (row := await self._session.scalar(query)) is None:
            raise NoSuchDecision(f"decision {decision_id}")
        return row


def _account(account_id: int | None) -> AccountId | None:
    return None if account_id is None else AccountId(account_id)


def decision_of(row: DecisionRow) -> Decision:
    return Decision(
        id=DecisionId(row.id),
        case_id=CaseId(row.case_id),
        made_at=row.made_at,
        by=_account(row.by),
        wish=_wish.decode(row.wish),
        source=Source(row.source),
        affected=_account(row.affected),
        second_by=_account(row.second_by),
        in_force_at=row.in_force_at,
        informed_at=row.informed_at,
        complaints_until=row.complaints_until,
        replaced_by=None if row.replaced_by is None else DecisionId(row.replaced_by),
        replaces=None if row.replaces is None else DecisionId(row.replaces),
        bulk_id=row.bulk_id,
        undone_at=row.undone_at,
    )
