"""A case that the house opens itself, because a machine points to a post. A person decides it, like any other."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.locate import Located
from rostra.flows.remember import remember
from rostra.flows.take_evidence import Taken, digest_of, keep, look
from rostra.platform.ids import AccountId, PostId
from rostra.safety.cases import CaseId, Event, Happened, Status
from rostra.safety.decisions import Source
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.store import Case, CaseStore
from rostra.safety.subjects import Subject, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a machine points to. machine: the rule or list and its version, as the log of the case shows it."""

    post_id: PostId
    author: AccountId
    machine: str
    category: str
    keyword: str
    language: str


async def open_or_join(house: House, session: AsyncSession, found: Finding) -> CaseId:
    """A new case, or the one about this post that waits; its log says which machine has found it."""
    subject, now = Subject(SubjectKind.POST, found.post_id), house.clock.now()
    cases = CaseStore(session)
    case = Case(
        id=CaseId(house.ids.next()),
        subject=subject,
        affected=found.author,
        source=Source.VOLUNTARY,
        category=found.category,
        keyword=found.keyword,
        language=found.language,
        opened_at=now,
        status=Status.OPEN,
        answer_by=house.safety.decide_by(found.category, now),
        due_at=now,
    )
    if await cases.open(case, Event(what=Happened.OPENED, at=now, machine=found.machine)):
        await remember(
            house,
            session,
            Act.CASE_OPENED,
            on=found.author,
            case=str(case.id),
            subject=subject.kind.value,
            source=case.source.value,
            category=case.category,
            machine=found.machine,
        )
        return case.id
    waiting = await cases.undecided(subject)
    assert waiting is not None
    open_case = await cases.get(waiting, lock=True)
    event = Event(what=Happened.DETECTED, at=now, machine=found.machine)
    wanted = house.safety.decide_by(found.category, now)
    answer_by = wanted if open_case.answer_by is None else min(open_case.answer_by, wanted)
    await cases.add(waiting, await cases.standing(waiting), event, answer_by=answer_by, due_at=now)
    return waiting


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
    await remember(house, session, Act.EVIDENCE_TAKEN, case=str(case_id), digest=digest)
