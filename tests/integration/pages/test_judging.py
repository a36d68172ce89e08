"""Suspending, limiting and reinstating by an owner: who may, what everybody sees then, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from rostra.flows.act_on_post import boost_post
from rostra.flows.follow_account import follow_account
from rostra.flows.house import House
from rostra.network.accounts import Account, AccountState, AccountStore, ProfileStore, Role
from rostra.network.credentials import Credential, CredentialStore
from rostra.network.follows import FollowWish
from rostra.platform.ids import AccountId
from rostra.platform.mail import LetterRow
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.members import a_post
from tests.kit.uploads import a_photo

REASON = "Advertising in every post, after two warnings.\r\nSee <rule 3>."


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
    assert await state_of(house, ada.id) is AccountState.ACTIVE, "asking does nothing"
    done = await owner.send("/people/@ada/suspend", reason=REASON)
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

    back = await owner.send("/people/@ada/reinstate", reason="")
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
    await owner.send("/people/@ada/suspend", reason=REASON)
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
    await owner.send("/people/@ada/reinstate", reason="It was a mistake")
    assert "From ben" not in await ada.read("/home")
    assert (await ada.http.get("/suspended")).headers["location"] == "/home"


async def test_a_limited_person_reads_why(owner: Member, ada: Member, house: House, visitor: httpx.AsyncClient) -> None:
    await a_post(house, ada.id, "Not for everybody")
    await owner.send("/people/@ada/limit", reason="Too loud")
    assert "Not for everybody" not in (await visitor.get("/public")).text
    assert "Not for everybody" in (await visitor.get("/@ada")).text
    settings = await ada.read("/settings")
    assert "Your account is limited" in settings
    assert "Too loud" in settings
    assert "limited" in await owner.read("/people")


async def test_a_reason_is_wanted_and_kept_short(owner: Member, ada: Member, house: House) -> None:
    for act, reason, words in (
        ("suspend", " \r\n ", "Give the reason."),
        ("limit", "", "Give the reason."),
        ("suspend", "x" * 1001, "1000 characters"),
    ):
        answer = await owner.send(f"/people/@ada/{act}", reason=reason)
        assert answer.status_code == 422
        assert words in answer.text
    assert await state_of(house, ada.id) is AccountState.ACTIVE


async def test_what_cannot_be_done_is_said(owner: Member, ada: Member) -> None:
    await owner.send("/people/@ada/suspend", reason="One")
    twice = await owner.send("/people/@ada/suspend", reason="Two")
    assert twice.status_code == 409
    assert "in the meantime" in twice.text
    assert (await owner.http.get("/people/@ada/limit")).status_code == 200
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


async def test_the_last_owner_stays(owner: Member, house: House) -> None:
    assert "This is your own account." in await owner.read("/people/@host/suspend")
    answer = await owner.send("/people/@host/suspend", reason="I am tired")
    assert answer.status_code == 409
    assert "the only owner" in answer.text
    assert await state_of(house, owner.id) is AccountState.ACTIVE


async def test_an_owner_is_an_account_like_all_others(owner: Member, second_owner: Member, house: House) -> None:
    csrf = await second_owner.csrf()
    assert (await owner.send("/people/@second/suspend", reason="Rule 3 holds for all")).status_code == 303
    lifted = await second_owner.http.post("/people/@second/reinstate", data={"csrf": csrf, "reason": ""})
    assert lifted.status_code == 403, "nobody lifts their own suspension"
    assert (await second_owner.http.get("/people")).headers["location"] == "/suspended"
    assert await state_of(house, second_owner.id) is AccountState.SUSPENDED
    assert (await owner.send("/people/@host/suspend", reason="Me too")).status_code == 409


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

    await owner.send("/people/@ada/suspend", reason="")
    assert await letters() == []
    await owner.send("/people/@ada/suspend", reason=REASON)
    await owner.send("/people/@ada/reinstate", reason="")
    await owner.send("/people/@ben/suspend", reason=REASON)
    assert await letters() == [
        ("ada@example.org", "Your account is suspended · Rostra"),
        ("ada@example.org", "Your account is reinstated · Rostra"),
    ]
