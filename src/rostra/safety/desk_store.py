"""Queries over notes and looks. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import UtcDateTime
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.platform.prepared import Prepared
from rostra.safety.attention import Look
from rostra.safety.cases import CaseId
from rostra.safety.desk_tables import CaseLookRow, CaseNoteRow, LeftOutRow
from rostra.safety.notices import paragraphs
from rostra.safety.tables import CaseRow

NOTE_CHARACTERS: Final = 2_000
LISTED: Final = 200
LOOKS_KEPT: Final = timedelta(days=2)
_LEFT_OUT: Final = Prepared(select(LeftOutRow.account_id, LeftOutRow.category))
_LOOKS: Final = Prepared(
    select(CaseLookRow.case_id, CaseLookRow.looked_at, CaseRow.category)
    .outerjoin(CaseRow, CaseRow.id == CaseLookRow.case_id)
    .where(
        CaseLookRow.account_id == bindparam("who", type_=BigInteger),
        CaseLookRow.looked_at >= bindparam("since", type_=UtcDateTime),
    )
    .order_by(CaseLookRow.looked_at, CaseLookRow.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """by: None for the outside reviewer."""

    id: int
    case_id: CaseId
    by: AccountId | None
    text: str
    written_at: datetime


def checked_note(text: str) -> str:
    """Raises Invalid."""
    tidy = paragraphs(text)
    if not tidy or len(tidy) > NOTE_CHARACTERS:
        message = f"Write a note of up to {NOTE_CHARACTERS} characters."
        raise Invalid(f"{len(tidy)} characters", user_message=message, field="note")
    return tidy


class DeskStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_note(self, note: Note) -> None:
        row = {"id": note.id, "case_id": note.case_id, "by": note.by, "text": note.text, "written_at": note.written_at}
        await self._session.execute(insert(CaseNoteRow).values(**row))

    async def notes_of(self, case_id: CaseId) -> list[Note]:
        """Oldest first. Index: ix_case_notes_case_id."""
        query = select(CaseNoteRow).where(CaseNoteRow.case_id == case_id).order_by(CaseNoteRow.id).limit(LISTED)
        return [
            Note(
                id=row.id,
                case_id=CaseId(row.case_id),
                by=None if row.by is None else AccountId(row.by),
                text=row.text,
                written_at=row.written_at,
            )
            for row in await self._session.scalars(query)
        ]

    async def look(self, look_id: int, who: AccountId, case_id: CaseId | None, *, now: datetime) -> None:
        """Write down that somebody opened a case, or the queue; forget what is older than two days."""
        old = (CaseLookRow.account_id == who) & (CaseLookRow.looked_at < now - LOOKS_KEPT)
        await self._session.execute(delete(CaseLookRow).where(old))
        row = {"id": look_id, "account_id": who, "case_id": case_id, "looked_at": now}
        await self._session.execute(insert(CaseLookRow).values(**row))

    async def looks(self, who: AccountId, since: datetime) -> list[Look]:
        """Oldest first. Index: ix_case_looks_account_id."""
        rows = await _LOOKS.rows(self._session, {"who": who, "since": since})
        found = (_LOOKS.converted(self._session, row) for row in rows)
        return [Look(case_id=case_id, at=at, category=category or "") for case_id, at, category in found]

    async def left_out(self) -> dict[AccountId, frozenset[str]]:
        """Which kinds are not offered to whom, of everybody who has left any out."""
        found: dict[AccountId, set[str]] = {}
        for account_id, category in await _LEFT_OUT.rows(self._session, {}):
            found.setdefault(AccountId(account_id), set()).add(category)
        return {who: frozenset(categories) for who, categories in found.items()}

    async def leave_out(self, who: AccountId, categories: Collection[str]) -> None:
        """Just these from now on."""
        await self._session.execute(delete(LeftOutRow).where(LeftOutRow.account_id == who))
        if rows := [{"account_id": who, "category": each} for each in sorted(set(categories))]:
            await self._session.execute(insert(LeftOutRow), rows)
