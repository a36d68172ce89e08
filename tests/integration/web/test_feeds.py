"""Podcast feeds: public, found by those who look for them, and silent about what is not."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx
import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.transcripts import recording_begins
from rostra.flows.house import House
from rostra.flows.keep_captions import keep_captions
from rostra.flows.mark_moment import mark_moment
from rostra.flows.move_broadcast import end_broadcast
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media.wire import Captioned, Cue
from rostra.network.accounts import AccountStore, Viewer
from rostra.platform.ids import AccountId
from tests.integration.web.test_replay import recorded
from tests.kit.clock import FakeClock
from tests.kit.house import a_wish, on_the_air

TRANSCRIPT = "{https://podcastindex.org/namespace/1.0}transcript"
CHAPTERS = "{https://podcastindex.org/namespace/1.0}chapters"


async def held(house: House, owner: Viewer, clock: FakeClock, title: str, *, unlisted: bool = False) -> Broadcast:
    """A broadcast that is over and has its recording."""
    wish = a_wish(clock.now() + timedelta(minutes=1), title=title, unlisted=unlisted)
    made = await schedule_broadcast(house, wish, by=owner)
    await on_the_air(house, made, owner)
    clock.jump(minutes=5)
    await mark_moment(house, made.id, "Rockets", by=owner)
    clock.jump(minutes=5)
    await end_broadcast(house, made.id, by=owner)
    await recorded(house, made)
    return made


@pytest.fixture
async def handle(house: House, owner: Viewer) -> str:
    async with house.database.reading() as session:
        account = await AccountStore(session).by_id(AccountId(owner.account_id or 0))
    assert account is not None
    return account.handle


async def test_the_feed_has_every_public_recording_newest_first(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock, handle: str
) -> None:
    first = await held(house, owner, clock, "The first")
    await held(house, owner, clock, "Behind the curtain", unlisted=True)
    await held(house, owner, clock, "The second")
    await schedule_broadcast(house, a_wish(clock.now() + timedelta(hours=1), title="Not yet"), by=owner)
    await visitor.get(f"/@{handle}/feed.atom")  # another kind of XML from the same process
    for path in ("/podcast.xml", f"/series/{handle}/podcast.xml"):
        answer = await visitor.get(path)
        assert answer.headers["content-type"].startswith("application/rss+xml")
        items = list(ET.fromstring(answer.content).iter("item"))
        assert [item.findtext("title") for item in items] == ["The second", "The first"]
        sound, made = items[1].find("enclosure"), items[1].find(CHAPTERS)
        assert sound is not None
        assert made is not None
        assert sound.get("url") == f"http://site.test/b/{first.slug}/recording.m4a"
        whole = await visitor.get(sound.get("url", ""))
        assert str(len(whole.content)) == sound.get("length")
        assert (await visitor.get(made.get("url", ""))).json()["chapters"][1]["title"] == "Rockets"


async def test_what_was_said_comes_with_the_episode(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock
) -> None:
    """As captions that podcast apps show; where nothing was recognised, nothing is promised."""
    await held(house, owner, clock, "Without a word")
    made = await held(house, owner, clock, "With words")
    async with house.database.reading() as session:
        begins = recording_begins(await BroadcastStore(session).get(made.id))
    assert begins is not None
    said = Captioned(
        broadcast_id=str(made.id),
        start=begins,
        end=begins + 96_000,
        made_us=0,
        cues=[Cue(begins + 48_000, begins + 96_000, "Good evening.")],
    )
    await keep_captions(house, msgspec.json.encode(said))
    items = list(ET.fromstring((await visitor.get("/podcast.xml")).content).iter("item"))
    words, silent = (item.find(TRANSCRIPT) for item in items)
    assert silent is None
    assert words is not None
    answer = await visitor.get(words.get("url", ""))
    assert answer.headers["content-type"].startswith(words.get("type", "-"))
    assert "Good evening." in answer.text


async def test_a_feed_is_found_kept_and_revalidated(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock
) -> None:
    made = await held(house, owner, clock, "An evening")
    for page in ("/", f"/b/{made.slug}"):
        html = (await visitor.get(page)).text
        link = re.search(r'<link rel="alternate" type="application/rss\+xml" href="([^"]+)"', html)
        assert link is not None
        answer = await visitor.get(link.group(1))
        assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=3600"
        assert "set-cookie" not in answer.headers
        again = await visitor.get(link.group(1), headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_what_is_unlisted_betrays_nobody(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock, handle: str
) -> None:
    """No feed for an account that never had anything public, and none on an unlisted page."""
    made = await held(house, owner, clock, "Behind the curtain", unlisted=True)
    assert (await visitor.get(f"/series/{handle}/podcast.xml")).status_code == 404
    assert (await visitor.get("/series/nobody/podcast.xml")).status_code == 404
    assert "rss+xml" not in (await visitor.get(f"/b/{made.slug}")).text
