"""A speaker changes networks in the middle of a word: ICE restarts by PATCH (RFC 9725, 4.3.3) over two addresses."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcicetransport import candidate_to_aioice

from rostra.media.wire import Phase
from rostra.stage.ice import MediaAddresses, fit
from rostra.stage.ice_restart import IcePath
from rostra.stage.opus import Encoder
from rostra.stage.sdpfrag import read_fragment, write_fragment
from rostra.stage.session import OpusTrack, tap
from tests.integration.stage.conftest import BROADCAST, Stage, until
from tests.kit.tones import sine, tone_dbfs

WIFI, MOBILE = "127.0.0.2", "127.0.0.3"
HZ = 440.0
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Phone:
    """A WHIP client that speaks a tone and can move from one address to another."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.heard = 0
        self.url = self.etag = ""
        self._track = OpusTrack()
        self._speaking: asyncio.Task[None] | None = None

    @property
    def transport(self) -> object:
        return self.peer.getTransceivers()[0].receiver.transport.transport

    @property
    def headers(self) -> dict[str, str]:
        return self.stage.bearer("anna") | FRAGMENT

    async def join(self) -> None:
        transceiver = self.peer.addTransceiver(self._track, direction="sendrecv")
        fit(self.peer, MediaAddresses(addresses=(WIFI,)))
        tap(transceiver.receiver, self._hear)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        headers = self.stage.bearer("anna") | {"Content-Type": "application/sdp"}
        offer = self.peer.localDescription.sdp
        answer = await self.stage.http.post(f"/whip/{BROADCAST}", content=offer, headers=headers)
        assert answer.status_code == 201
        self.url, self.etag = answer.headers["location"], answer.headers["etag"]
        await self.peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await until(lambda: self.peer.connectionState == "connected")
        self._speaking = asyncio.ensure_future(self._speak())

    async def restart(self, path: IcePath) -> httpx.Response:
        """Gather on the other network and tell the stage; checks begin when it agrees."""
        made = await path.gather()
        body = write_fragment("0", made.local_username, made.local_password, made.local_candidates)
        answer = await self.stage.http.patch(self.url, content=body, headers=self.headers | {"If-Match": "*"})
        if answer.status_code == 200:
            told = read_fragment(answer.text)
            assert told.ice_ufrag
            assert told.ice_pwd
            self.etag = answer.headers["etag"]
            await path.connect(told.ice_ufrag, told.ice_pwd, map(candidate_to_aioice, told.candidates))
        return answer

    def unplug(self, address: str) -> None:
        """The network of this address is gone, without a word to anybody."""
        for protocol in self.transport._connection._protocols:  # type: ignore[attr-defined]
            assert protocol.local_candidate.host == address
            protocol.transport.pause_reading()
            protocol.transport.sendto = lambda *_: None

    def _hear(self, _: object) -> None:
        self.heard += 1

    async def _speak(self) -> None:
        encoder = Encoder()
        for block in itertools.count():
            self._track.push(encoder.encode(sine(HZ, 960, at=block * 960)), block)
            await self.stage.clock.sleep(0.02)

    async def close(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._speaking
        await self.peer.close()


@pytest.fixture
async def phone(stage: Stage) -> AsyncIterator[Phone]:
    await stage.air(Phase.DOORS_OPEN)
    made = Phone(stage)
    await made.join()
    yield made
    await made.close()


def loudness(stage: Stage) -> float:
    [seat] = stage.rooms.performance(BROADCAST).room.seats
    return tone_dbfs(np.asarray(seat.said), HZ)


async def test_a_phone_that_leaves_the_wifi_keeps_its_session(stage: Stage, phone: Phone) -> None:
    """The old network goes silent, ICE restarts from another address, and both sides hear on: one session, one DTLS
    association, one seat, no second offer. The old tag is stale then, the new one counts."""
    await until(lambda: loudness(stage) > -20)
    old_tag, session = phone.etag, next(iter(stage.sessions._open.values())).session
    path = IcePath(phone.transport, MediaAddresses(addresses=(MOBILE,)), stage.clock)  # type: ignore[arg-type]
    phone.unplug(WIFI)
    await until(lambda: loudness(stage) < -80)
    answer = await phone.restart(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/trickle-ice-sdpfrag")
    assert "a=candidate:" in answer.text
    assert phone.etag not in ("", old_tag)
    await until(lambda: loudness(stage) > -20)
    heard = phone.heard
    await until(lambda: phone.heard > heard + 10)
    assert [each.session for each in stage.sessions._open.values()] == [session]
    assert phone.peer.connectionState == "connected"
    assert [seat.connected for seat in stage.state().speakers] == [True]
    late = "a=candidate:9 1 udp 1 127.0.0.9 50000 typ host\r\n"
    stale = await phone.stage.http.patch(phone.url, content=late, headers=phone.headers | {"If-Match": old_tag})
    assert stale.status_code == 412
    fresh = await phone.stage.http.patch(phone.url, content=late, headers=phone.headers | {"If-Match": phone.etag})
    assert fresh.status_code == 204
    await path.close()
    assert (await stage.http.delete(phone.url, headers=stage.bearer("anna"))).status_code == 200


async def test_a_restart_that_fails_leaves_the_session_as_it_was(stage: Stage, phone: Phone) -> None:
    """No new credentials, half of them, or forbidden ones: 422. A restart that nobody follows up: the old path stays,
    the next restart takes its place, and the end of the session leaves no socket behind."""
    await until(lambda: loudness(stage) > -20)
    old_ufrag = phone.transport._connection.local_username  # type: ignore[attr-defined]
    pwd = "a=ice-pwd:" + "p" * 22
    for body in (pwd, "a=ice-ufrag:neww", f"a=ice-ufrag:{old_ufrag}\r\n{pwd}", f"a=ice-ufrag:b@d!\r\n{pwd}"):
        answer = await stage.http.patch(phone.url, content=body + "\r\n", headers=phone.headers | {"If-Match": "*"})
        assert answer.status_code == 422
        assert answer.json()["code"] == "ice_restart_refused"
    for ufrag in ("nobody", "follows"):
        body = f"a=ice-ufrag:{ufrag}\r\n{pwd}\r\na=candidate:1 1 udp 9 192.0.2.1 5000 typ host\r\n"
        answer = await stage.http.patch(phone.url, content=body, headers=phone.headers | {"If-Match": "*"})
        assert answer.status_code == 200
    heard = phone.heard
    await until(lambda: phone.heard > heard + 25)
    await until(lambda: loudness(stage) > -20)
    [opened] = stage.sessions._open.values()
    path = opened.session._path
    assert path is not None
    assert path._next is not None
    await stage.http.delete(phone.url, headers=stage.bearer("anna"))
    assert path._next is None
