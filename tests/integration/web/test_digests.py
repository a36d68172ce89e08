"""Letters about missed notifications: only who asked gets them, once, and one click ends them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage

import httpx
import pytest

from rostra.flows.house import House
from rostra.flows.send_digests import send_digests
from rostra.network.accounts import AccountState
from rostra.network.credentials import CredentialStore
from rostra.network.notifications import MarkerStore
from rostra.platform.bus import Bus
from rostra.platform.envelopes import Envelope
from rostra.platform.ids import AccountId
from rostra.platform.mail import Postman
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.killing import kill_everywhere
from tests.kit.members import a_member, a_post, set_account_state
from tests.kit.postbox import read_letter

CHOICE = "/settings/security/digest"


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


@pytest.fixture
async def house(house: House) -> House:
    return replace(house, membership=replace(house.membership, has_mail=True, site_url="http://site.test"))


@pytest.fixture
async def ada(site: Site) -> AsyncIterator[Member]:
    async with a_client(site) as http:
        member = await sign_in(site.house, await a_member(site.house, "ada"), http, site.cookie_name)
        async with site.house.database.transaction() as session:
            store = CredentialStore(session)
            await store.put(replace(await store.of(member.id), email="ada@example.org"))
        yield member


@pytest.fixture
async def ben(site: Site) -> AccountId:
    return await a_member(site.house, "ben")


class Postbox:
    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def deliver(self, letter: Envelope) -> None:
        self.messages.append(read_letter(letter.content))

    async def rest(self) -> None: ...


async def delivered(house: House, clock: FakeClock) -> list[EmailMessage]:
    postbox = Postbox()
    sender = Address("Rostra", addr_spec="rostra@site.test")
    await Postman(house.database, house.seal, postbox, sender, clock).round()
    return postbox.messages


async def test_a_letter_tells_what_was_missed_and_one_click_ends_them(
    site: Site, ada: Member, ben: AccountId, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    house = site.house
    clock.jump(days=9)
    assert await send_digests(house) == 0
    assert (await ada.send(CHOICE, every="weekly")).headers["location"] == "/settings/security?done=digest"
    assert '<option value="weekly" selected>' in await ada.read("/settings/security")
    post = await a_post(house, ben, "Good evening @ada <b>you</b>")
    clock.jump(days=6, hours=23)
    assert await send_digests(house) == 0
    clock.jump(hours=1)
    assert await send_digests(house) == 1
    assert await send_digests(house) == 0
    (letter,) = await delivered(house, clock)
    text = letter.get_content()
    assert letter["To"] == "ada@example.org"
    assert "Ben (@ben) mentioned you: Good evening @ada <b>you</b>" in text
    assert f"http://site.test/@ben/{post.id}" in text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = letter["List-Unsubscribe"].strip("<>")
    assert url in text
    assert "End these letters" in (await visitor.get(url)).text
    await a_post(house, ben, "Again @ada")
    clock.jump(days=7)
    assert await send_digests(house) == 1
    assert len(await delivered(house, clock)) == 1
    done = await visitor.post(url, data={"List-Unsubscribe": "One-Click"})
    assert (done.status_code, done.headers.get("set-cookie")) == (200, None)
    await a_post(house, ben, "And again @ada")
    clock.jump(days=7)
    assert await send_digests(house) == 0
    forged = re.sub(r"\d+\.", f"{ben}.", url)
    for path in (forged, "/unsubscribe/x", "/unsubscribe/1.%3F", "/unsubscribe/.AAAA"):
        assert (await visitor.post(path)).status_code == 404


@on_sqlite
async def test_nothing_comes_when_nothing_was_missed(site: Site, ada: Member, ben: AccountId, clock: FakeClock) -> None:
    house = site.house
    await ada.send(CHOICE, every="daily")
    await a_post(house, ben, "Read already, @ada")
    async with house.database.transaction() as session:
        await MarkerStore(session).set(ada.id, "notifications", house.ids.next(), now=clock.now())
    clock.jump(days=1)
    assert await send_digests(house) == 0
    await a_post(house, ben, "Hidden, @ada")
    await set_account_state(house, ben, AccountState.SUSPENDED)
    clock.jump(days=1)
    assert await send_digests(house) == 0
    await set_account_state(house, ben, AccountState.ACTIVE)
    await a_post(house, ben, "News, @ada")
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    clock.jump(days=1)
    assert await send_digests(house) == 0
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert await send_digests(house) == 1


@on_sqlite
async def test_a_kill_at_any_statement_writes_one_letter(
    site: Site, ada: Member, ben: AccountId, clock: FakeClock
) -> None:
    house = site.house
    await ada.send(CHOICE, every="daily")
    await a_post(house, ben, "Hello @ada")
    clock.jump(days=1)
    kills = 0
    async for _ in kill_everywhere(house.database, lambda: send_digests(house)):
        kills += 1
        assert await delivered(house, clock) == []
    assert kills > 5
    assert len(await delivered(house, clock)) == 1


@on_sqlite
async def test_who_has_no_address_gets_none(site: Site, clock: FakeClock) -> None:
    async with a_client(site) as http:
        ben = await sign_in(site.house, await a_member(site.house, "ben"), http, site.cookie_name)
        answer = await ben.send(CHOICE, every="daily")
        assert answer.headers["location"] == "/settings/security?done=no_address#digest"
        clock.jump(days=1)
        assert await send_digests(site.house) == 0
