"""Misuse of notices (DSA, Article 23): a person finds it notice by notice, warns, and then suspends for a while.

Nobody judges who has reported something of theirs. Each step is told to the sender with its reason, and is an entry of
the ledger in its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.addresses import email_of, send
from rostra.flows.announce_decision import notify_notifier
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge_at_all
from rostra.flows.permission import moderator_of
from rostra.flows.remember import remember
from rostra.flows.safety_letters import misuse_step
from rostra.network.accounts import Viewer
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import UNDECIDED, CaseId, NoticeId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.ledger import Act
from rostra.safety.ledger.entries import Fact
from rostra.safety.misusing.misuse import (
    LOOK_BACK,
    NotOften,
    NotUnfounded,
    Standing,
    Step,
    Taken,
    Unfounded,
    checked_reason,
    checked_until,
)
from rostra.safety.misusing.store import MisuseStore, sender_of
from rostra.safety.notice_store import NoticeStore
from rostra.safety.notices import Notice
from rostra.safety.recusal import Bias, Recused, check_sees

_log = get_logger(__name__)
_ACTS: Final = {
    Step.WARNED: Act.SENDER_WARNED,
    Step.SUSPENDED: Act.SENDER_SUSPENDED,
    Step.LIFTED: Act.SENDER_REINSTATED,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """who: as `sender_of` says it. found, steps: oldest first."""

    who: str
    standing: Standing
    found: list[Unfounded]
    steps: list[Taken]


async def call_unfounded(house: House, viewer: Viewer, case_id: CaseId, number: NoticeId) -> None:
    """Say of a notice that it is manifestly unfounded. Twice is no more than once.

    Raises NoSuchCase, NoSuchNotice, NotUnfounded, Recused, Unauthorized, Forbidden.
    """
    by, now = moderator_of(viewer), house.clock.now()
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, Judge(by))
        cases = CaseStore(session)
        case = await cases.get(case_id)
        check_sees(by, await cases.parties(case))
        notice = await NoticeStore(session).get(number)
        if not sender_of(notice.account_id, notice.email_mark) or case_id not in {
            each.case_id for each in notice.items
        }:
            raise NotUnfounded(f"notice {number} in case {case_id}")
        if case.status in UNDECIDED or case.decision_id is None:
            raise NotUnfounded(f"case {case_id} is {case.status}")
        if (await DecisionStore(session).get(case.decision_id)).acts:
            raise NotUnfounded(f"something was done in case {case_id}")
        found = Unfounded(notice_id=number, case_id=case_id, found_at=now, found_by=by)
        if await MisuseStore(session).add(notice, found):
            await remember(
                house, session, Act.NOTICE_UNFOUNDED, by=by, on=notice.account_id, notice=str(number), case=str(case_id)
            )


async def senders(house: House, viewer: Viewer) -> list[Sender]:
    """Who had something found lately, who most of it first. Raises Unauthorized, Forbidden."""
    moderator_of(viewer)
    now = house.clock.now()
    async with house.database.reading() as session:
        store = MisuseStore(session)
        return [await _sender(store, who, now) for who in await store.senders(now)]


async def letter_to_sender(
    house: House, viewer: Viewer, who: str, step: Step, reason: str, until: datetime | None
) -> str:
    """What whoever has sent them would read, made as it is when it is sent. Raises as `warn_sender`."""
    reason, now = checked_reason(reason), house.clock.now()
    if step is Step.SUSPENDED:
        until = checked_until(until, now)
    by = moderator_of(viewer)
    async with house.database.reading() as session:
        store = MisuseStore(session)
        _check_may(await store.standing(who, now), step, who)
        await _check_apart(session, store, who, by, now)
    return misuse_step(house, "", step, reason=reason, until=until).text


async def told_of_misuse(house: House, account_id: AccountId | None) -> str:
    """The newest letter about what was sent with an account, within LOOK_BACK; empty for none, and without an account:
    an address can be anybody's, and whoever it is of has the letter itself.
    """
    if account_id is None:
        return ""
    async with house.database.reading() as session:
        steps = await MisuseStore(session).steps(sender_of(account_id, ""))
    if not steps or steps[-1].at <= house.clock.now() - LOOK_BACK:
        return ""
    return misuse_step(house, "", steps[-1].step, reason=steps[-1].reason, until=steps[-1].until).text


async def warn_sender(house: House, viewer: Viewer, who: str, reason: str) -> None:
    """Raises Invalid, NoSuchSender, NotOften, Recused, Unauthorized, Forbidden."""
    reason = checked_reason(reason)
    await _take(house, viewer, who, Step.WARNED, reason, None)


async def suspend_sender(house: House, viewer: Viewer, who: str, reason: str, until: datetime | None) -> None:
    """Raises as `warn_sender`."""
    reason = checked_reason(reason)
    await _take(house, viewer, who, Step.SUSPENDED, reason, checked_until(until, house.clock.now()))


async def reinstate_sender(house: House, viewer: Viewer, who: str, reason: str) -> None:
    """Before the end. Raises as `warn_sender`."""
    reason = checked_reason(reason)
    await _take(house, viewer, who, Step.LIFTED, reason, None)


async def _take(house: House, viewer: Viewer, who: str, step: Step, reason: str, until: datetime | None) -> None:
    by, now = moderator_of(viewer), house.clock.now()
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, Judge(by))
        store = MisuseStore(session)
        stands = await store.known(who, now)
        _check_may(stands, step, who)
        notice = await _check_apart(session, store, who, by, now)
        taken = Taken(step=step, at=now, by=by, reason=reason, until=until)
        await store.take(house.ids.next(), who, taken)
        if notice is not None and (to := await email_of(house, session, notice)):
            send(house, session, misuse_step(house, to, step, reason=reason, until=until))
        if notice is not None:
            await notify_notifier(house, session, notice)
        on = None if notice is None else notice.account_id
        facts: dict[str, Fact] = {"unfounded": stands.unfounded, "sent": stands.sent}
        if until is not None:
            facts["until"] = until.isoformat()
        await remember(house, session, _ACTS[step], by=by, on=on, reason=reason, **facts)
    house.relay.nudge()
    _log.warning("misuse_step_taken", step=step)


def _check_may(stands: Standing, step: Step, who: str) -> None:
    """Raises NotOften."""
    may = {
        Step.WARNED: stands.may_be_warned,
        Step.SUSPENDED: stands.may_be_suspended,
        Step.LIFTED: stands.suspended_until is not None,
    }
    if not may[step]:
        raise NotOften(f"{step} of {who}")


async def _check_apart(
    session: AsyncSession, store: MisuseStore, who: str, by: AccountId, now: datetime
) -> Notice | None:
    """Their newest notice that was found to be so, after a look at all of them. Raises Recused."""
    cases, newest = CaseStore(session), None
    for each in await store.found(who, now):
        if by == (await cases.get(each.case_id)).affected:
            raise Recused(Bias.OWN_CONTENT, by)
        newest = each
    return None if newest is None else await NoticeStore(session).get(newest.notice_id)


async def _sender(store: MisuseStore, who: str, now: datetime) -> Sender:
    return Sender(who, await store.standing(who, now), await store.found(who, now), await store.steps(who))
