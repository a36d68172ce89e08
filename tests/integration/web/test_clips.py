"""Clips: anybody's, of the replay or of what is on the air; their pages play that span and nothing else."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from rostra.broadcast import Broadcast
from rostra.broadcast.replays import Cuts, Edit, EditState, EditStore, Source
from rostra.flows.house import House
from rostra.flows.move_broadcast import end_broadcast
from rostra.media.jobs import Publish, Published
from rostra.network.accounts import Viewer
from rostra.stage.makers import make
from rostra.stage.workbench import Bench
from tests.integration.web.conftest import Organiser
from tests.integration.web.test_replay import recorded
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, on_the_air
from tests.kit.recordings import a_programme, heard


@pytest.fixture
async def live(house: House, owner: Viewer) -> Broadcast:
    made = await a_broadcast(house, owner)
    return await on_the_air(house, made, owner)


@pytest.fixture
async def ended(house: House, owner: Viewer, clock: FakeClock, live: Broadcast) -> Broadcast:
    """Ten minutes."""
    clock.jump(minutes=10)
    await recorded(house, live)
    return await end_broadcast(house, live.id, by=owner)


async def wish(client: httpx.AsyncClient, broadcast: Broadcast, **wanted: object) -> httpx.Response:
    return await client.post(f"/b/{broadcast.slug}/clips", json=wanted)


def span(page: str) -> tuple[float, float]:
    """What the clip's page plays without a script."""
    found = re.search(r'src="[^"]+/recording\.m4a#t=([\d.]+),([\d.]+)"', page)
    assert found is not None
    return float(found.group(1)), float(found.group(2))


async def cut(house: House, broadcast: Broadcast, *spans: tuple[int, int]) -> None:
    """An edit is published."""
    edit = Edit(
        id=house.ids.next(),
        broadcast_id=broadcast.id,
        source=Source.PROGRAMME,
        cuts=Cuts(spans),
        state=EditState.READY,
        error=None,
        created_at=house.clock.now(),
        published_at=house.clock.now(),
        file=await house.files.put_bytes(b"cut", "m4a"),
        duration_ms=Cuts(spans).length_ms(600_000),
    )
    async with house.database.transaction() as session:
        await EditStore(session).add(edit)


async def test_a_listener_makes_a_clip_of_the_replay(visitor: httpx.AsyncClient, ended: Broadcast) -> None:
    """Without an account; what they write as a title stays text."""
    made = await wish(visitor, ended, start_s=60, end_s=90.5, title='<b>"Ada"</b>')
    assert made.status_code == 201
    page = await visitor.get(made.json()["url"])
    assert page.status_code == 200
    assert span(page.text) == (60.0, 90.5)
    assert '<meta property="og:title" content="&lt;b&gt;&#34;Ada&#34;&lt;/b&gt;">' in page.text
    assert "<b>" not in page.text
    assert f'href="/b/{ended.slug}?t=60"' in page.text
    assert made.json()["url"] not in (await visitor.get(f"/b/{ended.slug}")).text, "only its maker knows the link"


async def test_a_form_is_enough(visitor: httpx.AsyncClient, ended: Broadcast) -> None:
    answer = await visitor.post(f"/b/{ended.slug}/clips", data={"start": "1:00", "end": "1:30", "title": ""})
    assert answer.status_code == 303
    page = (await visitor.get(answer.headers["location"])).text
    assert (span(page), f"<h1>{ended.title}</h1>" in page) == ((60.0, 90.0), True)


async def test_what_was_just_heard_becomes_a_clip(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock, live: Broadcast
) -> None:
    """On the air its page says that it waits; after the end it plays."""
    clock.jump(minutes=5)
    heard_at = clock.now() - timedelta(seconds=3)
    made = await wish(visitor, live, heard_at=heard_at.isoformat(), last_s=30)
    assert made.status_code == 201
    page = (await visitor.get(made.json()["url"])).text
    assert "still on the air" in page
    clock.jump(minutes=5)
    await end_broadcast(house, live.id, by=owner)
    await recorded(house, live)
    start, end = span((await visitor.get(made.json()["url"])).text)
    assert end - start == pytest.approx(30, abs=0.2)
    assert end == pytest.approx(297, abs=0.6)


async def test_clips_shift_with_the_cuts(visitor: httpx.AsyncClient, house: House, ended: Broadcast) -> None:
    inside = (await wish(visitor, ended, start_s=100, end_s=110)).json()["url"]
    across = (await wish(visitor, ended, start_s=95, end_s=125)).json()["url"]
    behind = (await wish(visitor, ended, start_s=300, end_s=330)).json()["url"]
    await cut(house, ended, (98_000, 120_000))
    gone = await visitor.get(inside)
    assert gone.status_code == 410
    assert "no longer part of the replay" in gone.text
    assert span((await visitor.get(across)).text) == (95.0, 103.0)
    assert span((await visitor.get(behind)).text) == (278.0, 308.0)
    later = (await wish(visitor, ended, start_s=278, end_s=308)).json()["url"]
    assert span((await visitor.get(later)).text) == (278.0, 308.0), "what is marked in the replay is in its time"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"start_s": 10, "end_s": 10.5}, 422),
        ({"start_s": 30, "end_s": 10}, 422),
        ({"start_s": 0, "end_s": 301}, 422),
        ({"start_s": 601, "end_s": 640}, 422),
        ({"start_s": -1, "end_s": 5}, 422),
        ({"start_s": 1e300, "end_s": 1e301}, 422),
        ({"start_s": 0, "end_s": 20, "title": "x" * 121}, 422),
        ({}, 422),
        ({"heard_at": "2026-11-23T20:00:00", "last_s": 30}, 422),
        ({"heard_at": "1970-01-01T00:00:00Z", "last_s": 30}, 409),
    ],
)
async def test_what_is_no_clip_is_refused(
    visitor: httpx.AsyncClient, ended: Broadcast, wanted: dict[str, object], status: int
) -> None:
    assert (await wish(visitor, ended, **wanted)).status_code == status


