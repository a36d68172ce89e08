"""The host edits a replay: cut, published, taken back; held until it is published; the recording stays."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from rostra.broadcast import Broadcast, Dump, DumpStore
from rostra.broadcast.replays import EditState, EditStore
from rostra.flows.house import House
from rostra.flows.move_broadcast import end_broadcast
from rostra.flows.publish_recording import publish_recording
from rostra.flows.publish_replay import hold_replay, order_again
from rostra.flows.take_made import take_made
from rostra.media.jobs import MADE, NotMade
from rostra.media.wire import FACTS_STREAM, Recorded
from rostra.network.accounts import Viewer
from rostra.stage.jobs import Workshop
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.ending import call_off
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, on_the_air
from tests.kit.recordings import a_programme, a_track, heard, second
from tests.kit.tones import sine, tone_dbfs

TONES_HZ = [440.0, 880.0, 1760.0]
SECONDS = 4


@pytest.fixture
async def ended(house: House, owner: Viewer, clock: FakeClock) -> Broadcast:
    made = await a_broadcast(house, owner)
    await on_the_air(house, made, owner)
    clock.jump(seconds=SECONDS * len(TONES_HZ))
    return await end_broadcast(house, made.id, by=owner)


@pytest.fixture
async def stage(house: House, tmp_path: Path) -> AsyncIterator[None]:
    """A stage's workshop, the outbox's relay and the site's reader of answers, at work."""

    async def take(payload: bytes) -> None:
        await take_made(house, payload)

    work = [
        asyncio.ensure_future(Workshop(house.bus, house.files, tmp_path / "making").run()),
        asyncio.ensure_future(house.bus.work(FACTS_STREAM, MADE, "made", take)),
        asyncio.ensure_future(house.relay.run()),
    ]
    yield
    await call_off(*work)


async def recorded(house: House, broadcast: Broadcast, folder: Path) -> None:
    """A stage says that it has finished the recording."""
    file = await house.files.adopt(a_programme(folder / "programme.m4a", TONES_HZ, seconds=SECONDS), "m4a")
    length_ms = SECONDS * len(TONES_HZ) * 1000
    fact = Recorded(
        broadcast_id=str(broadcast.id),
        kind="programme",
        file=file,
        size_bytes=9,
        duration_ms=length_ms,
        parts_missing=0,
    )
    await publish_recording(house, msgspec.json.encode(fact))


async def edits_are(house: House, broadcast: Broadcast, *states: str) -> None:
    """Wait until the edits are in these states, oldest first."""
    async with asyncio.timeout(60):
        while True:
            async with house.database.reading() as session:
                edits = await EditStore(session).of_broadcast(broadcast.id)
            if [edit.state for edit in edits] == list(states):
                return
            await asyncio.sleep(0.05)


async def post(organiser: Organiser, broadcast: Broadcast, **form: str) -> httpx.Response:
    form["csrf"] = organiser.csrf
    return await organiser.http.post(f"/b/{broadcast.slug}/edit-replay", data=form)


