"""A speaker without a browser: plays blocks of sound into a stage by WHIP and hears what the stage sends back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription

from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.stage.ice import MediaAddresses, fit
from rostra.stage.mixer import Meter
from rostra.stage.opus import Encoder, Pcm
from rostra.stage.rtp_path import NoTrack, Rtp, RtpPath
from rostra.stage.session import OPUS
from rostra.stage.voice import Voice

BLOCK_S: Final = 0.020
FIRST_SOUND_S: Final = 10.0
"""A connection that brings nothing back for so long has failed."""
SILENT_LINE_S: Final = 1.0
"""The stage sends all the time, so a gap this long means that the line is gone."""
RETRY_FROM_S: Final = 0.25
RETRY_TO_S: Final = 5.0
RETRY_GROWTH: Final = 1.25
TAIL_S: Final = 0.3
"""What is in the stage's buffer when the file ends is still to be heard."""
_log = get_logger(__name__)


class StageUnreachable(RostraError):
    """Nobody says when to come back: another stage may have the room in a moment."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "stage_unreachable"
    user_message = "The stage does not answer. Check the address, and that Rostra is running."


class Rejected(RostraError):
    """The stage said no, and trying again would not change its mind."""

    code = "rejected"


@dataclass(frozen=True, slots=True)
class Answered:
    """What WHIP's POST gave."""

    sdp: str
    session_url: str


class Signalling(Protocol):
    """WHIP's HTTP side. Both raise Rejected, or another RostraError when it is worth trying again."""

    async def post(self, offer: str) -> Answered: ...

    async def delete(self, session_url: str) -> None: ...


@dataclass(slots=True)
class SpeakerFigures:
    """What happened so far. connect_ms: from the offer to the first packet that came back, of the last connection."""

    connections: int = 0
    connect_ms: int = 0
    blocks_sent: int = 0
    packets_heard: int = 0


class WhipSpeaker:
    """Speaks until the sound ends, reconnecting by itself; `heard` gets each 20 ms that comes back."""

    def __init__(
        self,
        sound: Iterable[Pcm],
        signalling: Signalling,
        clock: Clock,
        *,
        heard: Callable[[Pcm], None] | None = None,
        addresses: MediaAddresses | None = None,
    ) -> None:
        self._sound = iter(sound)
        self._signalling = signalling
        self._clock = clock
        self._heard = heard
        self._addresses = addresses or MediaAddresses(loopback=True)
        self._encoder = Encoder()
        self._voice = Voice()
        self._rtp: RtpPath | None = None
        self._block = 0
        self._tasks = Tasks()
        self.meter = Meter()
        self.figures = SpeakerFigures()

    async def run(self) -> None:
        """Speak until the sound ends. Cancel it to leave early; the stage is told in both cases.

        Raises Rejected, and StageUnreachable when the very first attempt reaches nobody.
        """
        connecting = self._tasks.spawn("connection", self._stay_connected(), awaited=True)
        speaking = self._tasks.spawn("speaking", self._speak(), awaited=True)
        try:
            await asyncio.wait({connecting, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                connecting.result()
            speaking.result()
        finally:
            await self._tasks.close()

    async def _speak(self) -> None:
        """One block each 20 ms on a clock that does not drift; it starts with the first connection."""
        while self.figures.packets_heard == 0:
            await self._clock.sleep(BLOCK_S)
        due = self._clock.monotonic()
        for block in self._sound:
            if self._rtp is not None:
                self._rtp.send(self._encoder.encode(block), self._block)
                self.figures.blocks_sent += 1
            self._block += 1
            self._listen()
            due += BLOCK_S
            await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
        await self._clock.sleep(TAIL_S)

    def _listen(self) -> None:
        block = self._voice.block(self._clock.monotonic())
        self.meter.measure(block)
        if self._heard is not None:
            self._heard(block)

    async def _stay_connected(self) -> None:
        wait_s = RETRY_FROM_S
        while True:
            try:
                await self._one_connection()
                wait_s = RETRY_FROM_S
            except RostraError as error:
                never_connected = self.figures.connections == 0
                if isinstance(error, Rejected) or (never_connected and isinstance(error, StageUnreachable)):
                    raise
                _log.warning("speaker_refused", code=error.code, retry_s=wait_s)
                wait_s = max(wait_s, float(error.retry_after_s or 0))
                await self._clock.sleep(wait_s)
                wait_s = min(RETRY_TO_S, wait_s * RETRY_GROWTH)
            else:
                await self._clock.sleep(RETRY_FROM_S)

    async def _one_connection(self) -> None:
        """Connect, and return when the line is gone."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        track = NoTrack()
        session_url: str | None = None
        started = self._clock.monotonic()
        heard_before = self.figures.packets_heard
        try:
            transceiver = peer.addTransceiver(track, direction="sendrecv")
            rtp = self._prepare(transceiver)
            await peer.setLocalDescription(await peer.createOffer())
            answered = await self._signalling.post(peer.localDescription.sdp)
            session_url = answered.session_url
            await peer.setRemoteDescription(RTCSessionDescription(sdp=answered.sdp, type="answer"))
            self._rtp = rtp
            if not await self._sound_came(heard_before):
                raise StageUnreachable("no sound came back")
            self.figures.connections += 1
            self.figures.connect_ms = round((self._clock.monotonic() - started) * 1000)
            while peer.connectionState == "connected" and self._voice.heard_within(
                SILENT_LINE_S, self._clock.monotonic()
            ):
                await self._clock.sleep(0.1)
            _log.warning("speaker_line_lost")
            session_url = None  # the next session takes the seat over; a goodbye would give it away
        except (ValueError, AssertionError) as error:
            raise StageUnreachable(f"unusable answer: {error!r}") from error
        finally:
            self._rtp = None
            track.stop()
            await self._leave(peer, session_url)

    def _prepare(self, transceiver: RTCRtpTransceiver) -> RtpPath:
        transceiver.setCodecPreferences([OPUS])
        rtp = RtpPath(transceiver, self._hear, self._clock)
        fit(transceiver.receiver.transport.transport._connection, self._addresses, self._clock, rtp.take)
        self._voice = Voice()
        return rtp

    def _hear(self, packet: Rtp) -> None:
        self.figures.packets_heard += 1
        self._voice.hear(
            ssrc=packet.ssrc,
            sequence=packet.sequence_number,
            timestamp=packet.timestamp,
            payload=packet.payload,
            now=self._clock.monotonic(),
        )

    async def _sound_came(self, heard_before: int) -> bool:
        give_up = self._clock.monotonic() + FIRST_SOUND_S
        while self.figures.packets_heard == heard_before:
            if self._clock.monotonic() > give_up:
                return False
            await self._clock.sleep(0.005)
        return True

    async def _leave(self, peer: RTCPeerConnection, session_url: str | None) -> None:
        if session_url is not None:
            try:
                await self._signalling.delete(session_url)
            except RostraError as error:
                _log.info("speaker_not_signed_off", code=error.code)
        await peer.close()
