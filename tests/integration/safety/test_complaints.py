"""Complaints: by whom, until when, and by whom they are answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.flows.complain import Grounds, complain, complain_by_notice, complain_by_reasons, decide_complaint
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.read_cases import notice_page, open_case, reasons_by_link
from rostra.flows.secret_links import Leads, secret_for
from rostra.network.accounts import AccountState, ProfileStore, Viewer
from rostra.platform.errors import Invalid
from rostra.safety.cases import CaseId, ComplaintId, Status
from rostra.safety.complaints import AlreadyComplained, NotStanding, Outcome, Side, TooLateToComplain
from rostra.safety.decision_store import NoSuchDecision
from rostra.safety.decisions import Decision
from rostra.safety.recusal import Recused
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import FROM, Tray, a_moderator, a_notice, case_of, decide, somebody, verdict

WRONG = Grounds(text="You have misread it.")


async def suspended(house: House) -> tuple[Viewer, CaseId, Decision, str]:
    """Ada, the case, the decision, and the secret of the notice."""
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}")
    done = verdict(f"account:{ada.account_id}", Measure.SUSPEND)
    decision = await decide(house, await a_moderator(house), case_of(filed), done)
    return ada, case_of(filed), decision, filed.secret


@on_sqlite
async def test_after_six_months_it_is_too_late_and_says_since_when(house: House, limits: NoticeLimits) -> None:
    """To the second: the clock of the test stands at 20:00 on 4 May in Brussels."""
    ada, _, decision, secret = await suspended(house)
    until = decision.complaints_until
    assert until is not None
    left = until - house.clock.now() - timedelta(seconds=1)
    house.clock.jump(seconds=left.total_seconds())  # type: ignore[attr-defined]
    assert (await notice_page(house, secret)).items[0].may_complain_until == until
    house.clock.jump(seconds=1)  # type: ignore[attr-defined]
    with pytest.raises(TooLateToComplain) as refused:
        await complain(house, ada, decision.id, WRONG, address=FROM, limits=limits)
    assert "5 November 2026, 00:00 (Europe/Brussels)" in refused.value.user_message
    assert (await notice_page(house, secret)).items[0].may_complain_until is None


async def test_each_side_complains_once(house: House, limits: NoticeLimits) -> None:
    ada, case_id, decision, secret = await suspended(house)
    link = secret_for(house, Leads.DECISION, decision.id)
    await complain_by_reasons(house, link, WRONG, address=FROM, limits=limits)
    with pytest.raises(AlreadyComplained):
        await complain(house, ada, decision.id, WRONG, address=FROM, limits=limits)
    other = await complain_by_notice(house, secret, case_id, WRONG, address=FROM, limits=limits)
    assert other.side is Side.NOTIFIER
    assert (await reasons_by_link(house, link)).may_complain_until is None
    stranger = await somebody(house, "ben")
    with pytest.raises(NoSuchDecision):
        await complain(house, stranger, decision.id, WRONG, address=FROM, limits=limits)
    with pytest.raises(Invalid):
        await complain(house, ada, decision.id, Grounds(text="  "), address=FROM, limits=limits)


@on_sqlite
async def test_whoever_decided_does_not_answer_the_complaint(house: House, limits: NoticeLimits) -> None:
    ada, case_id, decision, _ = await suspended(house)
    complaint = await complain(house, ada, decision.id, WRONG, address=FROM, limits=limits)
    assert decision.by is not None
    mo = Judge(decision.by)
    with pytest.raises(Recused):
        await decide_complaint(house, mo, complaint.id, Outcome.UPHELD, "It stands.", version=3)
    assert (await open_case(house, mo, case_id)).standing.open_complaints == (complaint.id,)


@on_sqlite
async def test_what_is_upheld_stands_and_what_is_replaced_cannot_be_complained_about(
    house: House, limits: NoticeLimits, tray: Tray
) -> None:
    """The author's complaint changes the decision in part; the reporter's, filed before, is about one that is gone."""
    ada, case_id, decision, secret = await suspended(house)
    max_, zoe = await a_moderator(house, "max"), await a_moderator(house, "zoe")
    assert ada.account_id is not None
    one = await complain(house, ada, decision.id, WRONG, address=FROM, limits=limits)
    other = await complain_by_notice(house, secret, case_id, WRONG, address=FROM, limits=limits)

    async def answer(judge: Judge, complaint: ComplaintId, outcome: Outcome, *measures: Measure) -> None:
        file = await open_case(house, judge, case_id)
        new = verdict(file.case.subject.key, *measures) if outcome is not Outcome.UPHELD else None
        await decide_complaint(house, judge, complaint, outcome, "Looked at.", new, version=file.standing.version)

    with pytest.raises(Invalid):
        await answer(max_, one.id, Outcome.PARTLY)
    await answer(max_, one.id, Outcome.PARTLY, Measure.REMOVE)
    file = await open_case(house, zoe, case_id)
    assert file.standing.status is Status.IN_COMPLAINT
    assert file.standing.decision_id != decision.id
    async with house.database.reading() as session:
        assert await ProfileStore(session).state_of(ada.account_id) is AccountState.ACTIVE
    await answer(zoe, other.id, Outcome.UPHELD)
    file = await open_case(house, zoe, case_id)
    assert (file.standing.status, file.case.answer_by) == (Status.DECIDED, None)
    with pytest.raises(NotStanding):
        await complain(house, ada, decision.id, WRONG, address=FROM, limits=limits)
    assert file.standing.decision_id is not None
    again = await complain(house, ada, file.standing.decision_id, WRONG, address=FROM, limits=limits)
    assert again.outcome is None
    assert "right in part" in "".join(await tray.collect(house, "ada@example.org"))


async def test_a_complaint_by_who_reported_it_can_make_the_house_act(
    house: House, limits: NoticeLimits, tray: Tray
) -> None:
    """Nothing was done; the reporter complains by the link of the notice; somebody else acts and tells the author."""
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}")
    await decide(house, await a_moderator(house), case_of(filed), verdict())
    assert await tray.collect(house, "ada@example.org") == []
    complaint = await complain_by_notice(house, filed.secret, case_of(filed), WRONG, address=FROM, limits=limits)
    max_ = await a_moderator(house, "max")
    version = (await open_case(house, max_, case_of(filed))).standing.version
    new = verdict(f"account:{ada.account_id}", Measure.SUSPEND)
    with pytest.raises(Invalid):
        await decide_complaint(house, max_, complaint.id, Outcome.REVERSED, "Yes.", verdict(), version=version)
    await decide_complaint(house, max_, complaint.id, Outcome.REVERSED, "Yes.", new, version=version)
    async with house.database.reading() as session:
        assert await ProfileStore(session).state_of(ada.account_id) is AccountState.SUSPENDED
    (reasons,) = await tray.collect(house, "ada@example.org")
    assert "Section 111" in reasons
