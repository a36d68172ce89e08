"""What will be read, before anything is sent: made by the same functions as what is sent, from the same words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rostra.flows.announce_decision import told
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.read_cases import CaseFile
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseChanged, ComplaintId, DecisionId
from rostra.safety.complaints import Outcome, check_outcome, checked_text
from rostra.safety.decisions import Decision, DecisionWish, as_found, checked, needs_second
from rostra.safety.statements import Statement, answer_of, complaint_answer, no_longer_restricted, statement_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """statement: for whose content it is; None where nothing changes for them. answer: for who flagged or complained.

    until: when complaining about it would end, if it were sent now. acts: it restricts something. lifts: it ends what
    the decision before has restricted.
    """

    statement: Statement | None
    answer: Statement | None
    until: datetime
    acts: bool
    lifts: bool = False
    needs_second: bool = False
    by: AccountId | None = None


async def preview_decision(house: House, judge: Judge, file: CaseFile, wish: DecisionWish) -> Preview:
    """Raises Invalid, as deciding would."""
    case, now = file.case, house.clock.now()
    wish = checked(as_found(wish, file.standing), subject=case.subject, affected=case.affected, now=now)
    decision = _decision(file, judge.account_id, wish, now)
    return await _texts(house, file, decision, now, by=judge.account_id)


async def preview_complaint(
    house: House,
    judge: Judge,
    file: CaseFile,
    complaint_id: ComplaintId,
    outcome: Outcome,
    reasons: str,
    new: DecisionWish | None,
) -> Preview:
    """answer: to whoever complained. Raises Invalid and CaseChanged, as answering would."""
    now = house.clock.now()
    reasons = checked_text(reasons, "reasons")
    complaint = next((each for each in file.complaints if each.id == complaint_id), None)
    if complaint is None:
        raise CaseChanged(f"complaint {complaint_id}")
    before = next(each for each in file.decisions if each.id == complaint.decision_id)
    check_outcome(complaint, before, outcome, new)
    statement, acts = None, False
    if new is not None:
        found_so = as_found(new, file.standing)
        wish = checked(found_so, subject=file.case.subject, affected=file.case.affected, now=now)
        decision = _decision(file, judge.account_id, wish, now, replaces=before)
        seen = await _texts(house, file, decision, now, before=before)
        statement, acts = seen.statement, seen.acts
    async with house.database.reading() as session:
        about = await told(house, session, before, _link(house))
    answer = complaint_answer(outcome, complaint.side, reasons, about, before=before)
    lifts, until = new is not None and before.acts, house.safety.complaint_ends(now)
    return Preview(statement=statement, answer=answer, until=until, acts=acts, lifts=lifts)


async def proposed(house: House, file: CaseFile) -> Preview:
    """Of the decision that waits for a second person. Raises CaseChanged when none does."""
    found = next((each for each in file.decisions if each.id == file.standing.decision_id), None)
    if found is None or found.in_force_at is not None:
        raise CaseChanged(f"case {file.case.id} has no proposal")
    return await _texts(house, file, found, house.clock.now(), by=found.by)


async def _texts(
    house: House,
    file: CaseFile,
    decision: Decision,
    now: datetime,
    *,
    before: Decision | None = None,
    by: AccountId | None = None,
) -> Preview:
    until = house.safety.complaint_ends(now)
    async with house.database.reading() as session:
        about = await told(house, session, decision, _link(house))
    statement = None
    if decision.acts:
        statement = statement_of(decision, about, complaints_until=until)
    elif before is not None and before.acts:
        statement = no_longer_restricted(decision, about, before=before, complaints_until=until)
    return Preview(
        statement=statement,
        answer=answer_of(decision, about, complaints_until=until) if file.notices else None,
        until=until,
        acts=decision.acts,
        needs_second=before is None and needs_second(decision.wish, house.safety),
        by=by,
    )


def _link(house: House) -> str:
    """In place of a private link: those of other people are not for moderators either."""
    return f"{house.membership.site_url}/…"


def _decision(
    file: CaseFile, by: AccountId | None, wish: DecisionWish, now: datetime, *, replaces: Decision | None = None
) -> Decision:
    """As it would be made; its id is only that of an address that does not exist yet."""
    return Decision(
        id=DecisionId(0),
        case_id=file.case.id,
        made_at=now,
        by=by,
        wish=wish,
        source=file.case.source if replaces is None else replaces.source,
        affected=file.case.affected,
        replaces=None if replaces is None else replaces.id,
    )
