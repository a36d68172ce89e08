"""The transcript of a replay: kept once, without what was cut, readable without a script."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.replays import Cuts, Edit, EditState, EditStore, Source
from rostra.broadcast.transcripts import CueStore, recording_begins
from rostra.flows.house import House
from rostra.flows.keep_captions import keep_captions
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.media.wire import Captioned, Cue
from rostra.network.accounts import Viewer
from tests.integration.web.test_replay import recorded
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast

LINES = ("Good evening & welcome.", "We talk about <rivers> tonight.", "Nobody should read this.", "Good night.")


@pytest.fixture
async def ended(house: House, owner: Viewer, clock: FakeClock) -> Broadcast:
    """On the air for ten minutes; somebody says a line every ten seconds."""
    made = await a_broadcast(house, owner)
    await open_doors(house, made.id, by=owner)
    clock.jump(minutes=1)
    live = await go_live(house, made.id, by=owner)
    begins = recording_begins(live)
    assert begins is not None
    await keep_captions(house, captioned(live, begins))
    clock.jump(minutes=10)
    return await end_broadcast(house, live.id, by=owner)


def captioned(broadcast: Broadcast, begins: int) -> bytes:
    cues = [
        Cue(begins + number * 480_000, begins + number * 480_000 + 96_000, text) for number, text in enumerate(LINES)
    ]
    fact = Captioned(broadcast_id=str(broadcast.id), start=begins, end=begins + 40 * 48_000, made_us=0, cues=cues)
    return msgspec.json.encode(fact)


async def test_the_same_fact_twice_and_what_overlaps_it_change_nothing(house: House, ended: Broadcast) -> None:
    """A process that was killed between two messages says some of it again, cut otherwise."""
    begins = recording_begins(ended)
    assert begins is not None
    await keep_captions(house, captioned(ended, begins))
    await keep_captions(house, captioned(ended, begins + 48_000))
    async with house.database.reading() as session:
        assert [cue.text for cue in await CueStore(session).of_broadcast(ended.id)] == list(LINES)


async def test_facts_that_mean_nothing_are_let_go(house: House) -> None:
    await keep_captions(house, b"\x00")
    await keep_captions(house, b'{"broadcast_id":"5","start":0,"end":1,"made_us":0,"cues":[[0,1,"x"]]}')


async def test_the_transcript_can_be_read_and_searched_without_a_script(
    house: House, visitor: httpx.AsyncClient, ended: Broadcast
) -> None:
    assert (await visitor.get(f"/b/{ended.slug}/transcript")).status_code == 404
    await recorded(house, ended)
    page = (await visitor.get(f"/b/{ended.slug}")).text
    assert f'<track kind="captions" src="/b/{ended.slug}/captions.vtt"' in page
    all_of_it = (await visitor.get(f"/b/{ended.slug}/transcript")).text
    assert "We talk about &lt;rivers&gt; tonight." in all_of_it
    assert f'href="/b/{ended.slug}?t=10"' in all_of_it
    hits = (await visitor.get(f"/b/{ended.slug}/transcript", params={"q": "GOOD"})).text
    assert hits.count("<mark>Good</mark>") == 2
    assert "rivers" not in hits
    evil = (await visitor.get(f"/b/{ended.slug}/transcript", params={"q": "<script>"})).text
    assert "<script>“" not in evil
    assert "&lt;script&gt;” is in no line." in evil
    vtt = await visitor.get(f"/b/{ended.slug}/captions.vtt")
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert "00:00:10.000 --> 00:00:12.000\nWe talk about &lt;rivers&gt; tonight." in vtt.text
    text = (await visitor.get(f"/b/{ended.slug}/transcript.txt")).text
    assert "[0:00:20] Nobody should read this." in text


async def test_what_is_cut_cannot_be_read(house: House, visitor: httpx.AsyncClient, ended: Broadcast) -> None:
    """A cut that touches a cue takes it away whole; what comes after is where it is in the replay."""
    await recorded(house, ended)
    edit = Edit(
        id=house.ids.next(),
        broadcast_id=ended.id,
        source=Source.PROGRAMME,
        cuts=Cuts(((21_500, 26_500),)),
        state=EditState.READY,
        error=None,
        created_at=house.clock.now(),
        published_at=house.clock.now(),
        file="x.m4a",
        size_bytes=1,
        duration_ms=595_000,
    )
    async with house.database.transaction() as session:
        await EditStore(session).add(edit)
        assert await BroadcastStore(session).recording(ended.id) is not None
    for address in ("captions.vtt", "transcript.txt", "transcript", "transcript?q=nobody"):
        assert "should read" not in (await visitor.get(f"/b/{ended.slug}/{address}")).text
    assert "00:00:25.000 --> 00:00:27.000\nGood night." in (await visitor.get(f"/b/{ended.slug}/captions.vtt")).text
