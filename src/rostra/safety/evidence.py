"""Which snapshots there are, and until when they are kept. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import table_of
from rostra.safety.cases import UNDECIDED, CaseId
from rostra.safety.tables import CaseRow, EvidenceRow

BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """See EvidenceRow. kind: content, or sound. keep_until: None while the case has no date on which it ends."""

    id: int
    case_id: CaseId
    file: str
    digest: str
    size_bytes: int
    taken_at: datetime
    keep_until: datetime | None = None
    gone_at: datetime | None = None
    kind: Literal["content", "sound"] = "content"


class EvidenceStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, *evidence: Evidence) -> None:
        if evidence:
            await self._session.execute(insert(table_of(EvidenceRow)), [asdict(each) for each in evidence])

    async def of_case(self, case_id: CaseId) -> Sequence[Evidence]:
        """Oldest first. Index: ix_evidence_case_id."""
        query = select(EvidenceRow).where(EvidenceRow.case_id == case_id).order_by(EvidenceRow.id)
        return [_evidence(row) for row in await self._session.scalars(query)]

    async def known(self, subjects: Collection[str]) -> set[tuple[str, str]]:
        """Subject and digest of what lies with the cases about these that wait. Index: uq_cases_undecided."""
        query = (
            select(CaseRow.subject, EvidenceRow.digest)
            .join(EvidenceRow, EvidenceRow.case_id == CaseRow.id)
            .where(CaseRow.subject.in_(subjects), CaseRow.status.in_(UNDECIDED))
        )
        return {(subject, digest) for subject, digest in await self._session.execute(query)}

    async def keep(self, case_id: CaseId, until: datetime | None) -> None:
        """How long what belongs to a case is kept, from now on."""
        there = update(EvidenceRow).where(EvidenceRow.case_id == case_id, EvidenceRow.gone_at.is_(None))
        await self._session.execute(there.values(keep_until=until))

    async def is_due(self, now: datetime) -> bool:
        """Whether `due` could find something."""
        query = select(EvidenceRow.id).where(EvidenceRow.keep_until <= now, EvidenceRow.gone_at.is_(None)).limit(1)
        return await self._session.scalar(query) is not None

    async def due(self, now: datetime) -> Sequence[Evidence]:
        """What is to be deleted now. Locked for this transaction. Index: ix_evidence_keep_until."""
        query = (
            select(EvidenceRow)
            .where(EvidenceRow.keep_until <= now, EvidenceRow.gone_at.is_(None))
            .order_by(EvidenceRow.keep_until)
            .limit(BATCH)
        )
        return [_evidence(row) for row in await self._session.scalars(query.with_for_update(skip_locked=True))]

    async def gone(self, evidence_id: int, *, now: datetime) -> None:
        await self._session.execute(update(EvidenceRow).where(EvidenceRow.id == evidence_id).values(gone_at=now))


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        id=row.id,
        case_id=CaseId(row.case_id),
        file=row.file,
        digest=row.digest,
        size_bytes=row.size_bytes,
        taken_at=row.taken_at,
        keep_until=row.keep_until,
        gone_at=row.gone_at,
        kind="sound" if row.kind == "sound" else "content",
    )
