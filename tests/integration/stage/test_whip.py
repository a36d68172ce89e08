"""WHIP as clients meet it: every good answer and every refusal (RFC 9725)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from rostra.media.wire import Phase
from tests.integration.stage.conftest import BROADCAST, Guests, Stage, until
from tests.kit.plain_rtc import OpusTrack

ENDPOINT = f"/whip/{BROADCAST}"
SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Client:
    """A WebRTC peer that can make offers of every kind."""

    def __init__(self) -> None:
        self.peers: list[RTCPeerConnection] = []

    async def offer(self, *tracks: MediaStreamTrack, direction: str = "sendrecv") -> str:
        peer = RTCPeerConnection()
        self.peers.append(peer)
        for track in tracks or (OpusTrack(),):
            peer.addTransceiver(track, direction=direction)
        await peer.setLocalDescription(await peer.createOffer())
        return str(peer.localDescription.sdp)

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client()
    yield made
    await made.close()


@pytest.fixture
async def open_stage(stage: Stage) -> Stage:
    await stage.air(Phase.DOORS_OPEN)
    return stage


class VideoTrack(MediaStreamTrack):
    kind = "video"

    async def recv(self) -> None:
        raise MediaStreamError


async def test_a_session_from_offer_to_end(open_stage: Stage, client: Client) -> None:
    """POST gives 201 with Location, ETag and an answer with candidates; DELETE gives 200 and frees the seat."""
    answer = await open_stage.http.post(ENDPOINT, content=await client.offer(), headers=SDP | open_stage.bearer("anna"))
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/sdp"
    assert answer.headers["accept-post"] == "application/sdp"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["location"].startswith(f"{ENDPOINT}/")
    assert "a=candidate:" in answer.text
    assert "127.0.0.1" in answer.text
    assert "useinbandfec=1" in answer.text
    await client.peers[0].setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
    await until(lambda: client.peers[0].connectionState == "connected")
    assert [seat.speaker_id for seat in open_stage.state().speakers] == ["anna"]
    gone = await open_stage.http.delete(answer.headers["location"], headers=open_stage.bearer("anna"))
    assert gone.status_code == 200
    assert gone.content == b""
    assert open_stage.state().speakers == []
    again = await open_stage.http.delete(answer.headers["location"], headers=open_stage.bearer("anna"))
    assert again.status_code == 404


async def test_a_sending_offer_gets_a_receiving_answer(open_stage: Stage, client: Client) -> None:
    """OBS offers sendonly; the answer must be recvonly."""
    offer = await client.offer(direction="sendonly")
    answer = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | open_stage.bearer("anna"))
    assert answer.status_code == 201
    assert "a=recvonly" in answer.text
    assert "a=sendrecv" not in answer.text


async def test_video_is_accepted_and_dropped(open_stage: Stage, client: Client) -> None:
    """A client that sends video along is answered section by section, and connects."""
    offer = await client.offer(OpusTrack(), VideoTrack())
    answer = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | open_stage.bearer("anna"))
    assert answer.status_code == 201
    assert answer.text.count("m=audio") == answer.text.count("m=video") == 1
    await client.peers[0].setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
    await until(lambda: client.peers[0].connectionState == "connected")


async def test_preflight_needs_no_ticket(open_stage: Stage) -> None:
    """A page on another port may call; the answer names methods, headers and the type to post."""
    headers = {"Origin": "http://site.example", "Access-Control-Request-Method": "POST"}
    answer = await open_stage.http.options(ENDPOINT, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["accept-post"] == "application/sdp"
    assert answer.content == b""
    for path in (f"{ENDPOINT}/x", f"{ENDPOINT}/x/mute", f"/stage/{BROADCAST}/events"):
        assert (await open_stage.http.options(path, headers=headers)).status_code == 200


async def test_get_is_empty(open_stage: Stage) -> None:
    """GET and HEAD on endpoint and session are 2xx without a body."""
    for path in (ENDPOINT, f"{ENDPOINT}/x"):
        for method in ("GET", "HEAD"):
            answer = await open_stage.http.request(method, path)
            assert answer.status_code == 204
            assert answer.content == b""


async def test_refused_tickets(open_stage: Stage, client: Client) -> None:
    """No ticket, a forged, an expired: 401 with a challenge. Another broadcast's: 403."""
    offer = await client.offer()
    long_ago = open_stage.clock.now() - timedelta(days=1)
    cases = {
        401: [
            {},
            {"Authorization": "Basic abc"},
            {"Authorization": "Bearer forged"},
            open_stage.bearer("anna", now=long_ago),
        ],
        403: [open_stage.bearer("anna", broadcast_id="99")],
    }
    for status, tickets in cases.items():
        for headers in tickets:
            answer = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | headers)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.json()["detail"]
            assert (status == 401) == answer.headers.get("www-authenticate", "").startswith("Bearer")


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", "{}", 415),
        ("", "v=0", 415),
        ("application/sdp", "", 400),
        ("application/sdp", "hello", 400),
        ("application/sdp", "v=0\r\ns=-\r\n", 400),
        ("application/sdp", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n", 400),
        ("application/sdp", b"v=0\xff\xfe", 400),
        ("application/sdp", "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", 422),
        ("application/sdp", "v=0\r\n" + "a=x:y\r\n" * 20_000, 413),
    ],
)
async def test_refused_bodies(open_stage: Stage, content_type: str, body: str | bytes, status: int) -> None:
    """Wrong types, broken and oversized SDP get their own status and a sentence."""
    headers = open_stage.bearer("anna") | {"Content-Type": content_type}
    answer = await open_stage.http.post(ENDPOINT, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert answer.headers.get("accept-post") == ("application/sdp" if status == 415 else None)


async def test_two_audio_tracks_are_refused(open_stage: Stage, client: Client) -> None:
    offer = await client.offer(OpusTrack(), OpusTrack())
    answer = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | open_stage.bearer("anna"))
    assert answer.status_code == 422
    assert "one audio track" in answer.json()["detail"]


