"""Flagging in three steps: by anybody, without a script, and nothing that was typed is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest

from rostra.flows.read_cases import queue
from rostra.network.accounts import Role
from rostra.platform.ids import AccountId
from rostra.safety.restrictions import EEA
from rostra.web.site import Site
from rostra.web.territory import territory
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.members import a_post
from tests.kit.safety import WHY, somebody
from tests.kit.uploads import a_photo


@pytest.fixture
async def path(site: Site, ben: AccountId) -> str:
    """Of a post of Ben's."""
    post = await a_post(site.house, ben, "Beat them, all three of them.")
    return f"/@ben/{post.id}"


def sent(path: str, **fields: str) -> dict[str, str]:
    """The last form, filled in."""
    form = {"what": path, "why": "illegal", "about": "VIOLENCE", "kind": "", "explanation": WHY}
    return form | {"name": "Nora", "email": "nora@example.org", "bona_fide": "1"} | fields


async def test_three_steps_lead_to_a_receipt(site: Site, path: str, visitor: httpx.AsyncClient) -> None:
    first = (await visitor.get("/flag", params={"what": path})).text
    assert "Beat them, all three of them." in first
    assert first.count('name="why"') == 3
    second = (await visitor.get("/flag/why", params={"what": path, "why": "illegal"})).text
    assert second.count('type="radio"') == 15, "areas first, not seventy kinds at once"
    third = (await visitor.get("/flag/send", params={"what": path, "why": "illegal", "about": "VIOLENCE"})).text
    assert "It calls for violence or hatred" in third
    assert "call the police first" in third
    assert "script" not in third.partition("<main")[2].lower()

    done = await visitor.post("/flag", data=sent(path, kind="INCITEMENT_VIOLENCE_HATRED"))
    assert done.status_code == 303
    receipt = await visitor.get(done.headers["location"])
    assert "Thank you. It has come." in receipt.text
    assert "It calls for violence or hatred" in receipt.text
    assert receipt.headers["cache-control"] == "no-store"
    assert receipt.headers["referrer-policy"] == "same-origin", "stricter, and its own form would have no origin"
    (case,) = await queue(site.house, await somebody(site.house, "mo", Role.MODERATOR))
    assert (case.category, case.keyword) == ("VIOLENCE", "INCITEMENT_VIOLENCE_HATRED")


async def test_a_case_is_filed_under_the_country_it_is_told_from(site: Site, path: str) -> None:
    mo = await somebody(site.house, "mo", Role.MODERATOR)
    async with a_client(replace(site, territory=territory(["127.0.0.1"], header="CF-IPCountry"))) as http:
        assert (await http.post("/flag", data=sent(path), headers={"CF-IPCountry": "AT"})).status_code == 303
        assert (await http.post("/flag", data=sent(path), headers={"CF-IPCountry": "PL"})).status_code == 303
    (case,) = await queue(site.house, mo)
    assert (case.notices, case.country) == (2, "AT")


async def test_a_notice_names_whose_law_is_broken(site: Site, path: str) -> None:
    """The case is filed under that country, wherever the notice comes from; nobody has to know it."""
    mo = await somebody(site.house, "mo", Role.MODERATOR)
    assert mo.account_id is not None
    async with a_client(replace(site, territory=territory(["127.0.0.1"], header="CF-IPCountry"))) as http:
        page = (await http.get("/flag/send", params={"what": path, "why": "illegal", "about": "VIOLENCE"})).text
        assert set(re.findall(r'<option value="([A-Z]{2})"', page)) == EEA
        assert '<option value="" selected>In several, or I am not sure</option>' in unescape(page)
        form = sent(path, country="AT", name="")
        refused = await http.post("/flag", data=form)
        assert '<option value="AT" selected>' in refused.text, "nothing typed is lost"
        done = await http.post("/flag", data=form | {"name": "Nora"}, headers={"CF-IPCountry": "PL"})
        assert done.status_code == 303
        http.cookies.clear()
        (case,) = await queue(site.house, mo)
        assert case.country == "AT"
        seat = await sign_in(site.house, mo.account_id, http, site.cookie_name)
        assert "Said to be against the law in: Austria" in await seat.read(f"/desk/{case.id}")


