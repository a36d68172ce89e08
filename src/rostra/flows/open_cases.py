"""Opening the case about something: looking at it, sealing what is there, and joining a case that waits already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge_at_all
from rostra.flows.keep_moment import want_sound
from rostra.flows.locate import Located, locate, named
from rostra.flows.remember import remember
from rostra.flows.take_evidence import Taken, digest_of, keep, look
from rostra.flows.weigh_case import weight_of
from rostra.network.media import MediaStore
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseId, Event, Happened, NoticeId, Status
from rostra.safety.categories import check_category
from rostra.safety.category_tree import Use
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Source
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.notices import AlreadyRemoved
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Measure
from rostra.safety.store import Case, CaseStore
from rostra.safety.subjects import Subject

_log = get_logger(__name__)
GONE_BY: Final = frozenset({Measure.REMOVE, Measure.DISABLE, Measure.SUSPEND, Measure.TERMINATE, Measure.SILENCE})


@dataclass(frozen=True, slots=True)
class Seen:
    """A location that was looked at. is_gone: a decision has taken it away before. taken: None where the case that
    waits has this very snapshot already.
    """

    location: str
    at: Located
    is_gone: bool
    digest: str
    taken: Taken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Why there is a case. notice_id: None for one that the house opens itself; by: then who does.

    machine: the rule or list of hashes that points to it, in place of both.
    """

    source: Source
    category: str
    keyword: str = ""
    language: str = ""
    notice_id: NoticeId | None = None
    by: AccountId | None = None
    machine: str = ""


async def look_at(house: House, location: str, viewer: AccountId | None) -> Seen:
    """What is there, as far as `viewer` may see it; sealed, unless it is gone. Raises NothingThere, StorageFull."""
    async with house.database.reading() as session:
        hidden = await named(house, session, location)
        if hidden is not None and await _is_gone(session, hidden):
            return Seen(location, Located(hidden, None), True, "", None)
        located = await locate(house, session, location, viewer)
        if await _is_gone(session, located.subject):
            return Seen(location, located, True, "", None)
        snapshot = await look(house, session, located, viewer)
        digest, case_id = digest_of(snapshot), await CaseStore(session).undecided(located.subject)
        known = [] if case_id is None else await EvidenceStore(session).of_case(case_id)
    if any(each.digest == digest for each in known):
        return Seen(location, located, False, digest, None)
    return Seen(location, located, False, digest, await keep(house, snapshot))


async def open_case_for(house: House, session: AsyncSession, seen: Seen, opening: Opening) -> CaseId:
    """The case about it: a new one, or the one that waits already. The snapshot lies with it."""
    subject, case_id = seen.at.subject, None
    while case_id is None:  # once, unless somebody opens one, or decides it, at this moment
        case_id = await _join(house, session, subject, opening) or await _open_new(house, session, seen, opening)
    if seen.taken is not None:
        await _keep_evidence(house, session, case_id, seen.digest, seen.taken)
    await want_sound(house, session, case_id, subject)
    return case_id


async def _open_new(house: House, session: AsyncSession, seen: Seen, opening: Opening) -> CaseId | None:
    """None when there is one."""
    subject, now = seen.at.subject, house.clock.now()
    case = Case(
        id=CaseId(house.ids.next()),
        subject=subject,
        affected=seen.at.affected,
        source=opening.source,
        category=opening.category,
        keyword=opening.keyword,
        language=opening.language,
        opened_at=now,
        status=Status.OPEN,
        answer_by=house.safety.decide_by(opening.category, now),
        due_at=now,
    )
    case = replace(case, weight=await weight_of(house, session, case))
    event = Event(what=Happened.OPENED, at=now, notice_id=opening.notice_id, by=opening.by, machine=opening.machine)
    if not await CaseStore(session).open(case, event):
        return None
    await _remember(house, session, case, opening)
    return case.id


async def _keep_evidence(house: House, session: AsyncSession, case_id: CaseId, digest: str, taken: Taken) -> None:
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


async def open_own_case(house: House, judge: Judge, location: str, category: str, keyword: str = "") -> CaseId:
    """A moderator comes upon something: the same case as after a notice, found by the house itself.

    Raises Unauthorized, Forbidden, Invalid, NothingThere, AlreadyRemoved, Recused for something of their own.
    """
    check_category(category, keyword, use=Use.OWN_TERMS)
    seen = await look_at(house, location, judge.account_id)
    if judge.account_id is not None and judge.account_id == seen.at.affected:
        raise Recused(Bias.OWN_CONTENT, judge.account_id)
    if seen.is_gone:
        raise AlreadyRemoved(seen.at.subject.key)
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, judge)
        opening = Opening(source=Source.VOLUNTARY, category=category, keyword=keyword, by=judge.account_id)
        case_id = await open_case_for(house, session, seen, opening)
    _log.info("own_case_opened", case_id=case_id, category=category)
    return case_id


async def _is_gone(session: AsyncSession, subject: Subject) -> bool:
    """Whether a decision that stands has taken it away from everybody."""
    for case in await CaseStore(session).about(subject):
        if case.decision_id is None or case.status in (Status.OPEN, Status.PROPOSED):
            continue
        decision = await DecisionStore(session).get(case.decision_id)
        for each in decision.wish.measures:
            everywhere = not each.territories and each.until is None
            if each.measure in GONE_BY and each.subject == subject.key and everywhere:
                return True
    return False


async def _join(house: House, session: AsyncSession, subject: Subject, opening: Opening) -> CaseId | None:
    """Add a notice, or what a machine found, to the case that waits; None when there is none.

    A more urgent one brings the answer forward, never back, and so does a trusted flagger's.
    """
    cases, now = CaseStore(session), house.clock.now()
    case = await cases.waiting_about(subject)
    if case is None:
        return None
    if opening.notice_id is None and not opening.machine:
        return case.id
    what = Happened.NOTICED if opening.notice_id is not None else Happened.DETECTED
    event = Event(what=what, at=now, notice_id=opening.notice_id, machine=opening.machine)
    wanted = house.safety.decide_by(opening.category, now)
    answer_by = wanted if case.answer_by is None else min(case.answer_by, wanted)
    await cases.add(case.id, case.beside, event, answer_by=answer_by, due_at=now)
    if opening.source is Source.FLAGGER and case.source is not Source.FLAGGER:
        first = replace(case, source=Source.FLAGGER)
        await cases.set_source(case.id, first.source, weight=await weight_of(house, session, first))
    return case.id


async def _remember(house: House, session: AsyncSession, case: Case, opening: Opening) -> None:
    await remember(
        house,
        session,
        Act.CASE_OPENED,
        by=opening.by,
        on=case.affected,
        case=str(case.id),
        subject=case.subject.kind.value,
        source=case.source.value,
        category=case.category,
        machine=opening.machine,
    )
