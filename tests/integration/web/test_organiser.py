"""The organiser's forms, without a script, and what protects them."""

from __future__ import annotations

import io
import re

import httpx
import pytest
from PIL import Image

from rostra.broadcast import Broadcast
from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner, make_link
from rostra.network.accounts import Viewer
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast


def a_form(csrf: str, **changed: str) -> dict[str, str]:
    return {
        "csrf": csrf,
        "title": "A talk",
        "description": "About things.",
        "host_name": "Ada",
        "date": "2026-06-01",
        "time": "20:00",
        "zone": "Europe/Berlin",
        "visibility": "public",
        "doors_open_before_min": "15",
    } | changed


async def scheduled(organiser: Organiser, **changed: str) -> str:
    """The slug of a broadcast made with the form."""
    answer = await organiser.http.post("/broadcasts/new", data=a_form(organiser.csrf, **changed))
    assert answer.status_code == 303
    return answer.headers["location"].split("/")[2]


async def test_pages_of_the_organiser_ask_to_sign_in(visitor: httpx.AsyncClient) -> None:
    for path in ("/broadcasts", "/broadcasts/new", "/b/x/control", "/b/x/edit", "/api/v1/broadcasts"):
        assert (await visitor.get(path)).status_code == 401, path


async def test_a_sign_in_link_works_once_and_a_prefetch_spends_nothing(site: Site, visitor: httpx.AsyncClient) -> None:
    house = site.house
    account = await ensure_owner(house.database, house.clock, house.ids)
    link = f"/sign-in/{await make_link(house.database, house.clock, account)}"
    assert (await visitor.get(link, headers={"Sec-Purpose": "prefetch"})).status_code == 204
    first = await visitor.get(link)
    assert first.status_code == 303
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    visitor.cookies.clear()
    assert (await visitor.get(link)).status_code == 410


async def test_guessing_links_is_slowed_down(visitor: httpx.AsyncClient) -> None:
    answers = [await visitor.get(f"/sign-in/{number}") for number in range(12)]
    assert answers[0].status_code == 410
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_broadcast_is_scheduled_edited_and_shown(organiser: Organiser) -> None:
    slug = await scheduled(organiser, auto_start="1")
    control = await organiser.http.get(f"/b/{slug}/control")
    assert control.headers["cache-control"] == "no-store"
    form = await organiser.http.get(f"/b/{slug}/edit")
    assert "About things." in form.text
    edited = a_form(organiser.csrf, title="Another talk", version="1", delay_s="12")
    assert (await organiser.http.post(f"/b/{slug}/edit", data=edited)).status_code == 303
    assert "Another talk" in (await organiser.http.get(f"/b/{slug}")).text
    assert 'value="12"' in (await organiser.http.get(f"/b/{slug}/edit")).text
    stale = await organiser.http.post(f"/b/{slug}/edit", data=edited)
    assert stale.status_code == 409


async def test_a_mistake_empties_no_field(organiser: Organiser) -> None:
    answer = await organiser.http.post(
        "/broadcasts/new", data=a_form(organiser.csrf, title="", description="Long work")
    )
    assert answer.status_code == 422
    assert "Give the broadcast a title." in answer.text
    assert "Long work" in answer.text


async def test_a_picture_is_taken_and_shown_without_metadata(organiser: Organiser) -> None:
    file = io.BytesIO()
    Image.new("RGB", (3000, 1000), "navy").save(file, "PNG")
    answer = await organiser.http.post(
        "/broadcasts/new", data=a_form(organiser.csrf), files={"picture": ("a.png", file.getvalue(), "image/png")}
    )
    slug = answer.headers["location"].split("/")[2]
    picture = await organiser.http.get(f"/b/{slug}/picture")
    assert picture.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(picture.content)).size == (1600, 533)
    url = re.search(rf"/b/{slug}/picture\?v=\w+", (await organiser.http.get(f"/b/{slug}")).text)
    assert url is not None
    assert "immutable" in (await organiser.http.get(url.group())).headers["cache-control"]