async def test_before_the_air_there_is_nothing_to_clip(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock
) -> None:
    early = await a_broadcast(house, owner)
    assert (await wish(visitor, early, heard_at=clock.now().isoformat())).status_code == 409
    assert (await wish(visitor, early, start_s=0, end_s=10)).status_code == 409


async def test_nobody_floods_a_broadcast_with_clips(visitor: httpx.AsyncClient, ended: Broadcast) -> None:
    answers = [(await wish(visitor, ended, start_s=0, end_s=10)).status_code for _ in range(8)]
    assert answers[:6] == [201] * 6
    assert answers[-1] == 429


async def test_the_host_lists_and_removes_clips(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, ended: Broadcast
) -> None:
    await cut(house, ended)
    form = {"csrf": organiser.csrf, "act": "clip", "start": "0", "end": "8:00", "title": "The best of it"}
    answer = await organiser.http.post(f"/b/{ended.slug}/edit-replay", data=form)
    assert answer.status_code == 303, "the host's may be longer"
    assert "The best of it" in (await visitor.get(f"/b/{ended.slug}")).text
    rude = (await wish(visitor, ended, start_s=0, end_s=10, title="Rude")).json()["url"]
    page = (await organiser.http.get(f"/b/{ended.slug}/edit-replay")).text
    assert "Rude" in page
    form = {"csrf": organiser.csrf, "act": "remove_clip", "clip_id": rude.rpartition("/")[2]}
    assert (await organiser.http.post(f"/b/{ended.slug}/edit-replay", data=form)).status_code == 303
    assert (await visitor.get(rude)).status_code == 404
    assert (await visitor.get(f"/b/{ended.slug}/c/nonsense")).status_code == 404


async def test_another_site_cannot_make_clips(visitor: httpx.AsyncClient, ended: Broadcast) -> None:
    answer = await visitor.post(
        f"/b/{ended.slug}/clips", json={"start_s": 0, "end_s": 10}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403


async def test_a_clip_is_downloaded_by_its_title_and_shows_itself_where_it_is_shared(
    visitor: httpx.AsyncClient, house: House, ended: Broadcast, tmp_path: Path
) -> None:
    made = await wish(visitor, ended, start_s=2, end_s=9.5, title="Früh: the *fish*")
    early = await visitor.get(made.json()["url"] + "/clip.m4a")
    assert early.status_code == 404, "the recording is no replay with a stream yet"
    await streamed(house, ended, tmp_path)
    page = (await visitor.get(made.json()["url"])).text
    address = made.json()["url"] + "/clip.m4a"
    assert f'<meta property="og:audio" content="{address}">' in page
    assert f'<a class="button" href="{address}" download>' in page
    answer = await visitor.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mp4")
    assert "filename*=UTF-8''Fr%C3%BCh%20the%20fish%20.m4a" in answer.headers["content-disposition"]
    file = tmp_path / "got.m4a"
    file.write_bytes(answer.content)
    assert 0 <= len(heard(file)) - 7500 * 48 < 1024
    some = await visitor.get(address, headers={"Range": "bytes=100-9999"})
    assert (some.status_code, some.content) == (206, answer.content[100:10_000])
    await cut(house, ended, (1000, 10_000))
    assert (await visitor.get(address)).status_code == 404, "what is cut out cannot be downloaded either"


async def streamed(house: House, broadcast: Broadcast, folder: Path) -> None:
    """A replay of twelve seconds is published, as a stage makes it."""
    made = await asyncio.to_thread(published, Bench(house.files, folder, lambda _: None))
    edit = Edit(
        id=house.ids.next(),
        broadcast_id=broadcast.id,
        source=Source.PROGRAMME,
        cuts=Cuts(()),
        state=EditState.READY,
        error=None,
        created_at=house.clock.now(),
        published_at=house.clock.now(),
        file=made.file,
        size_bytes=made.size_bytes,
        duration_ms=made.duration_ms,
        stream=made.stream,
        stream_index=made.index,
    )
    async with house.database.transaction() as session:
        await EditStore(session).add(edit)


def published(bench: Bench) -> Published:
    source = bench.keep(a_programme(bench.folder / "x.m4a", [440.0, 880.0], seconds=6))
    order = Publish(
        job_id="1", broadcast_id="2", sources=[source], mixed=False, cuts=[], chapters=[],
        title="", artist="", album="", date="",
    )  # fmt: skip
    made = make(order, bench)
    assert isinstance(made, Published)
    return made
