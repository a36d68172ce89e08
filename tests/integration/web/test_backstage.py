"""Two addresses of one site: the public's, and the one of speakers, hosts and moderators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from rostra.flows.sign_in import ensure_owner, make_link
from rostra.web.site import Site
from tests.kit.engines import on_sqlite
from tests.kit.sites import application_of, backstage_of

pytestmark = on_sqlite
PUBLIC, BEHIND = "http://site.test", "http://site.test:8004"
PAGE = {"Accept": "text/html"}


@pytest.fixture
def apart(site: Site) -> Site:
    return replace(site, backstage_url=BEHIND)


def client(app: object, url: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=url, trust_env=False)


@pytest.fixture
async def public(apart: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with client(application_of(apart), PUBLIC) as http:
        yield http


@pytest.fixture
async def behind(apart: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with client(backstage_of(apart), BEHIND) as http:
        yield http


async def test_the_publics_address_leads_hosts_and_speakers_to_theirs(public: httpx.AsyncClient) -> None:
    """Whatever link they follow; the path stays as it was written, so that nothing in it becomes a header."""
    for path in ("/b/evening/control", "/i/abc", "/desk?page=2", "/broadcasts", "/b/a%0d%0aX-Made:up/control"):
        answer = await public.get(path, headers=PAGE)
        assert answer.status_code == 307
        assert answer.headers["location"] == f"{BEHIND}{path}"
        assert answer.headers["cache-control"] == "no-store"
    assert (await public.get("/", headers=PAGE)).status_code == 200
    assert (await public.get("/readyz", headers=PAGE)).text.strip() in (
        "ready",
        "the message bus (NATS) does not answer",
    )


async def test_programs_are_answered_where_they_ask(public: httpx.AsyncClient) -> None:
    """An app that has learnt the public's address of the organisers' API keeps it."""
    assert (await public.get("/api/v1/broadcasts/7/control")).status_code == 401


async def test_behind_there_is_nothing_else(behind: httpx.AsyncClient) -> None:
    """The public is led back, and a program that is nobody there is refused before it costs anything."""
    for path in ("/", "/@ada", "/b/evening", "/search?q=x"):
        answer = await behind.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (307, f"{PUBLIC}{path}")
    for path in ("/api/v1/timelines/public", "/b/evening/status.json", "/podcast.xml"):
        answer = await behind.get(path)
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_backstage"
    assert (await behind.post("/api/v1/apps", json={})).status_code == 403


async def test_an_organiser_is_at_home_behind(
    behind: httpx.AsyncClient, public: httpx.AsyncClient, apart: Site
) -> None:
    """The way in is there; the session is the same at both addresses; a form may end at the other one."""
    house = apart.house
    secret = await make_link(house.database, house.clock, await ensure_owner(house.database, house.clock, house.ids))
    page = await behind.get(f"/sign-in/{secret}", follow_redirects=True, headers=PAGE)
    assert (page.status_code, page.url.path, page.url.port) == (200, "/broadcasts", 8004)
    assert f"form-action 'self' {PUBLIC} {BEHIND};" in page.headers["content-security-policy"]
    public.cookies = behind.cookies
    led = await public.get("/broadcasts", headers=PAGE)
    assert led.headers["location"] == f"{BEHIND}/broadcasts"
    assert (await behind.get("/api/v1/instance")).status_code == 200, "what a page of hers asks for is answered"


async def test_without_an_address_of_its_own_nothing_is_led_anywhere(site: Site) -> None:
    async with client(application_of(site), PUBLIC) as http:
        assert (await http.get("/b/evening/control", headers=PAGE)).status_code != 307


async def test_an_invitation_leads_behind(behind: httpx.AsyncClient, apart: Site) -> None:
    """A speaker never meets the public's address at all."""
    house = apart.house
    secret = await make_link(house.database, house.clock, await ensure_owner(house.database, house.clock, house.ids))
    page = await behind.get(f"/sign-in/{secret}", follow_redirects=True, headers=PAGE)
    csrf = {"X-Rostra-CSRF": page.text.partition('name="csrf-token" content="')[2].partition('"')[0]}
    starts_at = (house.clock.now() + timedelta(hours=1)).isoformat()
    wish = {"title": "An evening", "starts_at": starts_at, "zone": "Europe/Berlin"}
    made = (await behind.post("/api/v1/broadcasts", json=wish, headers=csrf)).raise_for_status().json()
    seat = await behind.post(f"/api/v1/broadcasts/{made['id']}/invitations", json={"name": "Ada"}, headers=csrf)
    url = seat.raise_for_status().json()["url"]
    assert url.startswith(f"{BEHIND}/i/")
    assert (await behind.get(url, headers=PAGE)).status_code == 200
    assert made["page_url"].startswith(f"{PUBLIC}/b/")
