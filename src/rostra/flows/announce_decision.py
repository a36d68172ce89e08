"""Telling everybody whom a decision concerns: reasons to whose content it is, an answer to each who had reported it.

The texts are made once and kept with the decision; letters and pages show the same. It is informing that begins the six
months of Article 20(2), so it happens in the transaction of the decision.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, email_of, send
from rostra.flows.house import House
from rostra.flows.locate import begins_ms, described
from rostra.flows.secret_links import Leads, decision_url, notice_url, secret_for
from rostra.network.notifications import Kind, News, NotificationId, NotificationStore
from rostra.platform.ids import AccountId
from rostra.platform.randomness import fingerprint
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import DecisionId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision
from rostra.safety.notice_store import NoticeStore
from rostra.safety.notices import Notice
from rostra.safety.statements import Statement, Told, answer_of, no_longer_restricted, statement_of


async def announce(house: House, session: AsyncSession, decision: Decision, *, second_by: AccountId | None) -> Decision:
    """Put the decision in force and tell everybody; the decision as it is then."""
    now, decisions = house.clock.now(), DecisionStore(session)
    until = house.safety.complaint_ends(now)
    said = await _reasons(house, session, decision)
    await decisions.put_in_force(
        decision.id,
        said,
        fingerprint=fingerprint(secret_for(house, Leads.DECISION, decision.id)),
        second_by=second_by,
        complaints_until=until,
        now=now,
    )
    if said is not None and decision.affected is not None:
        await notify_affected(house, session, decision.affected, decision.id)
    if said is not None and (to := await address_of(session, decision.affected)):
        send(house, session, letters.statement(house, to, said, url=decision_url(house, decision.id)))
    about = await told(house, session, decision, "")
    async for notice in NoticeStore(session).all_of_case(decision.case_id):
        await notify_notifier(house, session, notice)
        if to := await email_of(house, session, notice):
            url = notice_url(house, notice.id)
            answer = answer_of(decision, replace(about, complain_url=url), complaints_until=until)
            send(house, session, letters.statement(house, to, answer, url=url))
    return msgspec.structs.replace(
        decision, in_force_at=now, informed_at=now, complaints_until=until, second_by=second_by
    )


async def told(house: House, session: AsyncSession, decision: Decision, url: str) -> Told:
    """What the texts need. url: where a complaint is made."""
    case = await CaseStore(session).get(decision.case_id)
    return Told(
        what=await described(house, session, case.subject),
        zone=house.safety.zone,
        complain_url=url,
        terms_url=house.membership.rules_url,
        begins_ms=await begins_ms(session, case.subject),
    )


async def _reasons(house: House, session: AsyncSession, decision: Decision) -> Statement | None:
    """For whose content it is; None where nothing changes for them, so that nobody learns that they were reported."""
    about = await told(house, session, decision, decision_url(house, decision.id))
    until = house.safety.complaint_ends(house.clock.now())
    if decision.acts:
        return statement_of(decision, about, complaints_until=until)
    if decision.replaces is None:
        return None
    before = await DecisionStore(session).get(decision.replaces)
    return no_longer_restricted(decision, about, before=before, complaints_until=until) if before.acts else None


async def notify_affected(house: House, session: AsyncSession, affected: AccountId, decision_id: DecisionId) -> None:
    """Beside the letter, which may be overlooked or have no address."""
    news = News(to=affected, kind=Kind.MODERATION, by=affected, about_id=decision_id)
    await NotificationStore(session).add(NotificationId(house.ids.next()), news, now=house.clock.now())


async def notify_notifier(house: House, session: AsyncSession, flagged: Notice) -> None:
    """The same, for whoever has flagged something, if they have an account."""
    if (who := flagged.account_id) is not None:
        news = News(to=who, kind=Kind.ANSWER, by=who, about_id=flagged.id)
        await NotificationStore(session).add(NotificationId(house.ids.next()), news, now=house.clock.now())
