"""Deciding several cases in one act.

Each is decided by itself, with its own check of who may, its own statement and its own entry of the ledger; what cannot
be decided is left out, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rostra.flows.decide_case import decide_case
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge_at_all
from rostra.flows.preview_decision import Preview, preview_decision
from rostra.flows.read_cases import CaseFile, open_case
from rostra.flows.read_evidence import read_evidence
from rostra.flows.take_evidence import Snapshot
from rostra.flows.undo_decision import undo_decision
from rostra.network.accounts import Profile, ProfileStore
from rostra.platform.errors import Conflict, Forbidden, Invalid, NotFound, RostraError
from rostra.safety.bulk import CASES_MOST, BulkAct, BulkStore
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseChanged, CaseId, DecisionId, IllegalEvent, Status
from rostra.safety.claims import Claimed
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision, DecisionWish
from rostra.safety.desk_store import DeskStore
from rostra.safety.recusal import Recused, sees
from rostra.safety.undoing import UNDO_WITHIN, NewerCase, TooLateToUndo, checked_reason

_OF_ONE = (Invalid, Conflict, CaseChanged, IllegalEvent, Claimed, Recused, NotFound, TooLateToUndo, NewerCase)
"""What concerns one case alone: the others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A case that can be decided with others. snapshot: what was flagged; None when it is kept no more."""

    file: CaseFile
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """left_out: how each of the others differs, by case."""

    chosen: tuple[Chosen, ...]
    left_out: Mapping[CaseId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What becomes of one case. preview: None where error says why it would not be decided."""

    file: CaseFile
    preview: Preview | None
    error: RostraError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """decision: what was decided or taken back; None where error says why nothing was."""

    case_id: CaseId
    decision: Decision | None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """An act on several cases as its readers may see it. hidden: how many of it concern whoever looks.

    can_undo: it is not a day old, and something of it stands or is proposed.
    """

    act: BulkAct
    cases: tuple[tuple[Case, Decision], ...]
    people: Mapping[int, Profile]
    hidden: int
    can_undo: bool


async def choose_cases(house: House, judge: Judge, numbers: Sequence[CaseId]) -> Choice:
    """Look at several cases at once; each look counts, and reading what was flagged is written down.

    Raises Forbidden, and Invalid for none and for more than CASES_MOST.
    """
    numbers = list(dict.fromkeys(numbers))
    if not numbers or len(numbers) > CASES_MOST:
        raise Invalid(f"{len(numbers)} cases", user_message=f"Choose from 1 to {CASES_MOST} cases.", field="cases")
    async with house.database.reading() as session:
        await check_may_judge_at_all(session, judge)
    chosen, left_out = [], dict[CaseId, str]()
    for number in numbers:
        try:
            file = await open_case(house, judge, number)
            if file.standing.status is not Status.OPEN:
                left_out[number] = "It does not wait for a first decision any more."
            elif file.case.is_claimed(house.clock.now()) and file.case.claimed_by != judge.account_id:
                left_out[number] = Claimed.user_message
            else:
                chosen.append(Chosen(file=file, snapshot=await _snapshot(house, judge, file)))
        except _OF_ONE as error:
            left_out[number] = error.user_message
    await _count(house, judge, [each.file.case.id for each in chosen])
    return Choice(chosen=tuple(chosen), left_out=left_out)


async def cases_of(house: House, judge: Judge, numbers: Sequence[CaseId]) -> list[Case]:
    """Those that are there; whether this judge may decide them is asked with each decision. Raises Forbidden."""
    async with house.database.reading() as session:
        await check_may_judge_at_all(session, judge)
        return await CaseStore(session).by_numbers(numbers)


async def preview_many(house: House, judge: Judge, wishes: Sequence[tuple[CaseFile, DecisionWish, int]]) -> list[Seen]:
    """What everybody will read. wishes: each with the version at which the case was read."""
    found = []
    for file, wish, version in wishes:
        try:
            if file.standing.version != version:
                raise CaseChanged(f"case {file.case.id}")
            found.append(Seen(file=file, preview=await preview_decision(house, judge, file, wish)))
        except _OF_ONE as error:
            found.append(Seen(file=file, preview=None, error=error))
    return found


