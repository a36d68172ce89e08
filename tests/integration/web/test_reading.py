"""Pages for everybody: cacheable, the same for all, complete without a script."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from rostra.broadcast import Broadcast, BroadcastStore, Recording
from rostra.flows.house import House
from rostra.flows.move_broadcast import cancel_broadcast, end_broadcast, go_live, open_doors
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.network.accounts import Viewer
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, a_wish, on_the_air


@pytest.fixture
async def made(house: House, owner: Viewer) -> Broadcast:
    return await a_broadcast(house, owner)


async def test_home_lists_what_is_public(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock, made: Broadcast
) -> None:
    hidden = a_wish(clock.now() + timedelta(hours=2), title="Behind the curtain", unlisted=True)
    await schedule_broadcast(house, hidden, by=owner)
    answer = await visitor.get("/")
    assert answer.status_code == 200
    assert f"/b/{made.slug}" in answer.text
    assert "Behind the curtain" not in answer.text


async def test_a_page_keeps_its_address_through_the_evening(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, made: Broadcast
) -> None:
    """Before, during, after: one address, 200, and the playlist's address always in it."""
    playlist = f"http://edge.test/live/{made.id}/index.m3u8"
    for act in (None, open_doors, go_live, end_broadcast):
        if act is not None:
            await act(house, made.id, by=owner)
        answer = await visitor.get(f"/b/{made.slug}")
        assert answer.status_code == 200
        link = re.search(r'<link rel="alternate" type="application/vnd.apple.mpegurl" href="([^"]+)"', answer.text)
        assert link is not None
        assert link.group(1) == playlist


async def test_a_cancelled_broadcast_says_so(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, made: Broadcast
) -> None:
    await cancel_broadcast(house, made.id, by=owner)
    answer = await visitor.get(f"/b/{made.slug}")
    assert answer.status_code == 200
    assert "ancelled" in answer.text


async def test_a_public_page_is_the_same_for_all_and_revalidates(
    visitor: httpx.AsyncClient, organiser: Organiser, made: Broadcast
) -> None:
    """A cache in between may keep it: no cookie comes with it and none changes it."""
    first = await visitor.get(f"/b/{made.slug}")
    signed_in = await organiser.http.get(f"/b/{made.slug}")
    assert first.content == signed_in.content
    assert first.headers["cache-control"].startswith("public, max-age=")
    assert "set-cookie" not in first.headers
    again = await visitor.get(f"/b/{made.slug}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_answer_carries_the_policy(visitor: httpx.AsyncClient, made: Broadcast) -> None:
    """No inline script, no frames, and sound only from the edge."""
    for path in ("/", f"/b/{made.slug}", "/nothing", f"/b/{made.slug}/status.json", "/healthz"):
        headers = (await visitor.get(path)).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-inline" not in policy
        assert "http://edge.test" in policy
        assert headers["x-content-type-options"] == "nosniff"


async def test_no_page_holds_an_inline_script_or_style(
    visitor: httpx.AsyncClient, organiser: Organiser, made: Broadcast
) -> None:
    """The policy would refuse them, so they would be dead on arrival."""
    paths = (
        "/",
        f"/b/{made.slug}",
        "/broadcasts",
        "/broadcasts/new",
        f"/b/{made.slug}/control",
        "/sign-in",
        "/nothing",
    )
    for path in paths:
        html = (await organiser.http.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)", html), path
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", html), path


async def test_status_is_small_and_cacheable(visitor: httpx.AsyncClient, made: Broadcast) -> None:
    answer = await visitor.get(f"/b/{made.slug}/status.json")
    assert answer.headers["cache-control"] == "public, max-age=2"
    assert answer.json()["phase"] == "scheduled"
    assert answer.json()["id"] == str(made.id)


async def test_the_calendar_file_comes_as_one(visitor: httpx.AsyncClient, made: Broadcast) -> None:
    answer = await visitor.get(f"/b/{made.slug}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"SUMMARY:An evening with Ada" in answer.content


async def test_a_recording_can_be_fetched_in_pieces_under_a_good_name(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, made: Broadcast
) -> None:
    await on_the_air(house, made, owner)
    assert (await visitor.get(f"/b/{made.slug}/recording")).status_code == 404
    await end_broadcast(house, made.id, by=owner)
    sound = bytes(range(256)) * 4000
    recording = Recording(
        broadcast_id=made.id,
        kind="programme",
        file=await house.files.put_bytes(sound, "m4a"),
        size_bytes=len(sound),
        duration_ms=61_000,
        missing_ms=2048,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await BroadcastStore(session).put_recording(recording)
    whole = await visitor.get(f"/b/{made.slug}/recording")
    assert whole.content == sound
    assert whole.headers["content-type"] == "audio/mp4"
    assert 'filename="2026-05-04 An evening with Ada.m4a"' in whole.headers["content-disposition"]
    part = await visitor.get(f"/b/{made.slug}/recording", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, sound[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(sound)}"
    beyond = await visitor.get(f"/b/{made.slug}/recording", headers={"Range": f"bytes={len(sound)}-"})
    assert beyond.status_code == 416
    page = await visitor.get(f"/b/{made.slug}")
    assert f"/b/{made.slug}/recording" in page.text


async def test_what_is_not_there_has_a_page_for_people_and_a_document_for_programs(
    visitor: httpx.AsyncClient,
) -> None:
    page = await visitor.get("/b/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    document = await visitor.get("/b/nothing/status.json")
    assert document.status_code == 404
    assert document.headers["content-type"] == "application/problem+json"
    assert document.json()["code"] == "not_found"
    assert (await visitor.post("/")).status_code == 405


async def test_a_hostile_title_is_text(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, clock: FakeClock
) -> None:
    """Whatever a title holds, the page shows it and does not run it, in data attributes neither."""
    title = "\"'><script>alert(1)</script>{{ 7*7 }}"
    made = await schedule_broadcast(house, a_wish(clock.now() + timedelta(hours=1), title=title), by=owner)
    for path in ("/", f"/b/{made.slug}"):
        html = (await visitor.get(path)).text
        assert "<script>alert" not in html
        assert "{{ 7*7 }}" in html.replace("&#39;", "'")


async def test_head_is_get_without_content(visitor: httpx.AsyncClient, made: Broadcast) -> None:
    """Link checkers and caches ask this way."""
    got = await visitor.get(f"/b/{made.slug}")
    asked = await visitor.head(f"/b/{made.slug}")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["etag"] == got.headers["etag"]


async def test_readiness_of_the_process(visitor: httpx.AsyncClient, house: House) -> None:
    assert (await visitor.get("/healthz")).status_code == 200
    assert (await visitor.get("/readyz")).status_code == 200
    await house.bus.close()
    not_ready = await visitor.get("/readyz")
    assert not_ready.status_code == 503
    assert "NATS" in not_ready.text


async def test_a_drawn_face_is_light_and_what_is_not_there_is_guarded(visitor: httpx.AsyncClient) -> None:
    """Headers of a page would weigh four times as much as the face; a page that says "not found" has them all."""
    face, nothing = await visitor.get("/drawn/7/avatar.png"), await visitor.get("/drawn/7/nothing.png")
    assert (face.status_code, face.headers["x-content-type-options"]) == (200, "nosniff")
    assert "content-security-policy" not in face.headers
    assert nothing.status_code == 404
    assert "content-security-policy" in nothing.headers
