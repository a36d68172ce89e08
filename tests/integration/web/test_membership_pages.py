"""The pages of membership without a script, and what protects them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pyotp
import pytest

from rostra.flows.house import Membership
from rostra.network.credentials import Registration
from rostra.web.entry import safe_next
from rostra.web.guards.browsers import device_words
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser, a_client
from tests.kit.clock import FakeClock

PASSWORD = "correct horse battery"
FORM = {"handle": "ada", "display_name": "Ada", "password": PASSWORD, "agreed": "yes"}


@pytest.fixture
async def newcomer(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(site) as client:
        yield client


def csrf_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)


async def an_invitation(organiser: Organiser, **more: str) -> str:
    """The path of a fresh invitation."""
    form = {"csrf": organiser.csrf, "places": "1", "days": "7", **more}
    page = await organiser.http.post("/people/invitations", data=form)
    found = re.search(r"/join/[\w-]+", page.text)
    assert found is not None, page.text
    return found.group()


async def joined(organiser: Organiser, newcomer: httpx.AsyncClient) -> str:
    """Ada is a member, signed in; the token of her pages."""
    path = await an_invitation(organiser)
    assert (await newcomer.get(path)).status_code == 200
    page = await newcomer.post(path, data=FORM, follow_redirects=True)
    assert page.url.path == "/settings/security"
    return csrf_in(page)


async def test_from_the_invitation_to_the_second_factor(
    organiser: Organiser, newcomer: httpx.AsyncClient, clock: FakeClock
) -> None:
    csrf = await joined(organiser, newcomer)
    offered = await newcomer.post("/settings/security/totp", data={"csrf": csrf})
    assert "data:image/svg+xml;base64," in offered.text
    secret = re.search(r'id="totp-secret">([A-Z2-7 ]+)<', offered.text)
    assert secret is not None
    totp = pyotp.TOTP(secret.group(1).replace(" ", ""))
    wrong = await newcomer.post("/settings/security/totp/on", data={"csrf": csrf, "code": "1"})
    assert wrong.status_code == 403
    codes = await newcomer.post("/settings/security/totp/on", data={"csrf": csrf, "code": totp.at(clock.now())})
    assert len(re.findall(r"<code>[0-9a-z-]{19}</code>", codes.text)) == 10
    await newcomer.post("/sign-out", data={"csrf": csrf})
    clock.jump(seconds=30)
    half = await newcomer.post("/sign-in", data={"name": "ada", "password": PASSWORD, "next": "/people?x=1"})
    assert half.status_code == 200
    hidden = re.search(r'name="secret" value="([^"]+)"', half.text)
    assert hidden is not None
    form = {"secret": hidden.group(1), "code": totp.at(clock.now()), "next": "/people?x=1"}
    done = await newcomer.post("/sign-in/code", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/people?x=1")
    assert {"rostra_session", "rostra_device"} <= set(newcomer.cookies)
    page = await newcomer.get("/settings/security")
    assert "Recovery codes left: 10." in page.text


async def test_members_take_part_and_do_not_organise(organiser: Organiser, newcomer: httpx.AsyncClient) -> None:
    await joined(organiser, newcomer)
    for path in ("/broadcasts", "/broadcasts/new", "/people", "/welcome"):
        assert (await newcomer.get(path)).status_code == 403, path
    assert (await newcomer.get("/sign-in")).headers["location"] == "/settings/security"


async def test_a_page_that_needs_a_sign_in_is_where_it_leads(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/settings/security?done=email")
    assert page.status_code == 401
    assert 'name="next" value="/settings/security?done=email"' in page.text


@pytest.mark.parametrize(
    "path", ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "/a\\b", "/a\nb", "evil", ""]
)
def test_no_sign_in_ends_at_somebody_elses(path: str) -> None:
    assert safe_next(path) == ""
    assert safe_next("/oauth/authorize?x=1&y=%2F") == "/oauth/authorize?x=1&y=%2F"


async def test_unknown_and_wrong_are_answered_alike(
    organiser: Organiser, newcomer: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await joined(organiser, newcomer)
    pages = []
    for name in ("ada", "nobody"):
        answer = await visitor.post("/sign-in", data={"name": name, "password": "wrong"})
        without_challenge = re.sub(r'data-passkey-get="[^"]*"', "", answer.text)
        pages.append((answer.status_code, without_challenge.replace(f'value="{name}"', "")))
    assert pages[0] == pages[1]
    asked = [await visitor.post("/recover", data={"name": name}) for name in ("ada", "nobody")]
    assert asked[0].text == asked[1].text


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/sign-in/code", "/sign-in/passkey", "/sign-up", "/join/x", "/recover", "/recover/x", "/confirm/x"],
)
async def test_another_site_cannot_send_our_forms(visitor: httpx.AsyncClient, path: str) -> None:
    """Nobody is signed in to a stranger's account by a page elsewhere."""
    answer = await visitor.post(path, data=FORM, headers={"Origin": "http://evil.test"})
    assert answer.status_code == 403


