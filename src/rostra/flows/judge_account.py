"""Suspending or limiting an account by an owner's hand, and bringing it back.

An owner's hand is no way around the law. What it does is a case of the house's own with a decision: the person gets
every reason and a way to complain, and somebody else answers that. Nobody does any of it to their own account. Bringing
back takes back the decision that stands: an owner who undoes what a moderator has decided does so in the log of the
case, with a reason that everybody whom it concerns reads, and the case is open again. What is done is kept in the log
of the account, too, and in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import letters
from rostra.flows.admit_people import check_is_owner
from rostra.flows.announce_decision import told
from rostra.flows.decide_case import decide_case
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.locate import described
from rostra.flows.open_cases import open_own_case
from rostra.flows.read_cases import open_case
from rostra.flows.remember import remember
from rostra.flows.restrict import OF_STATE
from rostra.flows.say_standing import say_broadcasts
from rostra.flows.telling import tell
from rostra.flows.undo_decision import undo_decision
from rostra.network import text
from rostra.network.accounts import (
    REASON_CHARACTERS,
    AccountState,
    AccountStore,
    Act,
    ActStore,
    NoSuchAccount,
    ProfileStore,
    Viewer,
    after,
)
from rostra.network.credentials import CredentialStore
from rostra.network.streaming import AccessChanged
from rostra.platform.errors import Conflict, Forbidden, Invalid
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.safety.cases import CaseId, DecisionId
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision, DecisionWish, Ground, Ordered, Reasons, Source, checked
from rostra.safety.ledger import Act as Entry
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Kind, Measure
from rostra.safety.restrictions import Subject as Restricted
from rostra.safety.restrictions.store import RestrictionStore
from rostra.safety.statements import Statement, Told, statement_of
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.undoing import checked_reason, taken_back

_log = get_logger(__name__)
_MEASURES: Final = {Act.SUSPEND: Measure.SUSPEND, Act.LIMIT: Measure.DEMOTE}
_ENTRIES: Final = {
    Act.SUSPEND: Entry.ACCOUNT_SUSPENDED,
    Act.LIMIT: Entry.ACCOUNT_LIMITED,
    Act.REINSTATE: Entry.ACCOUNT_REINSTATED,
}


class CaseWaits(Conflict):
    """409: others have flagged the account, and what they say is weighed by itself, not answered in passing."""

    code = "case_waits"

    def __init__(self, case_id: CaseId) -> None:
        message = "Somebody has flagged this account, and the case waits at the desk. Decide it there."
        super().__init__(f"case {case_id}", user_message=message)
        self.case_id = case_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """rule: of this place, which the account breaks; empty for bringing back. reason: the person reads it."""

    act: Act
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What the person will read. until: when complaining about it would end; None where nothing is to be."""

    statement: Statement
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """decision_id: whose statement has all reasons, and where one complains; None for what no decision holds."""

    since: datetime
    reason: str
    decision_id: DecisionId | None


async def preview_by_hand(house: House, viewer: Viewer, account_id: AccountId, wanted: ByHand) -> Reads | None:
    """Made by the same functions as what is sent. None where no letter with reasons is.

    Raises as judge_account would.
    """
    by, wanted = _check_may(viewer, account_id), _tidy(wanted)
    now = house.clock.now()
    async with house.database.reading() as session:
        after(await ProfileStore(session).state_of(account_id), wanted.act)
        if wanted.act is Act.REINSTATE:
            standing = await _standing(house, session, account_id)
            if not standing:
                return None
            reason = checked_reason(wanted.reason)
            return Reads(statement=taken_back(await told(house, session, standing[0], ""), reason), until=None)
        subject, until = Subject(SubjectKind.ACCOUNT, account_id), house.safety.complaint_ends(now)
        decision = Decision(
            id=DecisionId(0),
            case_id=CaseId(0),
            made_at=now,
            by=by,
            wish=checked(_wish(account_id, wanted), subject=subject, affected=account_id, now=now),
            source=Source.VOLUNTARY,
            affected=account_id,
        )
        about = Told(
            what=await described(house, session, subject),
            zone=house.safety.zone,
            complain_url=f"{house.membership.site_url}/…",
            terms_url=house.membership.rules_url,
        )
    return Reads(statement=statement_of(decision, about, complaints_until=until), until=until)