async def test_a_receiving_offer_is_refused(open_stage: Stage, client: Client) -> None:
    offer = await client.offer(direction="recvonly")
    answer = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | open_stage.bearer("anna"))
    assert answer.status_code == 422


async def test_trickling(open_stage: Stage, client: Client) -> None:
    """Candidates by PATCH: 204; without If-Match 428; a stale one 412; a restart too early 422; wrong type 415."""
    opened = await open_stage.http.post(ENDPOINT, content=await client.offer(), headers=SDP | open_stage.bearer("anna"))
    path, bearer = opened.headers["location"], open_stage.bearer("anna")
    good = bearer | FRAGMENT | {"If-Match": opened.headers["etag"]}
    body = (
        "a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host\r\na=candidate:2 1 tcp 1 ::1 9 typ host\r\n"
    )
    cases = [
        (good, body, 204),
        (good, "a=candidate:3 1 udp 1 abc.local 5 typ host\r\n", 204),
        (good, "a=candidate:nonsense\r\n", 400),
        (good, "", 400),
        (good, "a=ice-ufrag:other\r\n", 422),
        (good | {"If-Match": f'"stale", {opened.headers["etag"]}'}, body, 204),
        (bearer | FRAGMENT, body, 428),
        (good | {"If-Match": '"stale"'}, body, 412),
        (good | {"If-Match": "*"}, "a=ice-ufrag:new\r\na=ice-pwd:new\r\n", 422),
        (good | {"If-Match": '"*"'}, "a=ice-ufrag:new\r\na=ice-pwd:new\r\n", 422),
        (good | {"Content-Type": "application/sdp"}, body, 415),
    ]
    for headers, text, status in cases:
        answer = await open_stage.http.patch(path, content=text, headers=headers)
        assert answer.status_code == status, (headers, text)
        assert answer.headers.get("accept-patch") == (FRAGMENT["Content-Type"] if status == 415 else None)


