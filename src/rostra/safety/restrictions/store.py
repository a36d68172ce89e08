"""Queries over restrictions. What is written here reaches nobody by itself: use `rostra.flows.restrict`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.clock import from_us, to_us
from rostra.platform.errors import RostraError
from rostra.safety.restrictions.restrictions import Kind, Measure, Restriction, Span, Standing, Subject
from rostra.safety.restrictions.tables import RestrictionRow

BATCH: Final = 500


class NoSuchRestriction(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_such_restriction"
    user_message = "There is no such restriction, or it was lifted already."


class RestrictionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, restriction_id: int) -> Restriction:
        """One that stands. Raises NoSuchRestriction."""
        query = select(RestrictionRow).where(RestrictionRow.id == restriction_id, RestrictionRow.lifted_at.is_(None))
        row = (await self._session.scalars(query)).first()
        if row is None:
            raise NoSuchRestriction(f"restriction {restriction_id}")
        return _restriction(row)

    async def standing(self, subject: Subject, now: datetime) -> Standing:
        """What was not lifted and is not over, oldest first. Index: ix_restrictions_kind."""
        query = (
            select(RestrictionRow)
            .where(RestrictionRow.kind == subject.kind.value, RestrictionRow.subject_id == subject.id, _stands(now))
            .order_by(RestrictionRow.id)
        )
        return Standing(tuple(_restriction(row) for row in (await self._session.scalars(query)).all()))

    async def demoted(self, post_ids: Collection[int], now: datetime) -> set[int]:
        """Those of the posts that a restriction of their own demotes now. Index: ix_restrictions_kind."""
        query = select(RestrictionRow.subject_id).where(
            RestrictionRow.kind == Kind.POST.value,
            RestrictionRow.subject_id.in_(post_ids),
            RestrictionRow.measure == Measure.DEMOTE.value,
            RestrictionRow.from_at <= now,
            _stands(now),
        )
        return set((await self._session.scalars(query)).all())

    async def of_decision(self, decision_id: int) -> Sequence[Restriction]:
        """What a decision has brought about and was not lifted."""
        query = select(RestrictionRow).where(
            RestrictionRow.decision_id == decision_id, RestrictionRow.lifted_at.is_(None)
        )
        return [_restriction(row) for row in (await self._session.scalars(query.order_by(RestrictionRow.id))).all()]

    async def subjects(self, after_id: int, now: datetime) -> tuple[list[Subject], int]:
        """The subjects of the next BATCH that stand, and where to go on; 0 when these were the last.

        Index: ix_restrictions_standing.
        """
        query = (
            select(RestrictionRow.id, RestrictionRow.kind, RestrictionRow.subject_id)
            .where(RestrictionRow.id > after_id, _stands(now))
            .order_by(RestrictionRow.id)
            .limit(BATCH)
        )
        rows = (await self._session.execute(query)).all()
        found = list(dict.fromkeys(Subject(Kind(row.kind), row.subject_id) for row in rows))
        return found, rows[-1].id if len(rows) == BATCH else 0

    async def add(self, restriction: Restriction, *, now: datetime) -> None:
        span = restriction.span
        await self._session.execute(
            insert(RestrictionRow).values(
                id=restriction.id,
                kind=restriction.kind.value,
                subject_id=restriction.subject_id,
                measure=restriction.measure.value,
                territories=",".join(restriction.territories),
                from_at=from_us(restriction.from_us),
                until_at=None if restriction.until_us is None else from_us(restriction.until_us),
                span_start=None if span is None else span.start,
                span_end=None if span is None else span.end,
                decision_id=restriction.decision_id,
                reason=restriction.reason,
                settle_at=_settle_at(restriction, now),
            )
        )

    async def lift(self, restriction_id: int, now: datetime) -> None:
        values = {"lifted_at": now, "settle_at": None}
        await self._session.execute(update(RestrictionRow).where(RestrictionRow.id == restriction_id).values(**values))

    async def due(self, now: datetime) -> list[Restriction]:
        """What has begun or ended by itself, BATCH at most. Index: ix_restrictions_settle_at."""
        query = select(RestrictionRow).where(RestrictionRow.settle_at <= now).order_by(RestrictionRow.settle_at)
        return [_restriction(row) for row in (await self._session.scalars(query.limit(BATCH))).all()]

    async def settle(self, restriction: Restriction, now: datetime) -> None:
        """What was due was done: look again at the next change."""
        row = update(RestrictionRow).where(RestrictionRow.id == restriction.id)
        await self._session.execute(row.values(settle_at=_settle_at(restriction, now)))

    async def state_before(self, restriction_ids: Collection[int]) -> str | None:
        """In which state an account was before the first of these began; None when nobody has noted it."""
        query = select(RestrictionRow.state_before).where(
            RestrictionRow.id.in_(restriction_ids), RestrictionRow.state_before.is_not(None)
        )
        return await self._session.scalar(query.order_by(RestrictionRow.id).limit(1))

    async def note_state(self, restriction_ids: Collection[int], state: str) -> None:
        """The state that the account has to come back to, of those that have none noted yet."""
        noted = update(RestrictionRow).where(
            RestrictionRow.id.in_(restriction_ids), RestrictionRow.state_before.is_(None)
        )
        await self._session.execute(noted.values(state_before=state))


def _stands(now: datetime) -> ColumnElement[bool]:
    until = RestrictionRow.until_at
    return and_(RestrictionRow.lifted_at.is_(None), or_(until.is_(None), until > now))


def _settle_at(restriction: Restriction, now: datetime) -> datetime | None:
    moment = restriction.next_change_us(to_us(now))
    return None if moment is None else from_us(moment)


def _restriction(row: RestrictionRow) -> Restriction:
    return Restriction(
        id=row.id,
        kind=Kind(row.kind),
        subject_id=row.subject_id,
        measure=Measure(row.measure),
        from_us=to_us(row.from_at),
        until_us=None if row.until_at is None else to_us(row.until_at),
        territories=tuple(row.territories.split(",")) if row.territories else (),
        decision_id=row.decision_id,
        reason=row.reason,
        span=None if row.span_start is None else Span(row.span_start, row.span_end),
    )
