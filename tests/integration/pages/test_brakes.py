"""Brakes on reach at the desk, what everybody reads of them, and what authors are told."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from rostra.flows.keep_brakes import Braking
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.network.accounts import Role, Viewer
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.members import Member
from tests.kit.clock import FakeClock
from tests.kit.house import a_wish
from tests.kit.members import a_post

WHY = "The dam may break tonight. False alarms spread faster than the warnings."


def typed(site: Site, **more: str) -> dict[str, str]:
    last = site.house.clock.now() + timedelta(days=2)
    return {
        "about": "The flood <b>in the valley</b>",
        "terms": "dam burst\r\n#flood",
        "reason": WHY,
        "authority": "Regulator of the Media",
        "reference": "RM 12/2026",
        "until": last.strftime("%Y-%m-%d"),
    } | more


async def proposed(site: Site, member: Member) -> str:
    """The path of a brake that was just proposed."""
    answer = await member.send("/desk/brakes/new", **typed(site, act="propose"))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


async def test_from_a_proposal_to_its_public_statement(
    site: Site, seats: dict[str, Member], ada: Member, ben: AccountId, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    post = await a_post(site.house, ben, "They say the dam burst.")
    preview = await seats["mo"].send("/desk/brakes/new", **typed(site, act="preview"))
    assert "Public posts: 1. People who wrote them: 1." in preview.text
    assert "They say the dam burst." in preview.text
    path = await proposed(site, seats["mo"])
    assert "Somebody else has to agree" in await seats["mo"].read(path)
    number = path.rpartition("/")[2]
    assert (await visitor.get(f"/measures/{number}")).status_code == 404, "a proposal is nothing yet"
    assert (await seats["mo"].send(path, act="agree")).status_code == 403
    assert (await seats["max"].send(path, act="agree")).status_code == 303
    await Braking(site.house, site.trends).tick()
    statement = (await visitor.get(f"/measures/{number}")).text
    for words in (WHY, "Regulator of the Media, RM 12/2026", "#flood", "It ends by itself then", "these are 1"):
        assert words in statement
    assert "The flood &lt;b&gt;in the valley" in statement
    assert "The flood" in (await visitor.get("/measures")).text
    assert "They say the dam burst." not in (await visitor.get("/public")).text
    assert "They say the dam burst." in (await visitor.get(f"/@ben/{post.id}")).text
    assert "reaches fewer people" not in await ada.read(f"/@ben/{post.id}")
    lifted = await seats["mo"].send(path, act="lift", why="The dam was made safe, the authority writes.")
    assert lifted.status_code == 303
    await Braking(site.house, site.trends).tick()
    assert "They say the dam burst." in (await visitor.get("/public?min_id=1")).text
    clock.jump(minutes=5)
    over = (await visitor.get(f"/measures/{number}")).text
    assert "Lifted early" in over
    assert "The dam was made safe" in over


async def test_a_broadcast_about_it_is_not_in_lists(
    site: Site, seats: dict[str, Member], ben: AccountId, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    """Its page stays; what has none of the words stays in the list; when the brake ends it is there again."""
    for title in ("Has the dam burst?", "Roses in May"):
        wish = a_wish(site.house.clock.now() + timedelta(hours=1), title=title)
        await schedule_broadcast(site.house, wish, by=Viewer(name="Ben", account_id=ben, role=Role.ORGANISER))
    before = (await visitor.get("/")).text
    assert "Has the dam burst?" in before
    path = re.search(r'href="(/b/has-the-dam[^"]*)"', before)
    assert path is not None
    brake = await proposed(site, seats["mo"])
    await seats["max"].send(brake, act="agree")
    during = (await visitor.get("/")).text
    assert "Has the dam burst?" not in during
    assert "Roses in May" in during
    assert (await visitor.get(path.group(1))).status_code == 200
    clock.jump(days=4)
    assert "Has the dam burst?" in (await visitor.get("/")).text


async def test_authors_are_told_in_the_app_and_on_the_post(site: Site, seats: dict[str, Member], ada: Member) -> None:
    post = await a_post(site.house, ada.id, "All of it is about the #flood")
    path = await proposed(site, seats["mo"])
    await seats["max"].send(path, act="agree")
    await Braking(site.house, site.trends).tick()
    told = await ada.read("/notifications")
    assert re.search(r'href="/measures/\d+"[^>]*>Posts about “The flood &lt;b&gt;in the valley', told)
    page = await ada.read(f"/@ada/{post.id}")
    assert "This post reaches fewer people for now." in page
    assert "Regulator of the Media" in page


async def test_mistakes_stand_beside_their_fields(site: Site, seats: dict[str, Member]) -> None:
    for name, value, words in (
        ("terms", "a", "3 to 60 characters"),
        ("until", "2020-01-01", "a day to come"),
        ("until", "2030-01-01", "92 days at most"),
        ("reason", "So.", "Say why"),
        ("authority", " ", "Name the authority"),
    ):
        answer = await seats["mo"].send("/desk/brakes/new", **typed(site, act="propose", **{name: value}))
        assert answer.status_code == 422
        assert f'id="{name}-error"' in answer.text
        assert words in answer.text


async def test_the_pages_are_for_moderators(site: Site, seats: dict[str, Member], ada: Member) -> None:
    path = await proposed(site, seats["mo"])
    for page in ("/desk/brakes", "/desk/brakes/new", path):
        assert (await ada.http.get(page)).status_code == 403
    assert (await ada.send(path, act="agree")).status_code == 403
    assert "The flood" in await seats["max"].read("/desk/brakes")
    assert "1 brake on reach waits for a second person" in await seats["max"].read("/desk")
