"""What a house says of data and of its terms, in apps and on pages; robots.txt and where a password is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx

from rostra.network.credentials import Registration
from rostra.web.house_texts import paragraphs
from rostra.web.site import Site
from tests.kit.sites import application_of


def asking(site: Site) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application_of(site), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=site.url, trust_env=False)


async def test_without_a_text_the_software_speaks_for_itself(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/api/v1/instance/privacy_policy")).json()
    assert policy["updated_at"] is None
    assert "no cookie is set" in policy["content"]
    assert "no cookie is set" in (await http.get("/privacy")).text
    answer = await http.get("/api/v1/instance/terms_of_service")
    assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
    assert (await http.get("/terms")).status_code == 404


async def test_what_the_owners_have_written_is_shown_as_text(site: Site, tmp_path: Path) -> None:
    privacy, terms = tmp_path / "privacy.txt", tmp_path / "terms.txt"
    privacy.write_text("# What we keep\n\nNothing <b>but</b>\nwhat you say.\n")
    terms.write_text("Be kind.")
    async with asking(replace(site, privacy_file=privacy, terms_file=terms)) as http:
        policy = (await http.get("/api/v1/instance/privacy_policy")).json()
        assert policy["content"] == "<h2>What we keep</h2>\n<p>Nothing &lt;b&gt;but&lt;/b&gt; what you say.</p>"
        assert policy["updated_at"].endswith("Z")
        agreed = (await http.get("/api/v1/instance/terms_of_service")).json()
        assert (agreed["content"], agreed["effective"], agreed["succeeded_by"]) == ("<p>Be kind.</p>", True, None)
        path = "/api/v1/instance/terms_of_service"
        assert (await http.get(f"{path}/{agreed['effective_date']}")).json() == agreed
        assert [(await http.get(f"{path}/{day}")).status_code for day in ("1999-01-01", "never")] == [404, 404]
        assert "Be kind." in (await http.get("/terms")).text
        privacy.write_bytes(b"\xff\xfe broken")
        assert (await http.get("/api/v1/instance/privacy_policy")).status_code == 500
        assert (await http.get("/privacy")).status_code == 500


def test_paragraphs_hold_whatever_is_written() -> None:
    assert paragraphs("\r\n\r\none\r\ntwo\r\n\r\n\r\n# three") == "<p>one two</p>\n<h2>three</h2>"
    assert paragraphs(" \n ") == ""


async def test_programs_find_what_they_look_for(http: httpx.AsyncClient) -> None:
    robots = await http.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /api/" in robots.text
    answer = await http.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/security#password")


async def test_whether_people_may_sign_up_is_said_as_it_is(site: Site) -> None:
    """In NodeInfo as in the instance documents."""
    for registration, may in (
        (Registration.OPEN, True),
        (Registration.APPROVAL, True),
        (Registration.INVITATION, False),
        (Registration.CLOSED, False),
    ):
        membership = replace(site.house.membership, registration=registration)
        async with asking(replace(site, house=replace(site.house, membership=membership))) as http:
            assert (await http.get("/nodeinfo/2.0")).json()["openRegistrations"] is may
            assert (await http.get("/api/v2/instance")).json()["registrations"]["enabled"] is may
            assert (await http.get("/api/v1/instance")).json()["registrations"] is may