async def test_somebody_elses_session(open_stage: Stage, client: Client) -> None:
    """Ben's ticket neither ends nor mutes Anna's session, and unknown sessions are 404."""
    opened = await open_stage.http.post(ENDPOINT, content=await client.offer(), headers=SDP | open_stage.bearer("anna"))
    path = opened.headers["location"]
    assert (await open_stage.http.delete(path, headers=open_stage.bearer("ben"))).status_code == 403
    assert (await open_stage.http.delete(path)).status_code == 401
    mute = await open_stage.http.post(f"{path}/mute", json={"muted": True}, headers=open_stage.bearer("ben"))
    assert mute.status_code == 403
    unknown = await open_stage.http.delete(f"{ENDPOINT}/nope", headers=open_stage.bearer("ben"))
    assert unknown.status_code == 404


async def test_a_session_outlives_its_ticket(open_stage: Stage, client: Client) -> None:
    """Four hours on stage, and whoever speaks still sees the room, mutes, trickles and leaves; nobody else does."""
    offer = await client.offer()
    opened = await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | open_stage.bearer("anna"))
    path, long_ago = opened.headers["location"], open_stage.clock.now() - timedelta(hours=5)
    late = open_stage.bearer("anna", now=long_ago)
    assert (await open_stage.http.post(ENDPOINT, content=offer, headers=SDP | late)).status_code == 401
    assert (await open_stage.http.post(f"{path}/mute", json={"muted": True}, headers=late)).status_code == 204
    candidate = "a=candidate:3 1 udp 1 127.0.0.1 50000 typ host\r\n"
    tagged = late | FRAGMENT | {"If-Match": opened.headers["etag"]}
    assert (await open_stage.http.patch(path, content=candidate, headers=tagged)).status_code == 204
    events = f"/stage/{BROADCAST}/events"
    async with open_stage.http.stream("GET", events, headers=late) as room:
        assert room.status_code == 200
    other = open_stage.bearer("ben", now=long_ago)
    assert (await open_stage.http.get(events, headers=other)).status_code == 401
    assert (await open_stage.http.delete(path, headers=other)).status_code == 403
    assert (await open_stage.http.delete(path, headers=late)).status_code == 200
    assert (await open_stage.http.get(events, headers=late)).status_code == 401


async def test_no_stage(stage: Stage, client: Client) -> None:
    """Unknown, scheduled and cancelled broadcasts have no stage: 404 with a sentence."""
    offer = await client.offer()
    for phase in (None, Phase.SCHEDULED, Phase.CANCELLED):
        if phase is not None:
            await stage.air(phase, anchor_us=None)
        answer = await stage.http.post(ENDPOINT, content=offer, headers=SDP | stage.bearer("anna"))
        assert answer.status_code == 404
        assert answer.json()["code"] == "no_stage"


async def test_a_full_stage(stage: Stage, client: Client, guests: Guests) -> None:
    """503 with Retry-After when all places are taken; the one who sits there may still come again."""
    await stage.air(Phase.DOORS_OPEN, places=1)
    await guests.invite("anna", 440)
    offer = await client.offer()
    answer = await stage.http.post(ENDPOINT, content=offer, headers=SDP | stage.bearer("ben"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    again = await stage.http.post(ENDPOINT, content=offer, headers=SDP | stage.bearer("anna"))
    assert again.status_code == 201


async def test_too_many_attempts(open_stage: Stage) -> None:
    """One speaker who keeps posting is told to wait."""
    headers = SDP | open_stage.bearer("anna")
    statuses = [(await open_stage.http.post(ENDPOINT, content="v=0", headers=headers)).status_code for _ in range(12)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


async def test_unknown_addresses_and_methods(open_stage: Stage) -> None:
    """404 and 405 are problem documents too."""
    for method, path, status in (("GET", "/nothing", 404), ("PUT", ENDPOINT, 405)):
        answer = await open_stage.http.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert (status == 405) == ("POST" in answer.headers.get("allow", ""))


async def test_health(open_stage: Stage) -> None:
    assert (await open_stage.http.get("/healthz")).json() == {"status": "ok"}
    assert (await open_stage.http.get("/readyz")).json() == {"ready": True, "reasons": []}
