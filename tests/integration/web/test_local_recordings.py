"""What speakers' browsers send: kept once, whatever arrives twice, late, broken or uninvited."""

from __future__ import annotations

import base64
import hashlib

import httpx
import pytest

from rostra.broadcast import Broadcast
from rostra.broadcast.originals import Original, OriginalStore
from rostra.flows import take_local_recording
from rostra.flows.house import House
from rostra.flows.invite_speaker import Invited, invite_speaker, revoke_invitation
from rostra.flows.move_broadcast import end_broadcast
from rostra.network.accounts import Viewer
from tests.integration.web.conftest import Organiser
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, on_the_air

RUN = "00112233445566ff"


def flac(number: int) -> bytes:
    return b"fLaC" + number.to_bytes(4, "big") * 100


@pytest.fixture
async def broadcast(house: House, owner: Viewer) -> Broadcast:
    """On the air."""
    made = await a_broadcast(house, owner)
    return await on_the_air(house, made, owner)


@pytest.fixture
async def ada(house: House, owner: Viewer, broadcast: Broadcast) -> Invited:
    return await invite_speaker(house, broadcast.id, "Ada", by=owner)


async def send(
    client: httpx.AsyncClient, seat: Invited, piece: int, content: bytes | None = None, **other: str
) -> httpx.Response:
    content = flac(piece) if content is None else content
    digest = base64.b64encode(hashlib.sha256(other.get("said", "").encode() or content).digest()).decode()
    place = {"first_sample": piece * 240_000, "samples": 240_000, "rate_hz": 48_000, "at_us": 1_800_000_000_000_000}
    return await client.put(
        f"/api/v1/invitations/{seat.token}/recording/{other.get('run', RUN)}/{piece}",
        params=place | {name: value for name, value in other.items() if name in place},
        content=content,
        headers={"Content-Digest": f"sha-256=:{digest}:"},
    )


async def here(client: httpx.AsyncClient, seat: Invited) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (
        (await client.get(f"/api/v1/invitations/{seat.token}/recording")).raise_for_status().json()["recordings"]
    )
    return found


async def test_pieces_arrive_in_any_order_and_once(
    house: House, visitor: httpx.AsyncClient, broadcast: Broadcast, ada: Invited
) -> None:
    """Twice is once, gaps are told, another sound under a known number is refused, and nothing unlearns its end."""
    address = f"/api/v1/invitations/{ada.token}/recording/{RUN}"
    for piece, status in ((3, 201), (0, 201), (1, 201), (1, 200), (5, 201)):
        assert (await send(visitor, ada, piece)).status_code == status
    assert (await visitor.post(address, json={"pieces": 8, "whole": True})).status_code == 204
    assert (await visitor.post(address, json={"pieces": 2})).status_code == 204
    other = await send(visitor, ada, 1, flac(77))
    assert (other.status_code, other.json()["code"]) == (409, "piece_differs")
    assert await here(visitor, ada) == [
        {"recording_id": RUN, "pieces": 8, "whole": True, "here": [[0, 1], [3, 3], [5, 5]]}
    ]
    async with house.database.reading() as session:
        kept = await OriginalStore(session).pieces(broadcast.id, ada.invitation.id)
    assert [house.files.path(piece.file).read_bytes() for piece in kept] == [flac(0), flac(1), flac(3), flac(5)]
    assert [piece.first_sample for piece in kept] == [0, 240_000, 720_000, 1_200_000]


