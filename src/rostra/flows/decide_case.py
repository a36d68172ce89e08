"""Deciding a case: by a person who has no part in it, once, with reasons for everybody whom it concerns.

Two people who decide at the same moment: one is first, the other is told so and nothing of theirs is written. Where two
have to agree, the first one proposes, and nothing happens until a second one, who is never the same, has agreed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.announce_decision import announce
from rostra.flows.enforce_decision import enforce
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge
from rostra.flows.remember import remember
from rostra.flows.telling import tell
from rostra.network.streaming import AccessChanged
from rostra.platform.log import get_logger
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseChanged, CaseId, DecisionId, Event, Happened, Standing, Status
from rostra.safety.claims import Claimed
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision, DecisionWish, as_found, checked, checked_second, needs_second
from rostra.safety.ledger import Act
from rostra.safety.recusal import check_decides

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Open:
    """A case that this transaction has locked, and that this judge may decide."""

    case: Case
    standing: Standing


async def take_up(house: House, session: AsyncSession, judge: Judge, case_id: CaseId, *, version: int) -> Open:
    """Lock the case for a decision by `judge`, who has seen it at `version`.

    Raises Forbidden, NoSuchCase, Recused, CaseChanged, Claimed.
    """
    await check_may_judge(house, session, judge, case_id)
    cases = CaseStore(session)
    case = await cases.get(case_id, lock=True)
    standing = await cases.standing(case_id)
    check_decides(judge.account_id, await cases.parties(case), standing)
    if standing.version != version:
        raise CaseChanged(f"case {case_id} is at {standing.version}, not {version}")
    if case.is_claimed(house.clock.now()) and case.claimed_by != judge.account_id:
        raise Claimed(f"case {case_id}")
    return Open(case, standing)


async def decide_case(
    house: House, judge: Judge, case_id: CaseId, wish: DecisionWish, *, version: int, bulk_id: int | None = None
) -> Decision:
    """Decide, or propose where a second person has to agree; `in_force_at` says which of them.

    bulk_id: of the act on several cases that it is part of.
    Raises Invalid, Forbidden, NoSuchCase, Recused, CaseChanged, Claimed, IllegalEvent.
    """
    async with house.database.transaction() as session:
        decision = await decide_in(house, session, judge, case_id, wish, version=version, bulk_id=bulk_id)
    await tell_decided(house, decision)
    return decision


async def decide_in(
    house: House,
    session: AsyncSession,
    judge: Judge,
    case_id: CaseId,
    wish: DecisionWish,
    *,
    version: int,
    bulk_id: int | None = None,
    on_air: bool = False,
) -> Decision:
    """The same in a transaction that does more; after its commit comes `tell_decided`. on_air: as `checked`.

    Raises as decide_case.
    """
    now = house.clock.now()
    found = await take_up(house, session, judge, case_id, version=version)
    if found.standing.status is not Status.OPEN:
        raise CaseChanged(f"case {case_id} is {found.standing.status}")
    case = found.case
    found_so = as_found(wish, found.standing)
    wish = checked(found_so, subject=case.subject, affected=case.affected, now=now, on_air=on_air)
    decision = Decision(
        id=DecisionId(house.ids.next()),
        case_id=case_id,
        made_at=now,
        by=judge.account_id,
        wish=wish,
        source=case.source,
        affected=case.affected,
        bulk_id=bulk_id,
    )
    waits = needs_second(wish, house.safety)
    await DecisionStore(session).add(decision)
    event = Event(
        what=Happened.PROPOSED if waits else Happened.DECIDED,
        at=now,
        by=judge.account_id,
        outside=judge.is_outside,
        decision_id=decision.id,
    )
    ends = None if waits else house.safety.complaint_ends(now)
    answer_by = case.answer_by if waits else None
    await CaseStore(session).add(case_id, found.standing, event, answer_by=answer_by, due_at=now if waits else ends)
    if waits:
        await _remember(house, session, Act.DECISION_PROPOSED, judge, decision)
    else:
        decision = await put_in_force(house, session, decision, judge, second=None)
    _log.info("case_decided", case_id=case_id, decision_id=decision.id, waits=waits, measures=len(wish.measures))
    return decision


async def second_decision(
    house: House, judge: Judge, case_id: CaseId, *, agrees: bool, reason: str, version: int
) -> Decision:
    """Agree to what somebody else has proposed, or decline, and then the case is open again. reason: of either.

    Raises as decide_case.
    """
    now, reason = house.clock.now(), checked_second(reason)
    async with house.database.transaction() as session:
        found = await take_up(house, session, judge, case_id, version=version)
        if found.standing.status is not Status.PROPOSED or found.standing.decision_id is None:
            raise CaseChanged(f"case {case_id} is {found.standing.status}")
        decision = await DecisionStore(session).get(found.standing.decision_id)
        event = Event(
            what=Happened.AGREED if agrees else Happened.DECLINED,
            at=now,
            by=judge.account_id,
            outside=judge.is_outside,
            decision_id=decision.id,
            why=reason,
        )
        due_at = house.safety.complaint_ends(now) if agrees else now
        answer_by = None if agrees else found.case.answer_by
        await CaseStore(session).add(case_id, found.standing, event, answer_by=answer_by, due_at=due_at)
        if agrees:
            decision = await put_in_force(house, session, decision, judge, second=judge, why=reason)
        else:
            await _remember(house, session, Act.DECISION_DECLINED, judge, decision, reason=reason)
    await tell_decided(house, decision)
    return decision


async def put_in_force(
    house: House, session: AsyncSession, decision: Decision, judge: Judge, *, second: Judge | None, why: str = ""
) -> Decision:
    """Everything that follows from a decision, in its transaction: its measures, who is told, and the ledger.

    The decision as it is then. second: who agreed to it, and why.
    """
    await enforce(house, session, decision)
    informed = await announce(house, session, decision, second_by=None if second is None else second.account_id)
    if second is not None:
        await _remember(house, session, Act.DECISION_AGREED, second, informed, reason=why)
    await _remember(house, session, Act.DECISION_MADE, judge, informed)
    return informed


async def _remember(
    house: House, session: AsyncSession, act: Act, judge: Judge, decision: Decision, *, reason: str = ""
) -> None:
    wish = decision.wish
    await remember(
        house,
        session,
        act,
        by=judge.name,
        on=decision.affected,
        reason=reason or wish.reasons.why,
        case=str(decision.case_id),
        decision=str(decision.id),
        measures=" ".join(each.measure for each in wish.measures),
        territories=" ".join(sorted({code for each in wish.measures for code in each.territories})),
        ground=wish.reasons.ground.value if wish.measures else "",
        category=wish.reasons.category,
        source=decision.source.value,
        found_automatically=wish.reasons.found_automatically,
        automation=wish.reasons.automation.value,
    )


async def tell_decided(house: House, decision: Decision) -> None:
    """After the commit: letters go out, and streams of whoever it is about are looked at anew."""
    house.relay.nudge()
    if decision.acts and decision.affected is not None:
        await tell(house, AccessChanged(account_id=decision.affected))
