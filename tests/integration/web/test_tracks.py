"""What each speaker said alone: told by the stage, kept by the site, fetched by whoever runs the broadcast."""

from __future__ import annotations

import httpx
import msgspec

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.invite_speaker import invite_speaker
from rostra.flows.publish_recording import publish_recording
from rostra.media.wire import Recorded
from rostra.network.accounts import Viewer
from tests.integration.web.conftest import Organiser
from tests.kit.house import a_broadcast

FLAC = b"fLaC, as far as this test is concerned"


async def test_a_track_is_for_the_host_alone(
    house: House, owner: Viewer, organiser: Organiser, visitor: httpx.AsyncClient
) -> None:
    """The control page offers it under the speaker's name, twice told it is there once, and nobody else gets it."""
    broadcast = await a_broadcast(house, owner)
    ben = await invite_speaker(house, broadcast.id, "Ben", by=owner)
    kept = {"file": await house.files.put_bytes(FLAC, "flac"), "size_bytes": len(FLAC), "duration_ms": 1000}
    of_the_broadcast = {"broadcast_id": str(broadcast.id), "parts_missing": 0, **kept}
    ben_id = str(ben.invitation.id)
    for fact in (
        Recorded(kind="programme", **of_the_broadcast),
        Recorded(kind="track", speaker_id=ben_id, **of_the_broadcast),
        Recorded(kind="track", speaker_id=ben_id, **of_the_broadcast),
    ):
        await publish_recording(house, msgspec.json.encode(fact))
    async with house.database.reading() as session:
        assert len(await BroadcastStore(session).tracks(broadcast.id)) == 1
        recording = await BroadcastStore(session).recording(broadcast.id)
    assert recording is not None
    assert recording.kind == "programme"
    path = f"/b/{broadcast.slug}/tracks/{ben_id}"
    page = await organiser.http.get(f"/b/{broadcast.slug}/control")
    assert path in page.text
    answer = await organiser.http.get(path)
    assert answer.content == FLAC
    assert answer.headers["content-type"] == "audio/flac"
    assert "Ben.flac" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"].startswith("private")
    assert (await visitor.get(path)).status_code in (303, 401, 403)
    for nobody in ("1", "x", str(broadcast.id)):
        assert (await organiser.http.get(f"/b/{broadcast.slug}/tracks/{nobody}")).status_code == 404