async def test_what_cannot_be_taken_is_refused_with_a_sentence(
    visitor: httpx.AsyncClient, ada: Invited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken piece, no FLAC, too large, nonsense for numbers, a full allowance, a disk that runs low."""
    refused = {
        "other bytes": await send(visitor, ada, 0, said="something else"),
        "no flac": await send(visitor, ada, 0, b"RIFF and so on"),
        "run": await send(visitor, ada, 0, run="..etc"),
        "rate": await send(visitor, ada, 0, rate_hz="1"),
        "samples": await send(visitor, ada, 0, samples="99999999"),
        "number": await send(visitor, ada, 0, at_us="-1"),
        "pieces": await send(visitor, ada, 20_000),
        "size": await send(visitor, ada, 0, b"fLaC" + bytes(take_local_recording.PIECE_BYTES)),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == {
        **dict.fromkeys(("other bytes", "no flac", "rate", "samples", "number"), 422),
        "run": 422,
        "pieces": 413,
        "size": 413,
    }
    monkeypatch.setattr(take_local_recording, "SPEAKER_BYTES", 500)
    assert (await send(visitor, ada, 0)).status_code == 201
    too_much = await send(visitor, ada, 1)
    assert (too_much.status_code, too_much.json()["code"]) == (413, "recording_too_large")
    monkeypatch.undo()
    monkeypatch.setattr(take_local_recording, "KEPT_FREE_BYTES", 1 << 62)
    low = await send(visitor, ada, 1)
    assert (low.status_code, low.json()["code"]) == (507, "disk_low")
    assert "waits in this browser" in low.json()["detail"]
    assert low.headers["retry-after"] == "120"
    monkeypatch.undo()
    assert [run["here"] for run in await here(visitor, ada)] == [[[0, 0]]]


async def test_a_week_after_the_end_is_the_end(
    house: House, owner: Viewer, visitor: httpx.AsyncClient, broadcast: Broadcast, ada: Invited, clock: FakeClock
) -> None:
    """An invitation that has expired still sends for seven days; one that was withdrawn sends nothing."""
    ben = await invite_speaker(house, broadcast.id, "Ben", by=owner)
    assert (await send(visitor, ben, 0)).status_code == 201
    await revoke_invitation(house, broadcast.id, ben.invitation.id, by=owner)
    withdrawn = await send(visitor, ben, 1)
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (410, "invitation_revoked")
    await end_broadcast(house, broadcast.id, by=owner)
    clock.jump(days=6.9)
    assert ada.invitation.state(clock.now()) == "expired"
    assert (await send(visitor, ada, 0)).status_code == 201
    clock.jump(days=0.2)
    late = await send(visitor, ada, 1)
    assert (late.status_code, late.json()["code"]) == (410, "recording_too_late")


async def test_nothing_before_the_air_and_nothing_from_strangers(
    house: House, owner: Viewer, visitor: httpx.AsyncClient
) -> None:
    later = await a_broadcast(house, owner)
    ada = await invite_speaker(house, later.id, "Ada", by=owner)
    assert (await send(visitor, ada, 0)).json()["code"] == "not_on_air"
    stranger = await visitor.get("/api/v1/invitations/nobody/recording")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "invitation_unknown")


async def test_a_speaker_takes_everything_back(
    house: House, owner: Viewer, visitor: httpx.AsyncClient, broadcast: Broadcast, ada: Invited
) -> None:
    """Rows and files go; a file that is another speaker's too (silence is the same for all) stays."""
    ben = await invite_speaker(house, broadcast.id, "Ben", by=owner)
    for seat in (ada, ben):
        assert (await send(visitor, seat, 0)).status_code == 201
    assert (await send(visitor, ada, 1)).status_code == 201
    async with house.database.reading() as session:
        shared, own = [each.file for each in await OriginalStore(session).pieces(broadcast.id, ada.invitation.id)]
    assert (await visitor.delete(f"/api/v1/invitations/{ada.token}/recording")).status_code == 204
    assert await here(visitor, ada) == []
    assert (house.files.root / shared).exists()
    assert not (house.files.root / own).exists()
    assert len(await here(visitor, ben)) == 1


async def test_a_flood_of_one_link_waits(visitor: httpx.AsyncClient, ada: Invited, clock: FakeClock) -> None:
    """Sixty at once, then eight a second."""
    answers = [await send(visitor, ada, 0) for _ in range(61)]
    assert [each.status_code for each in answers[-2:]] == [200, 429]
    clock.jump(seconds=0.2)
    assert (await send(visitor, ada, 0)).status_code == 200


async def test_the_host_sees_how_much_is_here(
    house: House, owner: Viewer, visitor: httpx.AsyncClient, organiser: Organiser, broadcast: Broadcast, ada: Invited
) -> None:
    """While it is recorded, while it is sent, and for whoever runs the broadcast alone."""
    control = f"/api/v1/broadcasts/{broadcast.id}/control"

    async def said() -> list[str]:
        return [each["text"] for each in (await organiser.http.get(control)).json()["originals"]]

    assert await said() == []
    for piece in (0, 1, 3):
        await send(visitor, ada, piece)
    assert await said() == ["recorded in their browser, 75 % of it is here"]
    await end_broadcast(house, broadcast.id, by=owner)
    assert await said() == ["75 % sent, waiting for the rest"]
    page = await organiser.http.get(f"/b/{broadcast.slug}/control")
    assert "75 % sent, waiting for the rest" in page.text
    assert "are deleted at the latest" in page.text
    form = {"csrf": organiser.csrf, "act": "make_original", "speaker_id": str(ada.invitation.id)}
    pressed = await organiser.http.post(
        f"/b/{broadcast.slug}/control", data=form, headers={"Origin": "http://site.test"}
    )
    assert pressed.status_code == 409
    assert "no track of this speaker" in pressed.text
    path = f"/b/{broadcast.slug}/originals/{ada.invitation.id}"
    assert (await organiser.http.get(path)).status_code == 404
    assert (await visitor.get(path)).status_code in (303, 401, 403)


async def test_the_original_is_shown_when_its_pieces_are_gone(
    house: House, owner: Viewer, visitor: httpx.AsyncClient, organiser: Organiser, broadcast: Broadcast, ada: Invited
) -> None:
    await send(visitor, ada, 0)
    await end_broadcast(house, broadcast.id, by=owner)
    original = Original(
        broadcast_id=broadcast.id, speaker_id=ada.invitation.id, file=await house.files.put_bytes(b"fLaC", "flac"),
        size_bytes=4, duration_ms=5000, offset_ms=0, drift_ppm=0, coverage=0.9, pieces=1, trouble="",
        created_at=house.clock.now(),
    )  # fmt: skip
    async with house.database.transaction() as session:
        await OriginalStore(session).put_newer(original)
        await OriginalStore(session).forget_pieces(broadcast.id, ada.invitation.id)
    page = (await organiser.http.get(f"/b/{broadcast.slug}/control")).text
    assert "clean original: 90 % of what they said<" in page
    assert "originals-kept" not in page
    assert (await organiser.http.get(f"/b/{broadcast.slug}/originals/{ada.invitation.id}")).status_code == 200
