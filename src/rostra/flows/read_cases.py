"""Reading cases: what waits, one case with all that belongs to it, and what those concerned may see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.addresses import contact_of
from rostra.flows.announce_decision import told
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge
from rostra.flows.locate import begins_ms, described
from rostra.flows.permission import account_of, moderator_of
from rostra.flows.secret_links import notice_url
from rostra.network.accounts import Profile, ProfileStore, Viewer
from rostra.platform.ids import AccountId
from rostra.platform.randomness import fingerprint
from rostra.safety.attention import Only
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId, DecisionId, Event, Standing, Status
from rostra.safety.claims import ClaimStore
from rostra.safety.complaints import Complaint, Side
from rostra.safety.deadlines import CLAIM
from rostra.safety.decision_store import DecisionStore, NoSuchDecision
from rostra.safety.decisions import Decision
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.notices import Contact, Item, Notice
from rostra.safety.queue_store import QueueStore
from rostra.safety.recusal import Bias, check_sees, decides
from rostra.safety.statements import Statement, answer_of

LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class FiledNotice:
    """A notice as moderators read it. contact: who told us; empty where nobody said, or it was erased."""

    notice: Notice
    contact: Contact


@dataclass(frozen=True, slots=True)
class Stuck:
    """Cases that wait for another moderator or the outside reviewer. oldest_at: since when; None for none."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One case with all that belongs to it. what: what it is about, in words. bias: why this judge may not decide now.

    people: the accounts that have a part in it, by id, of those that are still there. zero_ms: of a broadcast, the
    media time that its listeners know as 0:00.
    """

    case: Case
    standing: Standing
    what: str
    log: list[Event]
    notices: list[FiledNotice]
    decisions: list[Decision]
    complaints: list[Complaint]
    evidence: list[Evidence]
    bias: Bias | None
    people: dict[int, Profile]
    zero_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An item of a notice, for who reported it. answer: None while nothing is decided. may_complain_until: None when it
    is not, or not any more, possible. complaint: their own. is_stuck: nobody here may decide it at the moment.
    """

    item: Item
    status: Status | None
    is_stuck: bool
    answer: Statement | None
    decision_id: DecisionId | None
    may_complain_until: datetime | None
    complaint: Complaint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    notice: Notice
    items: list[Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """A decision about somebody, for them. may_complain_until: as Answered. complaint: their own."""

    decision: Decision
    statement: Statement
    may_complain_until: datetime | None
    complaint: Complaint | None


async def queue(house: House, viewer: Viewer, *, limit: int = LISTED) -> list[Case]:
    """What waits, the most urgent first, without what concerns the viewer. Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.reading() as session:
        return (await QueueStore(session).page(who, Only(), now=house.clock.now(), limit=limit)).cases


async def stuck(house: House, viewer: Viewer) -> Stuck:
    """How many cases nobody here may decide: said to every moderator, for it is their house. Raises as queue."""
    moderator_of(viewer)
    async with house.database.reading() as session:
        count, oldest_at = await QueueStore(session).stuck()
    return Stuck(count, oldest_at)


async def open_case(house: House, judge: Judge, case_id: CaseId) -> CaseFile:
    """Raises Forbidden, NoSuchCase, Recused for whoever may not even see it."""
    async with house.database.reading() as session:
        await check_may_judge(house, session, judge, case_id)
        cases = CaseStore(session)
        case, log, standing = await cases.get(case_id), await cases.log(case_id), await cases.standing(case_id)
        parties = await cases.parties(case)
        if judge.account_id is not None:
            check_sees(judge.account_id, parties)
        bias = decides(judge.account_id, parties, standing)
        notices = await NoticeStore(session).of_case(case_id)
        everybody = {case.affected, *standing.deciders, *(each.by for each in log)} - {None}
        return CaseFile(
            case=case,
            standing=standing,
            what=await described(house, session, case.subject),
            log=log,
            notices=[FiledNotice(each, contact_of(house, each)) for each in notices],
            decisions=await DecisionStore(session).of_case(case_id),
            complaints=await ComplaintStore(session).of_case(case_id),
            evidence=list(await EvidenceStore(session).of_case(case_id)),
            bias=bias,
            people=await ProfileStore(session).by_ids([each for each in everybody if each is not None]),
            zero_ms=await begins_ms(session, case.subject),
        )


async def claim_case(house: House, judge: Judge, case_id: CaseId) -> None:
    """Have a case to oneself for a quarter of an hour, or for longer. Raises as open_case, and Claimed."""
    now = house.clock.now()
    async with house.database.transaction() as session:
        await check_may_judge(house, session, judge, case_id)
        cases = CaseStore(session)
        if judge.account_id is None:
            return
        check_sees(judge.account_id, await cases.parties(await cases.get(case_id)))
        await ClaimStore(session).claim(case_id, judge.account_id, now=now, until=now + CLAIM)


async def release_case(house: House, viewer: Viewer, case_id: CaseId) -> None:
    """Let somebody else have it. Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.transaction() as session:
        await ClaimStore(session).release(who, case_id)


async def notice_page(house: House, secret: str) -> NoticePage:
    """How a notice stands, for whoever has its link. Raises NoSuchNotice."""
    async with house.database.reading() as session:
        notice = await NoticeStore(session).by_fingerprint(fingerprint(secret))
        return NoticePage(notice=notice, items=[await _answered(house, session, notice, each) for each in notice.items])


async def reasons_for(house: House, viewer: Viewer, decision_id: DecisionId) -> Reasons:
    """A decision about something of the viewer's. Raises Unauthorized, NoSuchDecision."""
    who = account_of(viewer)
    async with house.database.reading() as session:
        decision = await DecisionStore(session).get(decision_id)
        if decision.affected != who:
            raise NoSuchDecision(f"decision {decision_id} is not about {who}")
        return await _reasons(house, session, decision)


async def reasons_by_link(house: House, secret: str) -> Reasons:
    """The same, by the link in the letter. Raises NoSuchDecision."""
    async with house.database.reading() as session:
        return await _reasons(house, session, await DecisionStore(session).by_fingerprint(fingerprint(secret)))


async def decisions_about(house: House, viewer: Viewer) -> list[Decision]:
    """All that was decided about the viewer's content and account, newest first. Raises Unauthorized."""
    who = account_of(viewer)
    async with house.database.reading() as session:
        return await DecisionStore(session).about(who)


async def notices_of(house: House, viewer: Viewer) -> list[Notice]:
    """All that the viewer has reported, newest first. Raises Unauthorized."""
    who: AccountId = account_of(viewer)
    async with house.database.reading() as session:
        return await NoticeStore(session).of_account(who)


async def _answered(house: House, session: AsyncSession, notice: Notice, item: Item) -> Answered:
    if item.case_id is None:
        return Answered(
            item=item,
            status=None,
            is_stuck=False,
            answer=None,
            decision_id=None,
            may_complain_until=None,
            complaint=None,
        )
    case = await CaseStore(session).get(item.case_id)
    decision = await _in_force(session, case)
    complaints = [each for each in await ComplaintStore(session).of_case(case.id) if each.notice_id == notice.id]
    answer = None
    if decision is not None and decision.complaints_until is not None:
        about = await told(house, session, decision, notice_url(house, notice.id))
        answer = answer_of(decision, about, complaints_until=decision.complaints_until)
    return Answered(
        item=item,
        status=case.status,
        is_stuck=case.stuck,
        answer=answer,
        decision_id=None if decision is None else decision.id,
        may_complain_until=_may_complain(house, decision, complaints),
        complaint=complaints[-1] if complaints else None,
    )


async def _in_force(session: AsyncSession, case: Case) -> Decision | None:
    if case.decision_id is None:
        return None
    decision = await DecisionStore(session).get(case.decision_id)
    return decision if decision.in_force_at is not None else None


async def _reasons(house: House, session: AsyncSession, decision: Decision) -> Reasons:
    statement = await DecisionStore(session).statement(decision.id)
    if statement is None:
        raise NoSuchDecision(f"decision {decision.id} has nothing to tell")
    of_case = await ComplaintStore(session).of_case(decision.case_id)
    own = [each for each in of_case if each.decision_id == decision.id and each.side is Side.AFFECTED]
    return Reasons(
        decision=decision,
        statement=statement,
        may_complain_until=_may_complain(house, decision, own),
        complaint=own[0] if own else None,
    )


def _may_complain(house: House, decision: Decision | None, own: list[Complaint]) -> datetime | None:
    if decision is None or not decision.stands or decision.complaints_until is None:
        return None
    if any(each.decision_id == decision.id for each in own) or house.clock.now() >= decision.complaints_until:
        return None
    return decision.complaints_until