async def tones(visitor: httpx.AsyncClient, broadcast: Broadcast, folder: Path) -> list[float]:
    """The tones of what everybody hears, in their order."""
    answer = await visitor.get(f"/b/{broadcast.slug}/recording.m4a")
    assert answer.status_code == 200
    (folder / "heard.m4a").write_bytes(answer.content)
    sound = heard(folder / "heard.m4a")
    said = [max(TONES_HZ, key=lambda hz: tone_dbfs(second(sound, at, 0.4), hz)) for at in range(len(sound) // 48_000)]
    return [hz for before, hz in zip([0.0, *said], said, strict=False) if hz != before]


async def test_what_is_cut_is_gone_and_comes_back(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, ended: Broadcast, stage: None, tmp_path: Path
) -> None:
    await recorded(house, ended, tmp_path)
    await edits_are(house, ended, "ready")
    assert await tones(visitor, ended, tmp_path) == TONES_HZ
    answer = await post(organiser, ended, act="publish", source="programme", cuts="0:04 - 0:06\n5.0 - 8.0\n")
    assert answer.status_code == 303
    refused = await post(organiser, ended, act="publish", source="programme", cuts="")
    assert refused.status_code == 409
    assert "being made" in refused.text
    await edits_are(house, ended, "ready", "ready")
    assert await tones(visitor, ended, tmp_path) == [440.0, 1760.0]
    playlist = (await visitor.get(f"/b/{ended.slug}/replay.m3u8")).text
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    [url] = set(re.findall(r"^replay\.mp4\?v=\w+$", playlist, re.MULTILINE))
    assert (await visitor.get(f"/b/{ended.slug}/{url}")).status_code == 200
    original = await organiser.http.get(f"/b/{ended.slug}/edit-replay/recording.m4a")
    assert original.status_code == 200, "the recording is still there for the host"
    assert (await visitor.get(f"/b/{ended.slug}/edit-replay/recording.m4a")).status_code in (401, 403)
    assert (await post(organiser, ended, act="undo")).status_code == 303
    assert await tones(visitor, ended, tmp_path) == TONES_HZ
    assert (await visitor.get(f"/b/{ended.slug}/{url}")).status_code == 404, "nothing is given out of an old edit"
    assert "no former edit" in (await post(organiser, ended, act="undo")).text


@on_sqlite
async def test_a_replay_that_is_held_waits_for_the_host(
    organiser: Organiser,
    visitor: httpx.AsyncClient,
    house: House,
    owner: Viewer,
    ended: Broadcast,
    stage: None,
    tmp_path: Path,
) -> None:
    await hold_replay(house, ended.id, True, by=owner)
    await recorded(house, ended, tmp_path)
    page = (await visitor.get(f"/b/{ended.slug}")).text
    assert "The host has not published the replay yet" in page
    for path in ("recording.m4a", "replay.m3u8", "chapters.json"):
        assert (await visitor.get(f"/b/{ended.slug}/{path}")).status_code == 404
    assert "<item>" not in (await visitor.get("/podcast.xml")).text
    assert (await post(organiser, ended, act="publish", source="programme", cuts="")).status_code == 303
    await edits_are(house, ended, "ready")
    assert await tones(visitor, ended, tmp_path) == TONES_HZ
    assert "<item>" in (await visitor.get("/podcast.xml")).text
    assert (await post(organiser, ended, act="undo")).status_code == 303
    assert (await visitor.get(f"/b/{ended.slug}/recording.m4a")).status_code == 404


@on_sqlite
async def test_tracks_become_a_programme(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, ended: Broadcast, stage: None, tmp_path: Path
) -> None:
    """Two speakers at once, one far quieter: both are heard, near each other, nothing clips; a dump stays silent."""
    assert ended.live_at is not None
    seconds = (timedelta(seconds=each) for each in (5, 1.2, 1.9))
    at, from_at, until_at = (ended.live_at + each for each in seconds)
    async with house.database.transaction() as session:
        await DumpStore(session).put(Dump(broadcast_id=ended.id, at=at, from_at=from_at, until_at=until_at))
    await recorded(house, ended, tmp_path)
    assert "There are no tracks" in (await post(organiser, ended, act="publish", source="tracks", cuts="")).text
    await edits_are(house, ended, "ready")
    for seat, (hz, loudness) in enumerate(((440.0, 0.4), (1760.0, 0.05)), 1):
        track = a_track(tmp_path / "track.flac", sine(hz, SECONDS * 48_000, loudness))
        fact = Recorded(
            broadcast_id=str(ended.id),
            kind="track",
            speaker_id=str(seat),
            file=await house.files.adopt(track, "flac"),
            size_bytes=1,
            duration_ms=SECONDS * 1000,
            parts_missing=0,
        )
        await publish_recording(house, msgspec.json.encode(fact))
    assert (await post(organiser, ended, act="publish", source="tracks", cuts="0 - 1")).status_code == 303
    await edits_are(house, ended, "ready", "ready")
    (tmp_path / "mixed.m4a").write_bytes((await visitor.get(f"/b/{ended.slug}/recording.m4a")).content)
    sound = heard(tmp_path / "mixed.m4a")
    assert len(sound) / 48_000 == pytest.approx(SECONDS - 1, abs=0.1)
    assert tone_dbfs(second(sound, 0.75, 0.1), 440.0) < -60
    loud, quiet = (tone_dbfs(second(sound, 2), hz) for hz in (440.0, 1760.0))
    assert loud > -20
    assert quiet > -30
    assert abs(sound).max() < 1


@pytest.mark.parametrize(
    ("cuts", "said"),
    [
        ("0 - 1:00", "Nothing would be left"),
        ("3 - 2", "ends before it begins"),
        ("soon - later", "is no span"),
        ("1:02:03:04 - 5", "is no span"),
        ("٣ - ٤", "is no span"),
    ],
)
async def test_what_cannot_be_cut_is_said_and_stays_typed(
    organiser: Organiser, house: House, ended: Broadcast, tmp_path: Path, cuts: str, said: str
) -> None:
    await recorded(house, ended, tmp_path)
    async with house.database.transaction() as session:
        store = EditStore(session)
        await store.put_failed((await store.of_broadcast(ended.id))[0].id, "x")
    answer = await post(organiser, ended, act="publish", source="programme", cuts=cuts)
    assert answer.status_code == 422
    assert said in answer.text
    assert cuts in answer.text


async def test_a_job_that_failed_is_said_and_can_be_done_again(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, ended: Broadcast, tmp_path: Path
) -> None:
    """Until then the recording plays as it is."""
    await recorded(house, ended, tmp_path)
    async with house.database.reading() as session:
        [edit] = await EditStore(session).of_broadcast(ended.id)
    failed = NotMade(
        job_id=str(edit.id), broadcast_id=str(ended.id), of="publish", code="x", message="The file is gone."
    )
    await take_made(house, msgspec.json.encode(failed))
    page = (await organiser.http.get(f"/b/{ended.slug}/edit-replay")).text
    assert "could not be made. The file is gone." in page
    assert (await visitor.get(f"/b/{ended.slug}/recording.m4a")).status_code == 200
    assert (await post(organiser, ended, act="publish", source="programme", cuts="")).status_code == 303


async def test_nothing_is_edited_without_a_recording_or_a_right(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, ended: Broadcast
) -> None:
    answer = await post(organiser, ended, act="publish", source="programme", cuts="")
    assert answer.status_code == 409
    assert "no recording to publish yet" in answer.text
    assert (await visitor.get(f"/b/{ended.slug}/edit-replay")).status_code == 401
    stranger = await visitor.post(f"/b/{ended.slug}/edit-replay", data={"act": "undo"})
    assert stranger.status_code in (401, 403)
    unsigned = await organiser.http.post(f"/b/{ended.slug}/edit-replay", data={"act": "undo"})
    assert unsigned.status_code == 403


@on_sqlite
async def test_an_answer_that_comes_twice_changes_nothing(
    house: House, ended: Broadcast, stage: None, tmp_path: Path
) -> None:
    """A recording told again, as after a crash, orders nothing anew."""
    await recorded(house, ended, tmp_path)
    await recorded(house, ended, tmp_path)
    await edits_are(house, ended, EditState.READY)


async def test_what_a_bus_has_forgotten_is_ordered_again(
    house: House, ended: Broadcast, clock: FakeClock, tmp_path: Path
) -> None:
    """An edit is not waited for in vain: after an hour without an answer its order goes out once more."""
    await recorded(house, ended, tmp_path)
    while await house.relay.send_batch():
        pass
    await order_again(house)
    assert await house.relay.send_batch() == 0
    clock.jump(hours=2)
    await order_again(house)
    assert await house.relay.send_batch() == 1
