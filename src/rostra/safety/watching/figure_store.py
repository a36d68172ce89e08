"""Queries for the figures of rules. Stores never commit."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.safety.cases import Event, Status
from rostra.safety.decisions import DecisionWish
from rostra.safety.subjects import SubjectKind
from rostra.safety.tables import CaseEventRow, CaseRow, DecisionRow
from rostra.safety.watching.figures import Decided, Figures, LanguageFigures, figures, language_figures
from rostra.safety.watching.tables import HitRow

_event = msgspec.json.Decoder(Event)
_wish = msgspec.json.Decoder(DecisionWish)


class FigureStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def between(self, begin: datetime, end: datetime) -> list[Figures]:
        """Of the rules that met a post in this time, by the cases about posts that were opened in it; then of those
        that met an account, by the cases about accounts.

        A case that waits for its first decision counts as undecided; one in complaint counts by what stands.
        """
        found: list[Figures] = []
        for kind in (SubjectKind.POST, SubjectKind.ACCOUNT):
            hits = select(HitRow.rule, HitRow.category, func.count(HitRow.subject.distinct()))
            hits = hits.where(HitRow.found_at >= begin, HitRow.found_at < end, HitRow.subject.startswith(f"{kind}:"))
            query = hits.group_by(HitRow.rule, HitRow.category).order_by(HitRow.rule)
            if rules := [(row[0], row[1], row[2]) for row in (await self._session.execute(query)).all()]:
                found += figures(rules, await self._decided(begin, end, kind), kind=kind.value)
        return found

    async def languages(self, begin: datetime, end: datetime) -> list[LanguageFigures]:
        """Of the cases about posts that were opened in this time and that somebody has decided."""
        query = (
            select(CaseEventRow.body, DecisionRow.wish)
            .join(CaseRow, (CaseRow.id == CaseEventRow.case_id) & (CaseEventRow.number == 1))
            .join(DecisionRow, DecisionRow.id == CaseRow.decision_id)
            .where(CaseRow.opened_at >= begin, CaseRow.opened_at < end, CaseRow.subject.startswith("post:"))
            .where(DecisionRow.in_force_at.is_not(None))
        )
        rows = (await self._session.execute(query)).all()
        return language_figures(
            (_event.decode(body).recognised, _wish.decode(wish).reasons.language) for body, wish in rows
        )

    async def _decided(self, begin: datetime, end: datetime, kind: SubjectKind) -> list[Decided]:
        stands = (Status.DECIDED, Status.IN_COMPLAINT, Status.CLOSED)
        query = (
            select(CaseRow.id, CaseRow.category, DecisionRow.wish)
            .join(DecisionRow, DecisionRow.id == CaseRow.decision_id)
            .where(CaseRow.opened_at >= begin, CaseRow.opened_at < end, CaseRow.status.in_(stands))
            .where(CaseRow.subject.startswith(f"{kind}:"), DecisionRow.in_force_at.is_not(None))
        )
        rows = (await self._session.execute(query)).all()
        met = select(HitRow.rule, CaseRow.id).join(CaseRow, CaseRow.subject == HitRow.subject)
        met = met.where(CaseRow.opened_at >= begin, CaseRow.opened_at < end)
        hit_by: dict[int, set[str]] = {}
        for rule, case_id in (await self._session.execute(met)).all():
            hit_by.setdefault(case_id, set()).add(rule)
        found = []
        for case_id, category, body in rows:
            wish = _wish.decode(body)
            found.append(
                Decided(
                    category=wish.reasons.category if wish.measures else category,
                    is_violation=bool(wish.measures),
                    hit_by=frozenset(hit_by.get(case_id, ())),
                )
            )
        return found
