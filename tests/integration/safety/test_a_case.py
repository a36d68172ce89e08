"""One case from the notice to the end: who is told what, and what is undone when a complaint is right."""

from __future__ import annotations

from rostra.flows.complain import Grounds, complain, decide_complaint
from rostra.flows.house import House
from rostra.flows.read_cases import decisions_about, notice_page, open_case, queue, reasons_for
from rostra.network.accounts import AccountState, ProfileStore, Role
from rostra.safety.cases import Status
from rostra.safety.complaints import Outcome
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import FROM, NEIGHBOUR, Tray, a_moderator, a_notice, case_of, decide, somebody, verdict


@on_sqlite
async def test_from_a_notice_to_a_reversal(house: House, tray: Tray, limits: NoticeLimits) -> None:
    """A stranger reports a post; it is removed with reasons; its author complains; somebody else reverses that."""
    ada = await somebody(house, "ada", email="ada@example.org")
    mo, max_ = await a_moderator(house), await a_moderator(house, "max")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, "Beat them, all three of them.")

    filed = await a_notice(house, f"http://localhost:8000/@ada/{post.id}")
    (receipt,) = await tray.collect(house, NEIGHBOUR.email)
    assert filed.url in receipt
    assert "Beat them" not in receipt

    (waiting,) = await queue(house, await somebody(house, "moira", Role.MODERATOR))
    assert waiting.id == case_of(filed)
    account = f"account:{ada.account_id}"
    decision = await decide(house, mo, waiting.id, verdict(account, Measure.SUSPEND))
    async with house.database.reading() as session:
        assert AccountState.SUSPENDED is await ProfileStore(session).state_of(ada.account_id)
    (reasons,) = await tray.collect(house, "ada@example.org")
    assert "Section 111 of the Criminal Code" in reasons
    assert "nora" not in reasons.lower()
    assert len(await tray.collect(house, NEIGHBOUR.email)) == 2
    (mine,) = await decisions_about(house, ada)
    assert mine.id == decision.id
    page = await reasons_for(house, ada, decision.id)
    assert page.may_complain_until == decision.complaints_until

    complaint = await complain(
        house, ada, decision.id, Grounds(text="It was a line of a play."), address=FROM, limits=limits
    )
    file = await open_case(house, max_, waiting.id)
    assert file.standing.status is Status.IN_COMPLAINT
    done = verdict(why="It is a line of a play, quoted as such.")
    await decide_complaint(
        house, max_, complaint.id, Outcome.REVERSED, "You were right.", done, version=file.standing.version
    )
    async with house.database.reading() as session:
        assert AccountState.ACTIVE is await ProfileStore(session).state_of(ada.account_id)
    assert any("You were right." in each for each in await tray.collect(house, "ada@example.org"))
    (item,) = (await notice_page(house, filed.secret)).items
    assert item.answer is not None
    assert "looked at it again and took that back" in item.answer.text
