"""Complaints: against decisions to act and not to act, for six months, answered by somebody else (DSA, Article 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, email_of, send
from rostra.flows.announce_decision import notify_affected, notify_notifier, told
from rostra.flows.check_sender import check_sender
from rostra.flows.decide_case import Open, put_in_force, take_up
from rostra.flows.enforce_decision import lift
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.permission import account_of
from rostra.flows.remember import remember
from rostra.flows.secret_links import decision_url, notice_url
from rostra.flows.take_enclosures import enclosed
from rostra.flows.telling import tell
from rostra.network.accounts import Viewer
from rostra.network.media import MediaStore
from rostra.network.media.incoming import Upload
from rostra.network.streaming import AccessChanged
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.randomness import fingerprint
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import (
    CaseChanged,
    CaseId,
    ComplaintId,
    DecisionId,
    Event,
    Happened,
)
from rostra.safety.complaints import (
    Complaint,
    NotStanding,
    Outcome,
    Side,
    check_in_time,
    check_outcome,
    checked_text,
)
from rostra.safety.decision_store import DecisionStore, NoSuchDecision
from rostra.safety.decisions import Decision, DecisionWish, as_found, checked
from rostra.safety.ledger import Act
from rostra.safety.misusing.store import sender_of
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.notices import NoSuchNotice, Notice
from rostra.safety.restrictions import Measure
from rostra.safety.statements import complaint_answer
from rostra.shield.notice_limits import NoticeLimits

_log = get_logger(__name__)
_END_APART: Final = (
    "The end of an account needs two people, so it cannot be the answer to a complaint. Answer with another measure, "
    "and propose the end of the account in a case of its own."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What somebody says against a decision. files: that came with it."""

    text: str
    files: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class _Complainant:
    side: Side
    account_id: AccountId | None
    notice: Notice | None


async def complain(
    house: House, viewer: Viewer, decision_id: DecisionId, grounds: Grounds, *, address: str, limits: NoticeLimits
) -> Complaint:
    """By somebody who is signed in, a suspended account too: whose content it is, or who has reported it.

    Raises Unauthorized, NoSuchDecision also for what does not concern them, TooLateToComplain, NotStanding,
    AlreadyComplained, Invalid, TooMany; SenderSuspended only for who has reported it.
    """
    account_id = account_of(viewer)
    async with house.database.reading() as session:
        decision = await DecisionStore(session).get(decision_id)
        own = await NoticeStore(session).own_of_case(decision.case_id, account_id)
        if account_id != decision.affected:
            await check_sender(house, session, sender_of(account_id, ""), category=decision.wish.reasons.category)
    if account_id == decision.affected:
        who = _Complainant(Side.AFFECTED, account_id, None)
    elif own is not None:
        who = _Complainant(Side.NOTIFIER, account_id, own)
    else:
        raise NoSuchDecision(f"decision {decision_id} does not concern {account_id}")
    return await _file(house, decision_id, who, grounds, address=address, limits=limits)


async def complain_by_reasons(
    house: House, secret: str, grounds: Grounds, *, address: str, limits: NoticeLimits
) -> Complaint:
    """By the link in the letter with the reasons, for whoever cannot sign in any more. Raises as complain."""
    async with house.database.reading() as session:
        decision = await DecisionStore(session).by_fingerprint(fingerprint(secret))
    if decision.affected is None:
        raise NoSuchDecision(f"decision {decision.id} concerns nobody here")
    who = _Complainant(Side.AFFECTED, decision.affected, None)
    return await _file(house, decision.id, who, grounds, address=address, limits=limits)


async def complain_by_notice(
    house: House, secret: str, case_id: CaseId, grounds: Grounds, *, address: str, limits: NoticeLimits
) -> Complaint:
    """By the link of a notice, about one of its items. Raises NoSuchNotice, and as complain."""
    async with house.database.reading() as session:
        notice = await NoticeStore(session).by_fingerprint(fingerprint(secret))
        if case_id not in {each.case_id for each in notice.items}:
            raise NoSuchNotice(f"notice {notice.id} has no part in case {case_id}")
        case = await CaseStore(session).get(case_id)
        await check_sender(house, session, sender_of(notice.account_id, notice.email_mark), category=case.category)
    if case.decision_id is None:
        raise NotStanding(f"case {case_id} is not decided")
    who = _Complainant(Side.NOTIFIER, notice.account_id, notice)
    return await _file(house, case.decision_id, who, grounds, address=address, limits=limits)


