"""Taking a decision back: at the desk within a day, before anybody complains; an account is brought back at any time.

What it did is lifted, and everybody is told why.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, email_of, send
from rostra.flows.announce_decision import notify_affected, notify_notifier, told
from rostra.flows.enforce_decision import lift
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge
from rostra.flows.remember import remember
from rostra.flows.secret_links import decision_url, notice_url
from rostra.flows.telling import tell
from rostra.network.streaming import AccessChanged
from rostra.platform.log import get_logger
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId, DecisionId, Event, Happened, Status
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision
from rostra.safety.ledger import Act
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.recusal import check_sees
from rostra.safety.undoing import NewerCase, answer_taken_back, check_can_undo, checked_reason, taken_back

_log = get_logger(__name__)


async def undo_decision(
    house: House, judge: Judge, case_id: CaseId, decision_id: DecisionId, reason: str, *, at_any_time: bool = False
) -> Decision:
    """Take back what was decided or proposed; the case is open again, unless it was closed. reason: everybody whom it
    concerns reads it. at_any_time: also after UNDO_WITHIN; see `check_can_undo`.

    Raises Invalid, Forbidden, NoSuchCase, NoSuchDecision, Recused, CaseChanged, TooLateToUndo, NewerCase.
    """
    now, reason = house.clock.now(), checked_reason(reason)
    async with house.database.transaction() as session:
        await check_may_judge(house, session, judge, case_id)
        cases, decisions = CaseStore(session), DecisionStore(session)
        case = await cases.get(case_id, lock=True)
        if judge.account_id is not None:
            check_sees(judge.account_id, await cases.parties(case))
        standing, decision = await cases.standing(case_id), await decisions.get(decision_id)
        filed = [each for each in await ComplaintStore(session).of_case(case_id) if each.decision_id == decision_id]
        check_can_undo(decision, standing, complaints=len(filed), now=now, by=judge.account_id, at_any_time=at_any_time)
        is_open_again = standing.status is not Status.CLOSED
        if is_open_again and await cases.undecided(case.subject) not in (None, case_id):
            raise NewerCase(f"case {case_id}")
        if decision.in_force_at is not None:
            await lift(house, session, decision)
            await _announce(house, session, decision, reason, anew=is_open_again)
        await decisions.undo(decision_id, now=now)
        event = Event(
            what=Happened.UNDONE,
            at=now,
            by=judge.account_id,
            outside=judge.is_outside,
            decision_id=decision_id,
            why=reason,
        )
        answer_by = house.safety.decide_by(case.category, case.opened_at) if is_open_again else None
        await cases.add(case_id, standing, event, answer_by=answer_by, due_at=now if is_open_again else None)
        await remember(
            house,
            session,
            Act.DECISION_UNDONE,
            by=judge.name,
            on=decision.affected,
            reason=reason,
            case=str(case_id),
            decision=str(decision_id),
            was_in_force=decision.in_force_at is not None,
        )
    house.relay.nudge()
    if decision.acts and decision.in_force_at is not None and decision.affected is not None:
        await tell(house, AccessChanged(account_id=decision.affected))
    _log.info("decision_undone", case_id=case_id, decision_id=decision_id)
    return decision


async def _announce(house: House, session: AsyncSession, decision: Decision, reason: str, *, anew: bool) -> None:
    """To everybody who had been told of the decision. anew: somebody looks at it again."""
    if decision.acts and decision.affected is not None:
        await notify_affected(house, session, decision.affected, decision.id)
    to = await address_of(session, decision.affected) if decision.acts else ""
    if to:
        url = decision_url(house, decision.id)
        said = taken_back(await told(house, session, decision, url), reason, anew=anew)
        send(house, session, letters.statement(house, to, said, url=url))
    about = await told(house, session, decision, "")
    async for notice in NoticeStore(session).all_of_case(decision.case_id):
        await notify_notifier(house, session, notice)
        if to := await email_of(house, session, notice):
            url = notice_url(house, notice.id)
            answer = answer_taken_back(replace(about, complain_url=url), reason, anew=anew)
            send(house, session, letters.statement(house, to, answer, url=url))