async def test_an_upload_that_is_too_large_is_refused(organiser: Organiser) -> None:
    answer = await organiser.http.post(
        "/broadcasts/new", data=a_form(organiser.csrf), files={"picture": ("a.png", bytes(12_000_000), "image/png")}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_another_site_cannot_press_our_buttons(organiser: Organiser, headers: dict[str, str]) -> None:
    """Even with a token that leaked."""
    answer = await organiser.http.post("/broadcasts/new", data=a_form(organiser.csrf), headers=headers)
    assert answer.status_code == 403


async def test_without_the_token_nothing_happens(organiser: Organiser) -> None:
    for token in ("", "wrong", "ü"):
        assert (await organiser.http.post("/broadcasts/new", data=a_form(token))).status_code == 403
    slug = await scheduled(organiser)
    assert (await organiser.http.post(f"/b/{slug}/control", data={"act": "open_doors"})).status_code == 403


async def test_the_control_page_works_without_a_script(organiser: Organiser) -> None:
    """Invite, see the link once, open the doors, be told what cannot be."""
    slug = await scheduled(organiser)
    path = f"/b/{slug}/control"
    invited = await organiser.http.post(path, data={"csrf": organiser.csrf, "act": "invite", "name": "Ann"})
    assert invited.status_code == 200
    link = re.search(r"http://site\.test(/i/[\w-]+)", invited.text)
    assert link is not None
    assert link.group(1) not in (await organiser.http.get(path)).text
    assert (await organiser.http.get(link.group(1))).status_code == 200
    opened = await organiser.http.post(path, data={"csrf": organiser.csrf, "act": "open_doors"})
    assert opened.status_code == 303
    refused = await organiser.http.post(path, data={"csrf": organiser.csrf, "act": "resume"})
    assert refused.status_code == 409
    assert "Only a paused broadcast can be resumed." in refused.text


async def test_the_host_reaches_the_stage_by_a_button(organiser: Organiser) -> None:
    slug = await scheduled(organiser)
    answer = await organiser.http.post(f"/b/{slug}/stage", data={"csrf": organiser.csrf})
    assert answer.status_code == 303
    page = await organiser.http.get(answer.headers["location"])
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"


async def test_sign_out_ends_the_session_everywhere(organiser: Organiser) -> None:
    cookies = dict(organiser.http.cookies)
    assert (await organiser.http.post("/sign-out", data={"csrf": organiser.csrf})).status_code == 200
    organiser.http.cookies.update(cookies)
    assert (await organiser.http.get("/broadcasts")).status_code == 401


async def test_the_styleguide_is_for_demonstrations(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/styleguide")).status_code == 404


@pytest.fixture
async def made(house: House, owner: Viewer, clock: FakeClock) -> Broadcast:
    return await a_broadcast(house, owner)


async def test_the_delay_is_shown_and_removing_asks_the_room(organiser: Organiser) -> None:
    """Without a script the buttons post; a program gets the same refusal, and nobody does it from another page."""
    slug = await scheduled(organiser, delay_s="12")
    page = (await organiser.http.get(f"/b/{slug}/control")).text
    assert "Listeners hear this 12 s later." in page
    for label in ("Remove the last 5 s", "Remove the last 10 s", "Remove all 12 s"):
        assert label in page
    form = {"csrf": organiser.csrf, "act": "dump", "seconds": "5"}
    refused = await organiser.http.post(f"/b/{slug}/control", data=form)
    assert refused.status_code == 409
    assert "There is no stage" in refused.text
    assert (await organiser.http.post(f"/b/{slug}/control", data=form | {"seconds": "many"})).status_code == 422
    number = (await organiser.http.get("/api/v1/broadcasts")).json()[0]["id"]
    address = f"/api/v1/broadcasts/{number}/dumps"
    assert (await organiser.http.post(address, json={"seconds": 5})).status_code == 403
    answer = await organiser.http.post(address, json={"seconds": 5}, headers=organiser.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_room")
    for wrong in ("4", "31", "-1", "x", "5.5"):
        again = await organiser.http.post("/broadcasts/new", data=a_form(organiser.csrf, delay_s=wrong))
        assert again.status_code == 422
        assert 'id="delay_s-error"' in again.text


async def test_the_host_turns_captions_off_when_scheduling_and_on_again_on_the_control_page(
    captioned: Organiser,
) -> None:
    """Where the operator has an engine they are on by themselves; where not, nobody is asked."""
    assert (
        'name="with_captions" value="yes" id="with_captions" checked'
        in (await captioned.http.get("/broadcasts/new")).text
    )
    slug = await scheduled(captioned)
    page = (await captioned.http.get(f"/b/{slug}/control")).text
    assert "Off: nothing that is said is written down." in page
    answer = await captioned.http.post(f"/b/{slug}/control", data={"csrf": captioned.csrf, "act": "captions_on"})
    assert answer.headers["location"].endswith("?done=captions_on")
    page = (await captioned.http.get(f"/b/{slug}/control")).text
    assert 'value="captions_off"' in page
    assert " checked" in (await captioned.http.get(f"/b/{slug}/edit")).text.partition('id="with_captions"')[2][:10]


async def test_without_an_engine_there_is_nothing_to_switch(organiser: Organiser) -> None:
    slug = await scheduled(organiser)
    assert "with_captions" not in (await organiser.http.get("/broadcasts/new")).text
    assert "captions" not in (await organiser.http.get(f"/b/{slug}/control")).text
    shown = (await organiser.http.get("/api/v1/broadcasts")).json()[0]
    assert shown["with_captions"], "an operator who adds an engine later finds them on"
