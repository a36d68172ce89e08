"""What a post said when a machine pointed to it, sealed for those who decide: taken once its case is open."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.locate import Located
from rostra.flows.remember import remember
from rostra.flows.take_evidence import Taken, digest_of, keep, look
from rostra.network.media import MediaStore
from rostra.platform.ids import AccountId, PostId
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.subjects import Subject, SubjectKind


async def take_snapshot(house: House, post_id: PostId, author: AccountId) -> tuple[Taken, str] | None:
    """What the post says now, sealed in the file store; None when its case has it already.

    Raises NoSuchPost, StorageFull.
    """
    subject = Subject(SubjectKind.POST, post_id)
    async with house.database.reading() as session:
        snapshot = await look(house, session, Located(subject, author), author)
        digest, case_id = digest_of(snapshot), await CaseStore(session).undecided(subject)
        known = [] if case_id is None else await EvidenceStore(session).of_case(case_id)
    if any(each.digest == digest for each in known):
        return None
    return await keep(house, snapshot), digest


async def add_snapshot(house: House, session: AsyncSession, case_id: CaseId, taken: Taken, digest: str) -> None:
    evidence = Evidence(
        id=house.ids.next(),
        case_id=case_id,
        file=taken.file,
        digest=digest,
        size_bytes=taken.size_bytes,
        taken_at=house.clock.now(),
    )
    await EvidenceStore(session).add(evidence)
    await MediaStore(session).hold_for(evidence.id, taken.holds)
    await remember(house, session, Act.EVIDENCE_TAKEN, case=str(case_id), digest=digest)
