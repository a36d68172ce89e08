"""A post that announces a broadcast shows where the broadcast stands, on its page and in apps."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.broadcast import Act
from rostra.flows.announce_broadcast import NothingToAnnounce, announce_broadcast
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.publish_post import delete_post
from rostra.network.accounts import Viewer
from rostra.platform.errors import Forbidden
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, a_stranger


async def test_announcing_from_the_control_page(
    site: Site, owner: Viewer, organiser: Organiser, visitor: httpx.AsyncClient
) -> None:
    broadcast = await a_broadcast(site.house, owner)
    control = f"/b/{broadcast.slug}/control"
    assert "Announce it in a post" in (await organiser.http.get(control)).text
    for _ in range(2):
        sent = await organiser.http.post(control, data={"csrf": organiser.csrf, "act": "announce"})
        assert sent.headers["location"] == f"{control}?done=announced"
    page = (await organiser.http.get(control)).text
    found = re.search(r'href="/posts/(\d+)"', page)
    assert found is not None
    assert "Announce it in a post" not in page
    profile = (await visitor.get("/@host")).text
    assert profile.count('class="live-card"') == 1, "announced twice, posted once"
    assert f"/b/{broadcast.slug}/calendar.ics" in profile


async def test_the_card_follows_the_broadcast(
    site: Site, owner: Viewer, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    broadcast = await a_broadcast(site.house, owner)
    post = await announce_broadcast(site.house, broadcast.id, by=owner)

    async def shown() -> tuple[str, str]:
        page = (await visitor.get(f"/posts/{post.id}", follow_redirects=True)).text
        status = (await visitor.get(f"/api/v1/statuses/{post.id}")).json()
        assert status["card"]["url"] == f"http://site.test/b/{broadcast.slug}"
        assert status["card"]["title"] == broadcast.title
        lamp = re.search(r'class="lamp" data-phase="(\w+)"', page)
        assert lamp is not None
        return lamp.group(1), status["card"]["description"]

    before = await shown()
    assert before[0] == "scheduled"
    assert re.fullmatch(r"\w+ \d+ \w+ \d{4}, \d\d:\d\d \(Berlin, UTC\+[12]\) · with Ada", before[1])
    await move_broadcast(site.house, broadcast.id, Act.OPEN_DOORS, by=owner)
    assert await shown() == ("doors_open", "Starts soon · with Ada")
    await move_broadcast(site.house, broadcast.id, Act.CANCEL, by=owner)
    assert await shown() == ("cancelled", "Cancelled · with Ada")
    await delete_post(site.house, post.author.id, post.id)
    with pytest.raises(NothingToAnnounce):
        await announce_broadcast(site.house, broadcast.id, by=owner)


async def test_only_who_runs_it_announces_it(site: Site, owner: Viewer) -> None:
    broadcast = await a_broadcast(site.house, owner)
    with pytest.raises(Forbidden):
        await announce_broadcast(site.house, broadcast.id, by=a_stranger())
