"""The JSON API: what the control page's script and other programs call."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import msgspec
import pytest

from rostra.broadcast import Broadcast
from rostra.flows.house import House
from rostra.flows.invite_speaker import Invited, hand_over_host, invite_speaker, revoke_invitation
from rostra.flows.moderate_live import RoomAct, RoomWish, act_in_room
from rostra.flows.move_broadcast import cancel_broadcast, go_live, open_doors
from rostra.media import wire
from rostra.media.wire import StageState
from rostra.network.accounts import Role, Viewer
from rostra.platform.ids import BroadcastId
from rostra.platform.tasks import Tasks
from rostra.web.api.events import _stream
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser, a_client
from tests.kit.house import a_broadcast
from tests.kit.safety import somebody


@pytest.fixture
async def made(house: House, owner: Viewer) -> Broadcast:
    return await a_broadcast(house, owner)


@pytest.fixture
async def invited(house: House, owner: Viewer, made: Broadcast) -> Invited:
    return await invite_speaker(house, made.id, "Ann", by=owner)


WISH: dict[str, Any] = {"title": "By program", "starts_at": "2026-06-01T20:00:00+02:00", "zone": "Europe/Berlin"}


async def test_a_program_schedules_and_edits(organiser: Organiser) -> None:
    answer = await organiser.http.post("/api/v1/broadcasts", json=WISH, headers=organiser.headers)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["starts_at"], made["slug"], made["version"]) == ("2026-06-01T18:00:00Z", "by-program", 1)
    url = f"/api/v1/broadcasts/{made['id']}"
    edited = await organiser.http.patch(url, json={"title": "Better", "version": 1}, headers=organiser.headers)
    assert (edited.json()["title"], edited.json()["starts_at"]) == ("Better", made["starts_at"])
    stale = await organiser.http.patch(url, json={"title": "Worse", "version": 1}, headers=organiser.headers)
    assert stale.status_code == 409
    assert [each["title"] for each in (await organiser.http.get("/api/v1/broadcasts")).json()] == ["Better"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"[]", 422, "invalid"),
        (b'{"title": 5}', 422, "invalid"),
        (json.dumps(WISH | {"starts_at": "2026-06-01T20:00:00"}).encode(), 422, "invalid"),
        (json.dumps(WISH | {"unknown": 1}).encode(), 422, "invalid"),
        (json.dumps(WISH | {"title": "x" * 100_000}).encode(), 413, "request_entity_too_large"),
    ],
)
async def test_broken_input_gets_a_problem_document(organiser: Organiser, body: bytes, status: int, code: str) -> None:
    headers = organiser.headers | {"Content-Type": "application/json"}
    answer = await organiser.http.post("/api/v1/broadcasts", content=body, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_control_page_reads_and_acts(organiser: Organiser, made: Broadcast) -> None:
    url = f"/api/v1/broadcasts/{made.id}"
    before = (await organiser.http.get(f"{url}/control")).json()
    assert before["phase"] == "scheduled"
    assert [act["act"] for act in before["acts"] if act["allowed"]] == ["open_doors", "cancel"]
    body = {"act": "open_doors", "version": before["version"]}
    after = await organiser.http.post(f"{url}/acts", json=body, headers=organiser.headers)
    assert (after.status_code, after.json()["phase"]) == (200, "doors_open")
    again = await organiser.http.post(f"{url}/acts", json=body, headers=organiser.headers)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_invitations_are_made_linked_and_revoked(organiser: Organiser, made: Broadcast) -> None:
    url = f"/api/v1/broadcasts/{made.id}/invitations"
    ann = (await organiser.http.post(url, json={"name": "Ann"}, headers=organiser.headers)).json()
    assert ann["url"].startswith("http://site.test/i/")
    seat = f"{url}/{ann['speaker_id']}"
    second = (await organiser.http.post(f"{seat}/links", headers=organiser.headers)).json()
    assert second["url"] != ann["url"]
    assert (await organiser.http.delete(seat, headers=organiser.headers)).status_code == 200
    listed = (await organiser.http.get(url)).json()
    assert [(each["name"], each["state"], each["url"]) for each in listed] == [
        ("Ada", "waiting", None),
        ("Ann", "revoked", None),
    ]


async def test_a_moderators_mute_binds_the_owner(
    organiser: Organiser, house: House, owner: Viewer, made: Broadcast, invited: Invited
) -> None:
    await open_doors(house, made.id, by=owner)
    seat = invited.invitation.id
    mo = await somebody(house, "mo", Role.MODERATOR)
    await act_in_room(
        house, mo, made.id, RoomWish(act=RoomAct.MUTE, reason="Threats.", rule="No threats", speaker_id=seat)
    )
    url = f"/api/v1/broadcasts/{made.id}/seats/{seat}"
    answer = await organiser.http.post(url, json={"act": "unmute"}, headers=organiser.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "muted_by_moderator")
    assert "with the way to complain" in answer.json()["detail"]


async def test_a_moderators_pause_binds_the_owner(
    organiser: Organiser, house: House, owner: Viewer, made: Broadcast
) -> None:
    """Refused with the reason; the control room says so before anybody presses, and offers the end."""
    await open_doors(house, made.id, by=owner)
    await go_live(house, made.id, by=owner)
    mo = await somebody(house, "mo", Role.MODERATOR)
    url, why = f"/api/v1/broadcasts/{made.id}", {"reason": "Threats.", "rule": "No threats"}
    await act_in_room(house, mo, made.id, RoomWish(act=RoomAct.END, **why))
    ended = (await organiser.http.get(f"{url}/control")).json()
    assert (ended["phase_text"], ended["acts"][3]["act"]) == ("Ended by a moderator", "resume")
    assert "only a moderator can take it back" in ended["acts"][3]["why_not"]
    await act_in_room(house, mo, made.id, RoomWish(act=RoomAct.TAKE_BACK, **why))
    await act_in_room(house, mo, made.id, RoomWish(act=RoomAct.PAUSE, **why))
    control = (await organiser.http.get(f"{url}/control")).json()
    assert (control["phase"], control["phase_text"]) == ("paused", "Paused by a moderator")
    acts = {each["act"]: each for each in control["acts"]}
    assert (acts["resume"]["allowed"], acts["end"]["allowed"]) == (False, True)
    answer = await organiser.http.post(f"{url}/acts", json={"act": "resume"}, headers=organiser.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "paused_by_moderator")
    assert answer.json()["detail"] == acts["resume"]["why_not"]
    assert "with the way to complain" in answer.json()["detail"]
    page = f"/b/{made.slug}/control"
    pressed = await organiser.http.post(page, data={"csrf": organiser.csrf, "act": "resume"})
    assert pressed.status_code == 409
    assert pressed.text.count("only a moderator can let it go on") > 1
    answer = await organiser.http.post(f"{url}/acts", json={"act": "end"}, headers=organiser.headers)
    assert answer.status_code < 300


async def test_writes_need_the_token(organiser: Organiser, made: Broadcast) -> None:
    url = f"/api/v1/broadcasts/{made.id}"
    assert (await organiser.http.post(f"{url}/acts", json={"act": "cancel"})).status_code == 403
    assert (await organiser.http.post(f"{url}/invitations", json={"name": "x"})).status_code == 403
    assert (await organiser.http.post("/api/v1/broadcasts", json=WISH)).status_code == 403


async def test_any_page_may_turn_a_link_into_a_ticket(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, made: Broadcast, invited: Invited
) -> None:
    """No cookie, any origin: whoever holds the link may take the seat."""
    url = f"/api/v1/invitations/{invited.token}/ticket"
    preflight = await visitor.options(url, headers={"Origin": "http://else.test"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    early = await visitor.post(url, json={"name": "Ann"})
    assert (early.status_code, early.json()["code"]) == (409, "doors_closed")
    assert early.headers["retry-after"] == "300"
    assert early.headers["access-control-allow-origin"] == "*"
    await open_doors(house, made.id, by=owner)
    for content in (b'{"name": "Ann"}', b"", b"{}"):
        answer = await visitor.post(url, content=content, headers={"Origin": "http://else.test"})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert set(answer.json()) == {
            "ticket", "whip_url", "broadcast", "speaker_id", "name", "expires_at", "state_url"
        }  # fmt: skip
    assert (await visitor.post(url, content=b"{")).status_code == 422
    assert (await visitor.post(url, content=b'{"name": 5}')).status_code == 422


async def test_a_link_that_no_longer_counts_is_gone(
    visitor: httpx.AsyncClient, house: House, owner: Viewer, made: Broadcast, invited: Invited
) -> None:
    """The page and the ticket say it in the same words."""
    page, ticket = f"/i/{invited.token}", f"/api/v1/invitations/{invited.token}/ticket"
    await revoke_invitation(house, made.id, invited.invitation.id, by=owner)
    assert (await visitor.get(page)).status_code == 410
    revoked = await visitor.post(ticket)
    assert (revoked.status_code, revoked.json()["code"]) == (410, "invitation_revoked")
    assert revoked.json()["detail"].split(".")[0] in (await visitor.get(page)).text
    await cancel_broadcast(house, made.id, by=owner)
    assert (await visitor.post(ticket)).json()["code"] == "broadcast_over"


async def test_guessing_invitations_is_slowed_down(visitor: httpx.AsyncClient) -> None:
    answers = [await visitor.post(f"/api/v1/invitations/guess{number}/ticket") for number in range(32)]
    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429


async def test_the_hosts_seat_opens_the_control_page_without_an_account(
    site: Site, house: House, owner: Viewer, made: Broadcast, invited: Invited
) -> None:
    await hand_over_host(house, made.id, invited.invitation.id, by=owner)
    async with a_client(site) as guest:
        answer = await guest.post(f"/i/{invited.token}/control")
        assert answer.headers["location"] == f"/b/{made.slug}/control"
        assert (await guest.get(f"/b/{made.slug}/control")).status_code == 200
        assert (await guest.get("/broadcasts/new")).status_code == 401


async def test_events_tell_the_present_and_then_the_room(site: Site, organiser: Organiser, made: Broadcast) -> None:
    """A control view first, then each state of the room as it comes; the stream ends with the process."""

    tasks = Tasks()
    await site.lookout.start(tasks)
    request = type("Asking", (), {"cookies": dict(organiser.http.cookies)})()
    stream = _stream(request, site, BroadcastId(made.id))
    assert (await anext(stream)).startswith(b"retry:")
    first = await anext(stream)
    assert first.startswith(b"event: control\n")
    assert json.loads(first.split(b"data: ")[1])["id"] == str(made.id)
    state = StageState(
        broadcast_id=str(made.id), phase=made.phase, at_us=site.house.clock.now_us(), part=7, programme_dbfs=-30,
        speakers=[], late_ticks=0, recording_bytes=0,
    )  # fmt: skip
    await site.house.bus.publish(wire.state_subject(str(made.id)), msgspec.json.encode(state))
    async with asyncio.timeout(60):
        told = await anext(stream)
    assert told.startswith(b"event: stage\n")
    assert json.loads(told.split(b"data: ")[1])["part"] == 7
    site.stopping.set()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    await tasks.close()
