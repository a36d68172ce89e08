"""A speaker whose network and packets a test holds in its own hand."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcicetransport import candidate_to_aioice
from aiortc.rtp import RtpPacket

from rostra.platform.clock import SystemClock
from rostra.stage.ice import MediaAddresses, fit
from rostra.stage.ice_restart import IcePath
from rostra.stage.opus import Encoder
from rostra.stage.sdpfrag import read_fragment, write_fragment
from tests.integration.stage.conftest import BROADCAST, Stage, until
from tests.kit.plain_rtc import OpusTrack, tap
from tests.kit.tones import sine, tone_dbfs

HZ = 440.0
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Phone:
    """A WHIP client whose packets a test holds in its own hand; it can move from one address to another."""

    def __init__(self, stage: Stage, speaker_id: str = "anna", address: str = "127.0.0.1") -> None:
        self.stage = stage
        self.speaker_id = speaker_id
        self.address = address
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.heard = 0
        self.url = self.etag = self.answer = ""
        self._track = OpusTrack()
        self._speaking: asyncio.Task[None] | None = None

    @property
    def transport(self) -> object:
        return self.peer.getTransceivers()[0].receiver.transport.transport

    @property
    def headers(self) -> dict[str, str]:
        return self.stage.bearer(self.speaker_id) | FRAGMENT

    async def offer(self) -> str:
        """Once: what this client offers."""
        transceiver = self.peer.addTransceiver(self._track, direction="sendrecv")
        fit(
            transceiver.receiver.transport.transport._connection,
            MediaAddresses(addresses=(self.address,)),
            SystemClock(),
        )
        tap(transceiver.receiver, self._hear)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def join(self, *, speaks: bool = True) -> None:
        """Be connected. speaks: and say a tone for ever."""
        offer = await self.offer()
        headers = self.stage.bearer(self.speaker_id) | {"Content-Type": "application/sdp"}
        answer = await self.stage.http.post(f"/whip/{BROADCAST}", content=offer, headers=headers)
        assert answer.status_code == 201, answer.text
        self.answer = answer.text
        self.url, self.etag = answer.headers["location"], answer.headers["etag"]
        await self.peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await until(lambda: self.peer.connectionState == "connected")
        if speaks:
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

    def candidates(self) -> list[tuple[str, int]]:
        """The addresses and ports that the stage has offered."""
        lines = [line.split() for line in self.answer.splitlines() if line.startswith("a=candidate:")]
        return [(line[4], int(line[5])) for line in lines]

    async def send(self, packet: RtpPacket) -> None:
        """One packet as it is, encrypted and on its way."""
        await self.peer.getTransceivers()[0].sender.transport._send_rtp(packet.serialize())

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


def loudness(stage: Stage, speaker_id: str = "anna", hz: float = HZ) -> float:
    """How loud a tone is in the last block of this speaker, as it came; dBFS."""
    seats = stage.rooms.performance(BROADCAST).room.seats
    said = [np.asarray(seat.said) for seat in seats if seat.speaker_id == speaker_id]
    return tone_dbfs(said[0], hz) if said else -200.0
