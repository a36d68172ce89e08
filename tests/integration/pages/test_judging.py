"""Suspending, limiting and reinstating by an owner: who may, what everybody sees then, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from rostra.flows.act_on_post import boost_post
from rostra.flows.complain import decide_complaint
from rostra.flows.follow_account import follow_account
from rostra.flows.house import House
from rostra.flows.keep_cases import CaseClock
from rostra.flows.read_cases import open_case
from rostra.network.accounts import Account, AccountState, AccountStore, ProfileStore, Role
from rostra.network.credentials import Credential, CredentialStore
from rostra.network.follows import FollowWish
from rostra.platform.ids import AccountId
from rostra.platform.mail import LetterRow
from rostra.safety.cases import CaseId, Happened, Status
from rostra.safety.complaints import Outcome
from rostra.safety.restrictions import Kind, Measure, Subject
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.restricting import imposed
from tests.kit.safety import Tray, a_moderator, a_notice, case_of, decide, verdict
from tests.kit.uploads import a_photo

REASON = "Advertising in every post, after two warnings.\r\nSee <rule 3>."
RULE = "Rule 3: no advertising"


async def judged(owner: Member, handle: str, act: str, reason: str = REASON, *, rule: str = RULE) -> httpx.Response:
    """Sent, after whoever acts has seen what will be read."""
    return await owner.send(f"/people/@{handle}/{act}", do="send", rule=rule, reason=reason)


async def state_of(house: House, account_id: AccountId) -> AccountState:
    async with house.database.reading() as session:
        return await ProfileStore(session).state_of(account_id)


@pytest.fixture
async def second_owner(site: Site) -> AsyncIterator[Member]:
    house = site.house
    account = Account(
        id=AccountId(house.ids.next()),
        handle="second",
        display_name="Second",
        role=Role.OWNER,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await AccountStore(session).add(account)
    async with a_client(site) as http:
        yield await sign_in(house, account.id, http, site.cookie_name)


async def test_an_owner_suspends_and_reinstates(
    owner: Member, ada: Member, ben: AccountId, house: House, visitor: httpx.AsyncClient
) -> None:
    csrf = await ada.csrf()
    sent = {"csrf": csrf, "text": "Look #gardens", "visibility": "public", "with_media": "1", "text_1": "Two halves"}
    photo = {"file_1": ("a.jpg", a_photo(), "image/jpeg")}
    assert (await ada.http.post("/compose", data=sent, files=photo)).status_code == 303
    await follow_account(house, ben, ada.id, FollowWish())
    page = (await visitor.get("/@ada")).text
    number, file = (
        re.search(r'id="p(\d+)"', page),
        re.search(r'href="(/media/[^"]+|http://site.test/media/[^"]+)"', page),
    )
    assert number is not None
    assert file is not None
    await boost_post(house, ben, int(number.group(1)), None)  # type: ignore[arg-type]  # a post's id
    paths = ["/@ada", f"/@ada/{number.group(1)}", "/@ada/feed.atom", "/@ada/followers", "/@ben", "/public"]
    paths += ["/tags/gardens", "/", file.group(1)]
    before = {path: (await visitor.get(path)).content for path in paths}

    asked = await owner.read("/people/@ada/suspend")
    assert "Nothing is deleted." in asked
    read = await owner.send("/people/@ada/suspend", do="preview", rule=RULE, reason=REASON)
    assert read.status_code == 200
    assert "Nothing has been sent yet." in read.text
    for words in (RULE, "Advertising in every post", "17(3)(e)", "You can complain until"):
        assert words in read.text
    assert await state_of(house, ada.id) is AccountState.ACTIVE, "asking does nothing"
    done = await judged(owner, "ada", "suspend", REASON)
    assert (done.status_code, done.headers["location"]) == (303, "/people/@ada?done=suspend")
    for path in paths[:4]:
        gone = await visitor.get(path)
        assert gone.status_code == 410, path
        assert "This account is suspended" in gone.text
    for path in paths[4:]:
        assert "Look" not in (await visitor.get(path)).text, path
    assert (await visitor.get(file.group(1))).status_code == 404
    seen = await owner.read("/people/@ada")
    assert "See &lt;rule 3&gt;." in seen
    assert "by @host" in seen
    assert '/people/@ada/reinstate"' in seen
    assert '/people/@ada/suspend"' not in seen
    assert 'href="/people/@ada"' in await owner.read("/people")

    assert (await judged(owner, "ada", "reinstate", "")).status_code == 422, "everybody whom it concerns reads why"
    back = await judged(owner, "ada", "reinstate", "It was a joke.")
    assert back.status_code == 303
    assert {path: (await visitor.get(path)).content for path in paths} == before
    log = await owner.read("/people/@ada")
    assert log.index("Reinstated</strong>") < log.index("Suspended</strong>")
    assert 'href="/people/@ada"' not in await owner.read("/people")


async def test_the_suspended_person_reads_why_and_does_nothing_else(
    owner: Member, ada: Member, ben: AccountId, house: House
) -> None:
    post = await a_post(house, ben, "From ben")
    csrf = await ada.csrf()
    await judged(owner, "ada", "suspend", REASON)
    for path in ("/home", "/compose", "/notifications", "/settings", "/people", "/broadcasts", "/welcome"):
        assert (await ada.http.get(path)).headers["location"] == "/suspended", path
    page = await ada.read("/suspended")
    assert "Advertising in every post" in page
    assert "See &lt;rule 3&gt;." in page
    assert 'href="/home"' not in page
    assert (await ada.http.get("/sign-in")).headers["location"] == "/suspended"
    assert "From ben" in await ada.read("/public")
    assert "data-act=" not in await ada.read("/public"), "reads as a visitor does"
    await ada.read("/settings/security")
    for path, fields in (
        ("/compose", {"text": "Still here", "visibility": "public"}),
        ("/posts/act", {"act": f"favourite:{post.id}"}),
        (f"/accounts/{ben}/act", {"act": "follow"}),
        ("/settings/posting", {"visibility": "public"}),
    ):
        assert (await ada.http.post(path, data=fields | {"csrf": csrf})).status_code == 403, path
    await judged(owner, "ada", "reinstate", "It was a mistake")
    assert "From ben" not in await ada.read("/home")
    assert (await ada.http.get("/suspended")).headers["location"] == "/home"


async def test_a_limited_person_reads_why(owner: Member, ada: Member, house: House, visitor: httpx.AsyncClient) -> None:
    await a_post(house, ada.id, "Not for everybody")
    await judged(owner, "ada", "limit", "Too loud")
    assert "Not for everybody" not in (await visitor.get("/public")).text
    assert "Not for everybody" in (await visitor.get("/@ada")).text
    settings = await ada.read("/settings")
    assert "Your account is limited" in settings
    assert "Too loud" in settings
    assert "limited" in await owner.read("/people")


async def test_a_reason_is_wanted_and_kept_short(owner: Member, ada: Member, house: House) -> None:
    for act, reason, words in (
        ("suspend", " \r\n ", "what you found"),
        ("limit", "", "what you found"),
        ("suspend", "x" * 1001, "1000 characters"),
    ):
        answer = await judged(owner, "ada", act, reason)
        assert answer.status_code == 422
        assert words in answer.text
    answer = await judged(owner, "ada", "suspend", rule=" ")
    assert answer.status_code == 422
    assert 'id="rule-error"' in answer.text
    assert "Advertising in every post" in answer.text, "nothing typed is lost"
    assert await state_of(house, ada.id) is AccountState.ACTIVE


async def test_what_cannot_be_done_is_said(owner: Member, ada: Member) -> None:
    await judged(owner, "ada", "suspend", "One")
    twice = await judged(owner, "ada", "suspend", "Two")
    assert twice.status_code == 409
    assert "in the meantime" in twice.text
    assert (await owner.http.get("/people/@ada/limit")).status_code == 409
    assert (await owner.http.get("/people/@nobody")).status_code == 404
    assert (await owner.http.get("/people/@ada/explode")).status_code == 404
    found = await owner.http.get("/people/account", params={"handle": "@ADA "})
    assert found.headers["location"] == "/people/@ada"


async def test_only_owners_judge(ada: Member, ben: AccountId, house: House, visitor: httpx.AsyncClient) -> None:
    assert (await ada.send("/people/@ben/suspend", reason="A quarrel")).status_code == 403
    for path in ("/people/@ben", "/people/@ben/suspend", "/people/account?handle=ben"):
        assert (await ada.http.get(path)).status_code == 403, path
        assert (await visitor.get(path)).status_code == 401, path
    assert await state_of(house, ben) is AccountState.ACTIVE


async def test_nobody_does_it_to_their_own_account(owner: Member, house: House) -> None:
    """Neither suspending nor bringing back: an owner whom a decision has limited does not lift that."""
    assert "somebody else decides about it" in await owner.read("/people/@host")
    assert 'name="reason"' not in await owner.read("/people/@host/suspend")
    answer = await judged(owner, "host", "suspend", "I am tired")
    assert answer.status_code == 403
    await imposed(house, Subject(Kind.ACCOUNT, owner.id), Measure.DEMOTE, decision_id=None)
    assert await state_of(house, owner.id) is AccountState.LIMITED
    assert (await judged(owner, "host", "reinstate", "I want to")).status_code == 403
    assert await state_of(house, owner.id) is AccountState.LIMITED


async def test_an_owner_is_an_account_like_all_others(owner: Member, second_owner: Member, house: House) -> None:
    csrf = await second_owner.csrf()
    assert (await judged(owner, "second", "suspend", "Rule 3 holds for all")).status_code == 303
    form = {"csrf": csrf, "reason": "It is mine.", "do": "send"}
    lifted = await second_owner.http.post("/people/@second/reinstate", data=form)
    assert lifted.status_code == 403, "nobody lifts their own suspension"
    assert (await second_owner.http.get("/people")).headers["location"] == "/suspended"
    assert await state_of(house, second_owner.id) is AccountState.SUSPENDED


async def test_by_hand_it_is_a_decision_like_any_other(owner: Member, ada: Member, house: House, site: Site) -> None:
    """The person reads every reason and complains; whoever did it does not answer, and somebody else reverses it."""
    csrf = await ada.csrf()
    await judged(owner, "ada", "suspend")
    page = await ada.read("/suspended")
    path = re.search(r'href="(/statements/\d+)"', page)
    assert path is not None
    statement = await ada.read(path.group(1))
    for element in "abcef":
        assert f"17(3)({element})" in statement
    assert RULE in statement
    complained = {"csrf": csrf, "text": "It was one post, and it was a joke."}
    assert (await ada.http.post(f"{path.group(1)}/complaints", data=complained)).status_code == 303
    back = await judged(owner, "ada", "reinstate", "I have thought about it.")
    assert back.status_code == 409, "the complaint decides"
    case = re.search(r'href="(/desk/\d+)"', await owner.read("/desk?status=in_complaint"))
    assert case is not None
    number = CaseId(int(case.group(1).rpartition("/")[2]))
    assert "You have decided in this case before" in await owner.read(case.group(1))
    mo = await a_moderator(house)
    file = await open_case(house, mo, number)
    (complaint,) = file.standing.open_complaints
    done = verdict(why="It was a joke.")
    version = file.standing.version
    await decide_complaint(house, mo, complaint, Outcome.REVERSED, "You were right.", done, version=version)
    assert await state_of(house, ada.id) is AccountState.ACTIVE


async def test_what_others_have_flagged_is_decided_at_the_desk(owner: Member, ada: Member, house: House) -> None:
    filed = await a_notice(house, f"{house.membership.site_url}/@ada")
    answer = await judged(owner, "ada", "suspend")
    assert answer.status_code == 409
    assert f'href="/desk/{case_of(filed)}"' in answer.text
    assert await state_of(house, ada.id) is AccountState.ACTIVE


async def test_what_a_moderator_decided_is_brought_back_in_sight(
    owner: Member, ada: Member, house: House, site: Site, clock: FakeClock
) -> None:
    """Weeks later, too: whoever flagged it reads the reason, and the case is open again, for somebody to look anew."""
    filed = await a_notice(house, f"{house.membership.site_url}/@ada")
    mo = await a_moderator(house)
    done = verdict(f"account:{ada.id}", Measure.SUSPEND)
    await decide(house, mo, case_of(filed), done)
    page = await ada.read("/suspended")
    assert "asks its readers to beat them" in page, "the reasons of the desk stand there"
    clock.jump(days=40)
    owner = await sign_in(house, owner.id, owner.http, site.cookie_name)
    assert (await judged(owner, "ada", "reinstate", "They have apologised to all three.")).status_code == 303
    assert await state_of(house, ada.id) is AccountState.ACTIVE
    file = await open_case(house, mo, case_of(filed))
    assert (file.standing.status, file.log[-1].what) == (Status.OPEN, Happened.UNDONE)
    assert file.log[-1].why == "They have apologised to all three."
    tray = Tray()
    assert "They have apologised to all three." in (await tray.collect(house, "nora@example.org"))[-1]


async def test_long_after_the_last_day_to_complain_an_account_can_be_brought_back(
    owner: Member, ada: Member, house: House, site: Site, clock: FakeClock
) -> None:
    await judged(owner, "ada", "suspend")
    for days in (200, 40):
        clock.jump(days=days)
        cases = CaseClock(house)
        while await cases.tick():
            pass
    owner = await sign_in(house, owner.id, owner.http, site.cookie_name)
    assert (await judged(owner, "ada", "reinstate", "A year has passed.")).status_code == 303
    assert await state_of(house, ada.id) is AccountState.ACTIVE
    assert "Nothing waits." in await owner.read("/desk"), "what was closed stays so"


async def test_forms_carry_a_token(owner: Member, ada: Member, house: House) -> None:
    assert (await owner.http.post("/people/@ada/suspend", data={"reason": "x"})).status_code == 403
    foreign = {"origin": "https://evil.example"}
    data = {"csrf": await owner.csrf(), "reason": "x"}
    assert (await owner.http.post("/people/@ada/suspend", data=data, headers=foreign)).status_code == 403
    assert await state_of(house, ada.id) is AccountState.ACTIVE


async def test_whom_it_concerns_gets_a_letter(owner: Member, ada: Member, ben: AccountId, house: House) -> None:
    """With the reason, if there is an address; what was refused writes none."""
    async with house.database.transaction() as session:
        await CredentialStore(session).put(Credential(account_id=ada.id, email="ada@example.org"))

    async def letters() -> list[tuple[str, str]]:
        async with house.database.reading() as session:
            rows = (await session.scalars(select(LetterRow).order_by(LetterRow.id))).all()
        return [(row.to_address, row.subject) for row in rows]

    await judged(owner, "ada", "suspend", "")
    assert await letters() == []
    await judged(owner, "ada", "suspend")
    await judged(owner, "ada", "reinstate", "It was a joke.")
    await judged(owner, "ben", "suspend")
    assert await letters() == [
        ("ada@example.org", "A decision about what you published here · Rostra"),
        ("ada@example.org", "We have taken back a decision about you · Rostra"),
    ]
