"""The replay on the same page: marks of the evening, chapters, links to a moment."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.broadcast import Broadcast, BroadcastStore, MarkStore, Recording
from rostra.flows.house import House
from rostra.flows.move_broadcast import end_broadcast, pause, resume
from rostra.network.accounts import Viewer
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, on_the_air


async def recorded(house: House, broadcast: Broadcast, duration_ms: int = 600_000) -> None:
    made = Recording(
        broadcast_id=broadcast.id,
        kind="programme",
        file=await house.files.put_bytes(b"sound" * 100, "m4a"),
        size_bytes=500,
        duration_ms=duration_ms,
        missing_ms=0,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await BroadcastStore(session).put_recording(made)


@pytest.fixture
async def live(house: House, owner: Viewer) -> Broadcast:
    made = await a_broadcast(house, owner)
    return await on_the_air(house, made, owner)


def marks_url(broadcast: Broadcast) -> str:
    return f"/api/v1/broadcasts/{broadcast.id}/marks"


async def test_a_press_marks_the_moment_and_the_replay_has_a_chapter_there(
    organiser: Organiser, visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock, live: Broadcast
) -> None:
    clock.jump(minutes=2)
    answer = await organiser.http.post(marks_url(live), json={"title": "Rockets"}, headers=organiser.headers)
    assert answer.status_code == 201
    [mark] = answer.json()["marks"]
    assert (mark["at_text"], mark["title"], mark["kind"]) == ("2:00", "Rockets", "mark")
    clock.jump(minutes=8)
    await end_broadcast(house, live.id, by=owner)
    await recorded(house, live)
    page = (await visitor.get(f"/b/{live.slug}")).text
    assert re.search(rf'<a href="/b/{live.slug}\?t=120" data-start="120">.*2:00.*Rockets', page)
    track = re.search(r'<track kind="chapters" src="([^"]+)"', page)
    assert track is not None
    vtt = await visitor.get(track.group(1))
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert "Rockets" in vtt.text
    listed = await visitor.get(f"/b/{live.slug}/chapters.json")
    assert listed.headers["content-type"].startswith("application/json+chapters")
    assert [chapter["title"] for chapter in listed.json()["chapters"]] == ["Beginning", "Rockets"]


async def test_a_pause_and_the_return_are_marked_by_themselves(
    house: House, owner: Viewer, clock: FakeClock, live: Broadcast
) -> None:
    for act in (pause, resume):
        clock.jump(minutes=1)
        await act(house, live.id, by=owner)
    async with house.database.reading() as session:
        marks = await MarkStore(session).of_broadcast(live.id)
    assert [mark.kind for mark in marks] == ["pause", "resume"]


async def test_the_form_works_without_a_script(organiser: Organiser, live: Broadcast) -> None:
    form = {"csrf": organiser.csrf, "act": "mark", "title": "By hand"}
    answer = await organiser.http.post(f"/b/{live.slug}/control", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert "By hand" in answer.text
    found = re.search(r'name="mark_id" value="(\d+)"', answer.text)
    assert found is not None
    form = {"csrf": organiser.csrf, "act": "unmark", "mark_id": found.group(1)}
    answer = await organiser.http.post(f"/b/{live.slug}/control", data=form, follow_redirects=True)
    assert "By hand" not in answer.text


async def test_a_mark_can_be_renamed_and_removed_after_the_end(
    organiser: Organiser, house: House, owner: Viewer, live: Broadcast
) -> None:
    made = await organiser.http.post(marks_url(live), json={}, headers=organiser.headers)
    url = f"{marks_url(live)}/{made.json()['marks'][0]['id']}"
    await end_broadcast(house, live.id, by=owner)
    assert (await organiser.http.post(marks_url(live), json={}, headers=organiser.headers)).status_code == 409
    renamed = await organiser.http.patch(url, json={"title": "Better"}, headers=organiser.headers)
    assert renamed.status_code == 200
    control = await organiser.http.get(f"/api/v1/broadcasts/{live.id}/control")
    assert control.json()["marks"][0]["title"] == "Better"
    assert (await organiser.http.delete(url, headers=organiser.headers)).status_code == 200
    assert (await organiser.http.patch(url, json={"title": "x"}, headers=organiser.headers)).status_code == 404


async def test_nobody_else_marks(visitor: httpx.AsyncClient, organiser: Organiser, live: Broadcast) -> None:
    assert (await visitor.post(marks_url(live), json={})).status_code == 401
    assert (await organiser.http.post(marks_url(live), json={})).status_code == 403


async def test_a_link_to_a_moment_plays_from_there_without_a_script(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, live: Broadcast
) -> None:
    await end_broadcast(house, live.id, by=owner)
    await recorded(house, live)
    for query, src in (("?t=75", "#t=75"), ("?t=9999", ""), ("?t=-1", ""), ("?t=%D9%A1", ""), ("", "")):
        page = (await visitor.get(f"/b/{live.slug}{query}")).text
        assert f'src="/b/{live.slug}/recording.m4a{src}"' in page
    sound = await visitor.get(f"/b/{live.slug}/recording.m4a", headers={"Range": "bytes=5-9"})
    assert (sound.status_code, sound.content) == (206, b"sound")


async def test_without_a_recording_there_are_no_chapters(visitor: httpx.AsyncClient, live: Broadcast) -> None:
    assert (await visitor.get(f"/b/{live.slug}/chapters.json")).status_code == 404
