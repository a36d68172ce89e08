"""What was decided: searched, narrowed, and how often a complaint has changed it. Stores never commit.

What a list is narrowed by lies in the JSON of a decision, which one encoder writes; a text has its quotation marks
escaped there, so none can look like a measure or a country.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.ids import AccountId, first_id
from rostra.safety.case_rows import Case, case_of, unbiased
from rostra.safety.complaints import Outcome
from rostra.safety.decision_store import decision_of
from rostra.safety.decisions import Decision, Ground
from rostra.safety.restrictions import Measure
from rostra.safety.tables import CaseRow, ComplaintRow, DecisionRow

LISTED: Final = 30
EVERYWHERE: Final = "everywhere"
NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """since, until: when it was made; until is left out. words: in the facts, the ground or the reasons, in any case of
    letters. measure: of Measure, or NOTHING. by: who has decided or agreed. country: two letters, or EVERYWHERE.
    """

    since: datetime
    until: datetime
    words: str = ""
    measure: str = ""
    by: AccountId | None = None
    ground: Ground | None = None
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Of the decisions that are wanted: how many there are, how many were taken back, and what became of complaints
    about them. changed: those that were right, in full or in part.
    """

    decisions: int
    undone: int
    complaints: int
    changed: int

    @property
    def reversal(self) -> float | None:
        """Changed among the complaints that were answered, 0 … 1; None when none was."""
        return self.changed / self.complaints if self.complaints else None


class SettledStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(
        self, who: AccountId, wanted: Wanted, *, before: int | None = None, limit: int = LISTED
    ) -> list[tuple[Case, Decision]]:
        """In force, or once in force, and `who` may see it; newest first, by primary key. before: an id."""
        query = select(CaseRow, DecisionRow).join(DecisionRow, CaseRow.id == DecisionRow.case_id)
        query = query.where(*_conditions(wanted), unbiased(who))
        if before is not None:
            query = query.where(DecisionRow.id < before)
        rows = (await self._session.execute(query.order_by(DecisionRow.id.desc()).limit(limit))).all()
        return [(case_of(case), decision_of(decision)) for case, decision in rows]

    async def rates(self, wanted: Wanted) -> Rates:
        conditions = _conditions(wanted)
        counted = select(func.count(), func.count(DecisionRow.undone_at)).where(*conditions)
        decisions, undone = (await self._session.execute(counted)).one()
        answered = select(ComplaintRow.outcome, func.count()).where(ComplaintRow.outcome.is_not(None), *conditions)
        answered = answered.join(DecisionRow, DecisionRow.id == ComplaintRow.decision_id)
        rows = (await self._session.execute(answered.group_by(ComplaintRow.outcome))).all()
        by_outcome = {row[0]: row[1] for row in rows}
        complaints = sum(by_outcome.values())
        return Rates(
            decisions=decisions,
            undone=undone,
            complaints=complaints,
            changed=complaints - by_outcome.get(Outcome.UPHELD.value, 0),
        )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    wish, conditions = DecisionRow.wish, list[ColumnElement[bool]]()
    if wanted.words:
        conditions.append(wish.icontains(wanted.words, autoescape=True))
    if wanted.measure == NOTHING:
        conditions.append(wish.startswith('{"measures":[],'))
    elif wanted.measure in set(Measure):
        conditions.append(wish.contains(f'"measure":"{wanted.measure}"', autoescape=True))
    if wanted.by is not None:
        conditions.append(or_(DecisionRow.by == wanted.by, DecisionRow.second_by == wanted.by))
    if wanted.ground is not None:
        conditions.append(wish.contains(f'"ground":"{wanted.ground}"', autoescape=True))
    if wanted.country == EVERYWHERE:
        conditions.append(wish.contains('"territories":[]', autoescape=True))
    elif wanted.country:
        conditions.append(or_(*(wish.contains(each, autoescape=True) for each in _among(wanted.country))))
    conditions += (DecisionRow.id >= first_id(wanted.since), DecisionRow.id < first_id(wanted.until))
    return [*conditions, DecisionRow.in_force_at.is_not(None)]


def _among(country: str) -> tuple[str, ...]:
    """How it stands in a list of territories. They are two letters long, and no other list has such strings."""
    return (f'["{country}"', f',"{country}"')