async def judge_account(house: House, viewer: Viewer, account_id: AccountId, wanted: ByHand) -> bool:
    """Suspend, limit or reinstate; False where a second person has to agree first.

    Raises Forbidden, Recused for one's own account and for what one has flagged, Invalid, NoSuchAccount, IllegalAct,
    CaseWaits, CaseChanged, Claimed, TooLateToUndo, NewerCase.
    """
    by, wanted = _check_may(viewer, account_id), _tidy(wanted)
    async with house.database.reading() as session:
        accounts = AccountStore(session)
        if by not in await accounts.active_owners():
            raise Forbidden(f"{by} is suspended")
        account = await accounts.by_id(account_id)
        if account is None:
            raise NoSuchAccount(f"account {account_id}")
        was = await ProfileStore(session).state_of(account_id)
        after(was, wanted.act)
        standing = await _standing(house, session, account_id)
    judge = Judge(by)
    if wanted.act is not Act.REINSTATE:
        if not await _decide(house, judge, account_id, account.handle, wanted):
            return False
    elif standing:
        for each in standing:
            await undo_decision(house, judge, each.case_id, each.id, wanted.reason, at_any_time=True)
    else:
        await _bring_back(house, account_id, wanted)
    async with house.database.transaction() as session:
        reason = wanted.reason
        await ActStore(session).add(
            house.ids.next(), account_id, wanted.act, by=by, was=was, reason=reason, now=house.clock.now()
        )
        await remember(house, session, _ENTRIES[wanted.act], by=by, on=account_id, reason=reason, was=was.value)
    _log.warning("account_judged", account_id=account_id, act=wanted.act, was=was, by=by)
    return True


async def why_held(house: House, session: AsyncSession, account_id: AccountId) -> Why | None:
    """Why the account is suspended or limited now; None where nobody has written it down."""
    if standing := await _standing(house, session, account_id):
        newest = standing[-1]
        return Why(since=newest.in_force_at or newest.made_at, reason=newest.wish.reasons.facts, decision_id=newest.id)
    log = await ActStore(session).of_account(account_id, limit=1)
    if not log or log[0].act is Act.REINSTATE:
        return None
    return Why(since=log[0].made_at, reason=log[0].reason, decision_id=None)


def _check_may(viewer: Viewer, account_id: AccountId) -> AccountId:
    """Raises Forbidden, Recused."""
    by = check_is_owner(viewer)
    if by == account_id:
        raise Recused(Bias.OWN_CONTENT, by)
    return by


def _tidy(wanted: ByHand) -> ByHand:
    """Raises Invalid for what the log of the account does not hold."""
    reason = text.clean(wanted.reason.replace("\r\n", "\n")).strip()
    if len(reason) > REASON_CHARACTERS:
        message = f"The reason may have {REASON_CHARACTERS} characters."
        raise Invalid(f"{len(reason)} characters", user_message=message, field="reason")
    return ByHand(act=wanted.act, rule=" ".join(text.clean(wanted.rule).split()), reason=reason)


async def _decide(house: House, judge: Judge, account_id: AccountId, handle: str, wanted: ByHand) -> bool:
    """In a case of the house's own; whether it is in force. What is wrong with the words opens none."""
    wish, subject = _wish(account_id, wanted), Subject(SubjectKind.ACCOUNT, account_id)
    checked(wish, subject=subject, affected=account_id, now=house.clock.now())
    case_id = await open_own_case(house, judge, f"{house.membership.site_url}/@{handle}", BREAKS_RULES)
    file = await open_case(house, judge, case_id)
    if any(each.by != judge.account_id for each in file.log):
        raise CaseWaits(case_id)
    decision = await decide_case(house, judge, case_id, wish, version=file.standing.version)
    return decision.in_force_at is not None


def _wish(account_id: AccountId, wanted: ByHand) -> DecisionWish:
    subject = Subject(SubjectKind.ACCOUNT, account_id)
    return DecisionWish(
        measures=(Ordered(measure=_MEASURES[wanted.act], subject=subject.key),),
        reasons=Reasons(
            category=BREAKS_RULES,
            ground=Ground.TERMS,
            ground_text=wanted.rule,
            facts=wanted.reason,
            why="Whoever runs this place has looked at what the account does here, and holds that it breaks this rule.",
        ),
    )


async def _standing(house: House, session: AsyncSession, account_id: AccountId) -> list[Decision]:
    """The decisions by which the account is suspended or limited, oldest first."""
    stands = await RestrictionStore(session).standing(Restricted(Kind.ACCOUNT, account_id), house.clock.now())
    numbers = {
        DecisionId(each.decision_id)
        for each in stands.restrictions
        if each.measure in OF_STATE and each.decision_id is not None
    }
    return sorted(await DecisionStore(session).by_numbers(numbers), key=lambda each: each.id)


async def _bring_back(house: House, account_id: AccountId, wanted: ByHand) -> None:
    """What no decision holds: a house had it suspended before there were any."""
    async with house.database.transaction() as session:
        await AccountStore(session).put_state(account_id, AccountState.ACTIVE)
        await say_broadcasts(session, account_id, house.clock.now())
        email = (await CredentialStore(session).of(account_id)).email
        account = await AccountStore(session).by_id(account_id)
        if email is not None and account is not None:
            letter = letters.reinstated(house.membership, email, handle=account.handle, reason=wanted.reason)
            put_letter(session, house.seal, letter, now=house.clock.now())
    house.relay.nudge()
    await tell(house, AccessChanged(account_id=account_id))