async def test_forms_of_members_carry_a_token(organiser: Organiser) -> None:
    for path in ("password", "email", "passkeys", "passkeys/remove", "totp", "totp/on", "totp/off", "sessions"):
        answer = await organiser.http.post(f"/settings/security/{path}", data={"csrf": "wrong"})
        assert answer.status_code == 403, path
    for path in ("/people/invitations", "/people/decisions", "/people/links", "/welcome"):
        assert (await organiser.http.post(path, data={})).status_code == 403, path


async def test_a_new_owner_is_asked_once(organiser: Organiser) -> None:
    assert "Set up your account" in (await organiser.http.get("/broadcasts")).text
    form = {"csrf": organiser.csrf, "handle": "Grace!", "display_name": "Grace Hopper", "password": ""}
    refused = await organiser.http.post("/welcome", data=form)
    assert refused.status_code == 422
    assert 'value="Grace Hopper"' in refused.text
    done = await organiser.http.post(
        "/welcome", data=form | {"handle": "grace", "password": PASSWORD}, follow_redirects=True
    )
    assert "You are set up" in done.text
    assert "@grace" in done.text
    assert "Set up your account" not in (await organiser.http.get("/broadcasts")).text


async def test_an_owner_decides_and_sees_letters_that_wait(site: Site, visitor: httpx.AsyncClient) -> None:
    house = replace(site.house, membership=Membership(registration=Registration.APPROVAL))
    site = replace(site, house=house)
    async with a_client(site) as stranger, a_client(site) as owner:
        form = FORM | {"email": "ada@example.org", "reason": "I listen <b>often</b>."}
        answer = await stranger.post("/sign-up", data=form)
        assert "An owner of this place decides" in answer.text
        assert (await stranger.post("/sign-in", data={"name": "ada", "password": PASSWORD})).status_code == 403
        from rostra.flows.sign_in import ensure_owner, make_link

        account = await ensure_owner(house.database, house.clock, house.ids)
        link = await make_link(house.database, house.clock, account)
        csrf = csrf_in(await owner.get(f"/sign-in/{link}", follow_redirects=True))
        page = await owner.get("/people")
        assert "I listen &lt;b&gt;often&lt;/b&gt;." in page.text
        assert "One letter waits" in page.text
        assert "ROSTRA_SMTP_URL" in page.text
        found = re.search(r'name="account" value="(\d+)"', page.text)
        assert found is not None
        decision = {"csrf": csrf, "account": found.group(1), "decision": "approve"}
        assert (await owner.post("/people/decisions", data=decision)).status_code == 303
        assert (await owner.post("/people/decisions", data=decision)).status_code == 409
        assert (await stranger.post("/sign-in", data={"name": "ada", "password": PASSWORD})).status_code == 303


async def test_a_closed_house_says_so(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/sign-up")
    assert answer.status_code == 403
    assert "without an invitation" in answer.text
    assert (await visitor.get("/join/unknown")).status_code == 410


async def test_a_passkey_that_nobody_made(visitor: httpx.AsyncClient) -> None:
    for sent in ("", "[]", "{}", '{"id": "x", "response": {"clientDataJSON": "e30"}}', '{"id": 1, "response": 2}'):
        answer = await visitor.post("/sign-in/passkey", data={"answer": sent})
        assert answer.status_code == 403, sent
        assert "This passkey did not work here" in answer.text


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/130.0 Safari/537 Edg/130.0", "Edge on Windows"),
        ("toot/0.45 (cli)", "toot"),
        ("<script>", ""),
    ],
)  # fmt: skip
def test_a_device_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words
