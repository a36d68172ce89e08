"""Claims: having a case to oneself for a while, so that no two people work on it. Stores never commit."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from sqlalchemy import and_, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import rows_changed
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.tables import CaseRow


class Claimed(RostraError):
    """409: somebody else has the case to themselves for a while."""

    status, code = HTTPStatus.CONFLICT, "case_claimed"
    user_message = "Somebody else works on this case at the moment. Take another one, or come back in some minutes."


class ClaimStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, case_id: CaseId, who: AccountId, *, now: datetime, until: datetime) -> None:
        """Have it to oneself, or for longer. Of two at the same moment one does. Raises Claimed."""
        free = or_(CaseRow.claimed_until.is_(None), CaseRow.claimed_until <= now, CaseRow.claimed_by == who)
        mine = update(CaseRow).where(CaseRow.id == case_id, free).values(claimed_by=who, claimed_until=until)
        if await rows_changed(self._session, mine) != 1:
            raise Claimed(f"case {case_id}")

    async def release(self, who: AccountId, case_id: CaseId | None = None) -> int:
        """Let go of one case, or of all of them; how many. Index: ix_cases_claimed_by."""
        mine = CaseRow.claimed_by == who
        which = mine if case_id is None else and_(mine, CaseRow.id == case_id)
        free = update(CaseRow).where(which).values(claimed_by=None, claimed_until=None)
        return await rows_changed(self._session, free)
