"""The page on which one deletes one's account: its proof, and what others see afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest

from rostra.flows import change_credentials as change
from rostra.platform.bus import Bus
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_member, a_post

pytestmark = on_sqlite
PATH = "/settings/security/delete"
PASSWORD = "correct horse battery"


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


@pytest.fixture
async def ada(site: Site) -> AsyncIterator[Member]:
    async with a_client(site) as http:
        account_id = await a_member(site.house, "ada")
        await change.change_password(site.house, account_id, PASSWORD, but=None)
        yield await sign_in(site.house, account_id, http, site.cookie_name)


async def test_password_and_handle_delete_it_for_good(site: Site, ada: Member, visitor: httpx.AsyncClient) -> None:
    post = await a_post(site.house, ada.id, "My last words")
    assert "What stays" in await ada.read(PATH)
    for handle, present, words in (
        ("ada", "", "Type your password"),
        ("ada", "wrong", "Type your password"),
        ("adam", PASSWORD, "Type @ada into the field"),
    ):
        answer = await ada.send(PATH, handle=handle, present=present)
        assert answer.status_code in (403, 422)
        assert words in answer.text
    assert "My last words" in (await visitor.get(f"/@ada/{post.id}")).text
    done = await ada.send(PATH, handle="@ada", present=PASSWORD)
    assert done.status_code == 200
    assert "Your account is deleted" in done.text
    assert f'{site.cookie_name}=""; ' in done.headers["set-cookie"]
    await ada.read(PATH, status=401)
    for path in ("/@ada", f"/@ada/{post.id}", "/@ada/feed.atom"):
        assert (await visitor.get(path)).status_code == 404
    assert "My last words" not in (await visitor.get("/public")).text
    again = await visitor.post("/sign-in", data={"name": "ada", "password": PASSWORD})
    assert again.status_code == 403


async def test_a_code_counts_in_place_of_the_password(site: Site, ada: Member, clock: FakeClock) -> None:
    secret = await change.offer_totp(site.house, ada.id)
    totp = pyotp.TOTP(secret)
    await change.switch_totp_on(site.house, ada.id, totp.at(clock.now()))
    clock.jump(seconds=30)
    wrong = await ada.send(PATH, handle="ada", code="000000")
    assert wrong.status_code == 403
    done = await ada.send(PATH, handle="ada", code=totp.at(clock.now()))
    assert "Your account is deleted" in done.text


async def test_an_account_without_a_password_needs_a_fresh_sign_in(site: Site, clock: FakeClock) -> None:
    async with a_client(site) as http:
        ben = await sign_in(site.house, await a_member(site.house, "ben"), http, site.cookie_name)
        clock.jump(minutes=31)
        assert "sign out and in again first" in await ben.read(PATH)
        assert (await ben.send(PATH, handle="ben")).status_code == 403
        ben = await sign_in(site.house, ben.id, http, site.cookie_name)
        assert "Your account is deleted" in (await ben.send(PATH, handle="ben")).text


async def test_a_forged_form_deletes_nothing(site: Site, ada: Member) -> None:
    answer = await ada.http.post(PATH, data={"handle": "ada", "present": PASSWORD, "csrf": "x"})
    assert answer.status_code == 403
    assert "What stays" in await ada.read(PATH)
