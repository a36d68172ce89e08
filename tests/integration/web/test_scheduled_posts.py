"""Posts for later on the pages: without a script, in the zone that the form names."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.flows.schedule_post import ScheduledPosting
from rostra.platform.bus import Bus
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_member

pytestmark = on_sqlite


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


async def test_a_post_is_written_for_later_moved_and_posted(
    site: Site, ada: Member, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    form = {"text": "See you <then>", "visibility": "public", "scheduled_at": "2026-05-05T09:00", "key": "k"}
    made = await ada.send("/compose", zone="Europe/Berlin", **form)
    assert (made.status_code, made.headers["location"]) == (303, "/scheduled?done=scheduled")
    page = await ada.read("/scheduled")
    assert 'datetime="2026-05-05T07:00:00Z"' in page
    assert "See you &lt;then&gt;" in page
    assert 'value="2026-05-05T07:00"' in page
    path = re.search(r'action="(/scheduled/\d+)"', page)
    assert path is not None
    moved = await ada.send(path.group(1), act="move", scheduled_at="2026-05-04T18:30", zone="UTC")
    assert moved.headers["location"] == "/scheduled?done=moved"
    clock.jump(minutes=30)
    assert await ScheduledPosting(site.house).tick() == 1
    assert "See you &lt;then&gt;" in (await visitor.get("/public")).text
    assert "Nothing waits" in await ada.read("/scheduled")
    assert (await ada.send(path.group(1), act="remove")).status_code == 404


async def test_what_is_wrong_is_said_with_everything_still_there(ada: Member) -> None:
    for later, zone, words in (
        ("2026-05-04T18:01", "UTC", "at least five minutes ahead"),
        ("soon", "UTC", "Give the date as"),
        ("2027-03-28T02:30", "Europe/Berlin", "does not exist"),
        ("2026-06-01T10:00", "Nowhere/Land", "Choose a time zone"),
    ):
        answer = await ada.send("/compose", text="My words", visibility="public", scheduled_at=later, zone=zone)
        assert answer.status_code == 422
        assert words in answer.text
        assert "My words" in answer.text
        assert f'value="{later}"' in answer.text
    await ada.send("/compose", text="x", visibility="public", scheduled_at="2026-06-01T10:00", zone="UTC")
    path = re.search(r'action="(/scheduled/\d+)"', await ada.read("/scheduled"))
    assert path is not None
    answer = await ada.send(path.group(1), act="move", scheduled_at="2026-05-04T18:01", zone="UTC")
    assert answer.status_code == 422
    assert "at least five minutes ahead" in answer.text
    gone = await ada.send(path.group(1), act="remove")
    assert gone.headers["location"] == "/scheduled?done=removed"
    assert "Nothing waits" in await ada.read("/scheduled")


async def test_they_are_nobody_elses(site: Site, ada: Member, visitor: httpx.AsyncClient) -> None:
    await ada.send("/compose", text="x", visibility="public", scheduled_at="2026-06-01T10:00", zone="UTC")
    path = re.search(r'action="(/scheduled/\d+)"', await ada.read("/scheduled"))
    assert path is not None
    assert (await visitor.get("/scheduled")).status_code == 401
    async with a_client(site) as http:
        ben = await sign_in(site.house, await a_member(site.house, "ben"), http, site.cookie_name)
        assert "Nothing waits" in await ben.read("/scheduled")
        for act in ("move", "remove"):
            answer = await ben.send(path.group(1), act=act, scheduled_at="2026-06-01T10:00", zone="UTC")
            assert answer.status_code == 404