async def decide_complaint(
    house: House,
    judge: Judge,
    complaint_id: ComplaintId,
    outcome: Outcome,
    reasons: str,
    new: DecisionWish | None = None,
    *,
    version: int,
) -> Complaint:
    """Answer a complaint, and put another decision in place of the one it is about unless that stands.

    What stands ends at once, with all that it did, also where another complaint has replaced the decision that this one
    is about. Raises Forbidden, Recused, CaseChanged, Claimed, Invalid.
    """
    now = house.clock.now()
    reasons = checked_text(reasons, "reasons")
    async with house.database.transaction() as session:
        complaints, decisions = ComplaintStore(session), DecisionStore(session)
        complaint = await complaints.get(complaint_id)
        if complaint is None:
            raise CaseChanged(f"complaint {complaint_id}")
        found = await take_up(house, session, judge, complaint.case_id, version=version)
        before = await decisions.get(complaint.decision_id)
        assert found.standing.decision_id is not None  # a case that is in complaint has one
        stands = await decisions.get(found.standing.decision_id)
        check_outcome(complaint, before, outcome, new)
        made = None if new is None else _instead(house, judge, found, before, new, replaces=stands)
        made_id = None if made is None else made.id
        due_at = stands.complaints_until if made is None else house.safety.complaint_ends(now)
        event = Event(
            what=Happened.UPHELD if made is None else Happened.CHANGED,
            at=now,
            by=judge.account_id,
            outside=judge.is_outside,
            decision_id=made_id,
            complaint_id=complaint.id,
        )
        await _happened(session, found, event, due_at=due_at)
        await complaints.answer(
            complaint.id, outcome, by=judge.account_id, reasons=reasons, new_decision_id=made_id, now=now
        )
        complaint = replace(
            complaint,
            outcome=outcome,
            decided_at=now,
            decided_by=judge.account_id,
            reasons=reasons,
            new_decision_id=made_id,
        )
        await _answer(house, session, complaint, before)
        if made is not None:
            await lift(house, session, stands)
            await decisions.add(made)
            await decisions.replace(stands.id, made.id)
            await put_in_force(house, session, made, judge, second=None)
        await remember(
            house,
            session,
            Act.COMPLAINT_DECIDED,
            by=judge.name,
            on=before.affected,
            reason=reasons,
            case=str(complaint.case_id),
            complaint=str(complaint.id),
            decision=str(before.id),
            side=complaint.side.value,
            outcome=outcome.value,
            new_decision="" if made_id is None else str(made_id),
        )
    house.relay.nudge()
    if before.affected is not None and made is not None:
        await tell(house, AccessChanged(account_id=before.affected))
    _log.info("complaint_decided", complaint_id=complaint_id, case_id=complaint.case_id, outcome=outcome)
    return complaint


def _instead(
    house: House, judge: Judge, found: Open, before: Decision, new: DecisionWish, *, replaces: Decision
) -> Decision:
    """What takes the place of what stands. before: what the complaint is about. Raises Invalid."""
    if any(each.measure is Measure.TERMINATE for each in new.measures):
        raise Invalid("termination by complaint", user_message=_END_APART, field="measures")
    now, case = house.clock.now(), found.case
    return Decision(
        id=DecisionId(house.ids.next()),
        case_id=case.id,
        made_at=now,
        by=judge.account_id,
        wish=checked(as_found(new, found.standing), subject=case.subject, affected=case.affected, now=now),
        source=before.source,
        affected=before.affected,
        replaces=replaces.id,
    )


async def _happened(session: AsyncSession, found: Open, event: Event, *, due_at: datetime | None) -> None:
    """Add the answer to the case, which waits for none any more when it was the last."""
    cases, case = CaseStore(session), found.case
    after = await cases.add(case.id, found.standing, event, answer_by=case.answer_by, due_at=due_at)
    if not after.open_complaints:
        await cases.set_answer_by(case.id, None)


async def _file(
    house: House,
    decision_id: DecisionId,
    who: _Complainant,
    grounds: Grounds,
    *,
    address: str,
    limits: NoticeLimits,
) -> Complaint:
    limits.take_complaint(address)
    text, now = checked_text(grounds.text), house.clock.now()
    async with enclosed(house, grounds.files) as keys, house.database.transaction() as session:
        decision = await DecisionStore(session).get(decision_id)
        cases = CaseStore(session)
        case = await cases.get(decision.case_id, lock=True)
        check_in_time(decision, now=now, zone=house.safety.zone)
        complaint = Complaint(
            id=ComplaintId(house.ids.next()),
            case_id=case.id,
            decision_id=decision.id,
            side=who.side,
            account_id=who.account_id,
            notice_id=None if who.notice is None else who.notice.id,
            text=text,
            attachments=keys,
            filed_at=now,
        )
        await ComplaintStore(session).add(complaint)
        await MediaStore(session).hold_for(complaint.id, complaint.attachments)
        event = Event(what=Happened.COMPLAINED, at=now, by=complaint.account_id, complaint_id=complaint.id)
        wanted = now + house.safety.targets.complaint
        answer_by = wanted if case.answer_by is None else min(case.answer_by, wanted)
        await cases.add(case.id, await cases.standing(case.id), event, answer_by=answer_by, due_at=now)
        if to := await _address(house, session, complaint):
            about = await told(house, session, decision, _page(house, complaint))
            send(house, session, letters.complaint_received(house, to, what=about.what, url=about.complain_url))
        await remember(
            house,
            session,
            Act.COMPLAINT_RECEIVED,
            by=complaint.account_id,
            case=str(case.id),
            complaint=str(complaint.id),
            decision=str(decision.id),
            side=complaint.side.value,
        )
    _log.info("complaint_taken", complaint_id=complaint.id, case_id=case.id, side=complaint.side)
    return complaint


async def _answer(house: House, session: AsyncSession, complaint: Complaint, before: Decision) -> None:
    assert complaint.outcome is not None
    if complaint.notice_id is not None:
        await notify_notifier(house, session, await NoticeStore(session).get(complaint.notice_id))
    elif complaint.account_id is not None:
        await notify_affected(house, session, complaint.account_id, complaint.decision_id)
    if to := await _address(house, session, complaint):
        url = _page(house, complaint)
        about = await told(house, session, before, url)
        said = complaint_answer(complaint.outcome, complaint.side, complaint.reasons, about, before=before)
        send(house, session, letters.statement(house, to, said, url=url))


async def _address(house: House, session: AsyncSession, complaint: Complaint) -> str:
    """Where the answer goes."""
    if complaint.notice_id is not None:
        return await email_of(house, session, await NoticeStore(session).get(complaint.notice_id))
    return await address_of(session, complaint.account_id)


def _page(house: House, complaint: Complaint) -> str:
    if complaint.notice_id is not None:
        return notice_url(house, complaint.notice_id)
    return decision_url(house, complaint.decision_id)