async def decide_many(
    house: House, judge: Judge, wishes: Sequence[tuple[CaseId, DecisionWish, int]]
) -> tuple[int, list[Outcome]]:
    """The number of the act, and what became of each case. wishes: see preview_many. Raises Forbidden, Invalid."""
    if judge.account_id is None:
        raise Forbidden("the outside reviewer has one case")
    if not wishes or len(wishes) > CASES_MOST:
        raise Invalid(f"{len(wishes)} cases", user_message=f"Choose from 1 to {CASES_MOST} cases.", field="cases")
    act = BulkAct(id=house.ids.next(), by=judge.account_id, made_at=house.clock.now())
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, judge)
        await BulkStore(session).add(act)
    outcomes = []
    for case_id, wish, version in wishes:
        try:
            made = await decide_case(house, judge, case_id, wish, version=version, bulk_id=act.id)
            outcomes.append(Outcome(case_id=case_id, decision=made))
        except _OF_ONE as error:
            outcomes.append(Outcome(case_id=case_id, decision=None, error=error.user_message))
    return act.id, outcomes


async def read_together(house: House, judge: Judge, bulk_id: int) -> Together:
    """Raises Forbidden, NoSuchBulk."""
    now = house.clock.now()
    async with house.database.reading() as session:
        await check_may_judge_at_all(session, judge)
        act = await BulkStore(session).get(bulk_id)
        cases, found, hidden = CaseStore(session), [], 0
        for decision in await DecisionStore(session).of_bulk(bulk_id):
            case = await cases.get(decision.case_id)
            if judge.account_id is None or sees(judge.account_id, await cases.parties(case)) is not None:
                hidden += 1
            else:
                found.append((case, decision))
        names = {act.by, *(case.affected for case, _ in found if case.affected is not None)}
        people = await ProfileStore(session).by_ids(list(names))
    alive = any(case.decision_id == decision.id for case, decision in found)
    return Together(
        act=act,
        cases=tuple(found),
        people=people,
        hidden=hidden,
        can_undo=alive and now < act.made_at + UNDO_WITHIN,
    )


async def undo_many(house: House, judge: Judge, bulk_id: int, reason: str) -> list[Outcome]:
    """Take back what can be taken back of it. Raises Forbidden, NoSuchBulk, and Invalid without a reason."""
    reason = checked_reason(reason)
    found = await read_together(house, judge, bulk_id)
    outcomes = []
    for case, decision in found.cases:
        if decision.undone_at is not None:
            continue
        try:
            undone = await undo_decision(house, judge, case.id, DecisionId(decision.id), reason)
            outcomes.append(Outcome(case_id=case.id, decision=undone))
        except _OF_ONE as error:
            outcomes.append(Outcome(case_id=case.id, decision=None, error=error.user_message))
    return outcomes


async def newest_together(house: House, judge: Judge) -> Together | None:
    """What this judge decided together last, while it can be taken back. Raises Forbidden."""
    if judge.account_id is None:
        return None
    async with house.database.reading() as session:
        act = await BulkStore(session).newest_of(judge.account_id, house.clock.now() - UNDO_WITHIN)
    found = None if act is None else await read_together(house, judge, act.id)
    return found if found is not None and found.can_undo else None


async def _snapshot(house: House, judge: Judge, file: CaseFile) -> Snapshot | None:
    kept = [each for each in file.evidence if each.gone_at is None and each.kind == "content"]
    return await read_evidence(house, judge, file.case.id, kept[0].id) if kept else None


async def _count(house: House, judge: Judge, numbers: Sequence[CaseId]) -> None:
    if judge.account_id is None:
        return
    async with house.database.transaction() as session:
        for number in numbers:
            await DeskStore(session).look(house.ids.next(), judge.account_id, number, now=house.clock.now())
