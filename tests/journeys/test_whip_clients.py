"""Speakers that are no browsers: FFmpeg is heard, and every refusal of WHIP says what to change."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from rostra.media.wire import SigningKeys
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.shield.store import KeyStore
from rostra.shield.tickets import SPEAKER_FAMILY, TicketClass, mint
from tests.kit.acting import Made, Organiser, connected, eventually, ffmpeg_speaks, running, ticket
from tests.kit.browser import tone
from tests.kit.running import House

SDP = {"Content-Type": "application/sdp"}


@pytest.fixture
def made(organiser: Organiser) -> Iterator[Made]:
    made = organiser.schedule("By WHIP", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    yield made
    organiser.put_away(made)


class Silent(MediaStreamTrack):
    """A track that is only there to be offered."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> None:
        raise MediaStreamError


async def offer(*kinds: str) -> str:
    """What a client that sends these tracks would post. The ports in it are closed by the time it is read."""
    peer = RTCPeerConnection()
    for kind in kinds:
        peer.addTransceiver(Silent(kind), direction="sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    sdp = str(peer.localDescription.sdp)
    await peer.close()
    return sdp


def heard(house: House, made: Made, seconds: float) -> dict[str, float]:
    playlist = f"{house.edge}/live/{made.id}/index.m3u8"
    said = subprocess.run(
        house.command("listen", playlist, "--seconds", str(seconds), "--json"),
        capture_output=True,
        text=True,
        env=house.clean_environment(),
        cwd=house.folder,
    )
    assert said.returncode == 0, said.stderr
    figures: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return figures


async def test_ffmpeg_speaks(house: House, organiser: Organiser, made: Made, tmp_path: Path) -> None:
    """FFmpeg's WHIP muxer with a ticket is on stage and heard on the air; when it stops, its seat is empty."""
    _, link = organiser.invite(made, "FFmpeg")
    entry = ticket(link)
    sound = tone(tmp_path / "tone.wav", 430)
    async with running(house, *ffmpeg_speaks(entry, sound)) as ffmpeg:

        async def on_stage() -> bool:
            assert ffmpeg.returncode is None, (house.folder / "programs.log").read_text()[-3000:]
            return connected(organiser, made) == ["FFmpeg"]

        await eventually(on_stage, what="FFmpeg is on stage")
        organiser.act(made, "go_live")
        figures = heard(house, made, 12)
        assert figures["rms_db"] > -30
        assert figures["stalls"] == figures["gaps"] == figures["errors"] == 0
        [speaker] = organiser.control(made)["stage"]["speakers"]
        assert speaker["lost_pct"] < 2
        ffmpeg.terminate()
        await ffmpeg.wait()

        async def gone() -> bool:
            return connected(organiser, made) == []

        await eventually(gone, what="the seat is empty")


@pytest.fixture
async def keys(house: House) -> AsyncIterator[SigningKeys]:
    """What the house signs tickets with."""
    database = Database(f"sqlite:///{house.folder / 'data' / 'rostra.sqlite3'}")
    async with database.reading() as session:
        found = await KeyStore(session).get(SPEAKER_FAMILY)
    assert found is not None
    yield found
    await database.close()


async def test_whip_refusals_say_what_to_change(organiser: Organiser, made: Made, keys: SigningKeys) -> None:
    """Type, SDP, ticket and tracks, each with its own status and a sentence; video along with audio is welcome."""
    seat, link = organiser.invite(made, "Ada")
    elsewhere = organiser.schedule("Another stage", starts_in=timedelta(minutes=20))
    organiser.act(elsewhere, "open_doors")
    _, other_link = organiser.invite(elsewhere, "Ben")
    entry, other = ticket(link), ticket(other_link)
    expired = mint(
        keys,
        broadcast_id=made.id,
        ticket_class=TicketClass.SPEAKER,
        speaker_id=seat,
        name="Ada",
        now=SystemClock().now() - timedelta(hours=5),
    )
    bearer = {"Authorization": f"Bearer {entry['ticket']}"}
    audio = await offer("audio")
    refusals: list[tuple[dict[str, str], str, int, str]] = [
        (bearer | {"Content-Type": "application/json"}, "{}", 415, "application/sdp"),
        (bearer | SDP, "v=0 and nothing that follows", 400, "SDP"),
        (bearer | SDP, "", 400, "SDP"),
        (SDP, audio, 401, "ticket"),
        (SDP | {"Authorization": "Bearer not.a.ticket"}, audio, 401, "invitation link"),
        (SDP | {"Authorization": f"Bearer {expired}"}, audio, 401, "expired"),
        (SDP | {"Authorization": f"Bearer {other['ticket']}"}, audio, 403, "another broadcast"),
        (bearer | SDP, await offer("audio", "audio"), 422, "audio"),
        (bearer | SDP, await offer("video"), 422, "audio"),
    ]
    async with httpx.AsyncClient(trust_env=False) as http:
        for headers, body, status, words in refusals:
            answer = await http.post(entry["whip_url"], content=body, headers=headers)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert words in answer.json()["detail"]
        welcome = await http.post(entry["whip_url"], content=await offer("audio", "video"), headers=bearer | SDP)
        assert welcome.status_code == 201
        assert welcome.text.count("\nm=") == 2
        session = str(httpx.URL(entry["whip_url"]).join(welcome.headers["location"]))
        stolen = await http.delete(session, headers={"Authorization": f"Bearer {other['ticket']}"})
        assert stolen.status_code == 403
        assert (await http.delete(session, headers=bearer)).status_code == 200
        unknown = entry["whip_url"].replace(made.id, str(int(made.id) + 1))
        assert (await http.post(unknown, content=audio, headers=bearer | SDP)).status_code == 403
    organiser.act(elsewhere, "cancel")