async def test_what_is_missing_is_said_beside_its_field(path: str, visitor: httpx.AsyncClient) -> None:
    for field, value, words in (
        ("explanation", "Bad", "Explain in your own words"),
        ("name", "", "Give your name."),
        ("email", "nora", "This is no e-mail address."),
        ("bona_fide", "", "Confirm that you believe"),
        ("country", "XX", "Choose a country from the list"),
        ("more", "http://elsewhere.example/a", "not one of ours"),
    ):
        answer = await visitor.post("/flag", data=sent(path, **{field: value}))
        assert answer.status_code == 422, field
        assert f'id="{field}-error"' in answer.text
        assert words in unescape(answer.text)
        kept = WHY if field != "explanation" else "nora@example.org"
        assert kept in unescape(answer.text), "nothing typed is lost"


async def test_a_place_that_is_none_is_asked_for_again(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/flag/why", params={"address": "http://localhost:8000/@ben/12", "why": "illegal"})
    assert answer.status_code == 200
    assert "nothing at this address" in answer.text
    assert 'value="http://localhost:8000/@ben/12"' in answer.text


async def test_not_liking_is_no_case(site: Site, path: str, ada: Member, visitor: httpx.AsyncClient) -> None:
    page = await ada.read(f"/flag/why?what={path}&why=dislike")
    assert ">Mute</button>" in page
    assert ">Block</button>" in page
    assert "after all" in page
    assert 'href="/sign-in"' in (await visitor.get("/flag/why", params={"what": path, "why": "dislike"})).text
    assert await queue(site.house, await somebody(site.house, "mo", Role.MODERATOR)) == []


async def test_abuse_of_children_needs_no_name(path: str, visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/flag/send", params={"what": path, "why": "illegal", "about": "PROTECTION_OF_MINORS"})
    assert "You may leave both empty if it is about sexual abuse of children." in page.text
    form = sent(path, about="PROTECTION_OF_MINORS", kind="CHILD_SEXUAL_ABUSE_MATERIAL", name="", email="")
    assert (await visitor.post("/flag", data=form)).status_code == 303
    form["kind"] = "UNSAFE_CHALLENGES"
    assert (await visitor.post("/flag", data=form)).status_code == 422


async def test_rules_need_no_law(site: Site, path: str, visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/flag/why", params={"what": path, "why": "rules"})).text
    assert page.count('type="radio"') == 7
    form = sent(path, why="rules", about="spam", name="", email="")
    assert (await visitor.post("/flag", data=form)).status_code == 303
    (case,) = await queue(site.house, await somebody(site.house, "mo", Role.MODERATOR))
    assert case.category == "OTHER_VIOLATION_TC"


async def test_files_come_along(path: str, visitor: httpx.AsyncClient) -> None:
    files = {"file_1": ("a.jpg", a_photo(), "image/jpeg"), "file_2": ("b.txt", b"He said it twice.", "text/plain")}
    done = await visitor.post("/flag", data=sent(path), files=files)
    assert done.status_code == 303
    receipt = (await visitor.get(done.headers["location"])).text
    assert "File 1 (jpg)" in receipt
    assert "File 2 (txt)" in receipt
    refused = await visitor.post("/flag", data=sent(path), files={"file_1": ("a.exe", b"MZ\0\0", "image/jpeg")})
    assert refused.status_code == 422
    assert 'id="files-error"' in refused.text
    assert WHY in unescape(refused.text)


async def test_several_items_become_several_cases(site: Site, ben: AccountId, path: str, ada: Member) -> None:
    other = await a_post(site.house, ben, "And the fourth, too.")
    address = f"{site.house.membership.site_url}/@ben/{other.id}"
    page = await ada.read(f"/flag?what={path}&what=/@ben/{other.id}")
    assert page.count("Leave this one out") == 2
    done = await ada.send("/flag", **sent(path, name="", email="", more=address))
    assert done.status_code == 303, "whoever is signed in needs no name"
    receipt = await ada.read(done.headers["location"])
    assert "What you flagged, 2 of 2" in receipt
    assert len(await queue(site.house, await somebody(site.house, "mo", Role.MODERATOR))) == 2
    listed = await ada.read("/statements")
    assert "Threats and violence" in listed


async def test_forms_of_members_carry_a_token(path: str, ada: Member, visitor: httpx.AsyncClient) -> None:
    assert (await ada.http.post("/flag", data=sent(path))).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert (await visitor.post("/flag", data=sent(path), headers=foreign)).status_code == 403


async def test_links_lead_to_flagging(path: str, ada: Member, visitor: httpx.AsyncClient) -> None:
    wanted = re.compile(r'href="/flag\?what=%2F%40ben%2F\d+"')
    for text in (await ada.read(path), (await visitor.get(path)).text):
        assert wanted.search(text)
    assert 'href="/flag?what=%2F%40ben"' in await ada.read("/@ben")
    assert 'href="/flag?what=%2F%40ben"' in (await visitor.get("/@ben")).text
