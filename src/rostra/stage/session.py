"""One WHIP session: a peer connection whose sound goes to a seat and brings back the seat's mix."""

from __future__ import annotations

from typing import Final

from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpCodecCapability, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.rtcicetransport import candidate_to_aioice

from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.stage.errors import OfferRefused, RestartRefused, RestartUnasked
from rostra.stage.ice import MediaAddresses, fit
from rostra.stage.ice_restart import IcePath
from rostra.stage.offer import Offer, finish_answer
from rostra.stage.rtp_path import Hear, NoTrack, RtpPath
from rostra.stage.sdpfrag import Fragment, write_fragment

OPUS: Final = RTCRtpCodecCapability(mimeType="audio/opus", clockRate=SAMPLE_RATE_HZ, channels=2, parameters={})
_log = get_logger(__name__)


class Session:
    """A `Line` over WebRTC. `session_id` is unguessable; `etag` names the ICE session (RFC 9725, 4.3.1)."""

    def __init__(self, speaker_id: str, broadcast_id: str, clock: Clock) -> None:
        self.session_id = token(18)
        self.etag = f'"{token(9)}"'
        self.speaker_id = speaker_id
        self.broadcast_id = broadcast_id
        self._clock = clock
        self._path: IcePath | None = None
        self._ice_ufrag: str | None = None
        self._first_block: int | None = None
        self._sends = True
        self._track = NoTrack()
        self._rtp: RtpPath | None = None
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def answer(self, offer: Offer, addresses: MediaAddresses, hear: Hear) -> str:
        """The SDP answer, all candidates in it. `hear` gets the RTP from then on.

        Raises OfferRefused when aiortc cannot agree with the offer; the session is closed then.
        """
        transceiver = self._peer.addTransceiver(self._track, direction="sendrecv")
        transceiver.setCodecPreferences([OPUS])
        self._rtp = RtpPath(transceiver, hear, self._clock)
        transport = transceiver.receiver.transport.transport
        fit(transport._connection, addresses, self._clock, self._rtp.take)
        self._path = IcePath(transport, addresses, self._clock, self._rtp.take)
        self._ice_ufrag = offer.ice_ufrag
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp=offer.text, type="offer"))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except (OperationError, InvalidStateError, InternalError, ValueError, AssertionError) as error:
            await self.close()
            raise OfferRefused(f"aiortc: {error!r}") from error
        except BaseException:
            await self.close()
            raise
        self._sends = transceiver.currentDirection == "sendrecv"
        return finish_answer(self._peer.localDescription.sdp, offer)

    async def trickle(self, fragment: Fragment) -> None:
        """Take more candidates of the client. Raises RestartUnasked for another ICE session's."""
        if self._path is None or fragment.ice_ufrag not in (None, self._ice_ufrag):
            raise RestartUnasked("other ice-ufrag")
        for candidate in fragment.candidates:
            await self._path.add(candidate_to_aioice(candidate))

    async def restart(self, fragment: Fragment) -> str:
        """Begin a new ICE session on the client's wish; the fragment that answers it, and `etag` is a new one.

        Sound goes on along the old path until the new one is there. Raises RestartRefused and NoMediaPort; the
        session stays as it was then.
        """
        ufrag, password = fragment.ice_ufrag, fragment.ice_pwd
        if self._path is None or not self._path.completed or not ufrag or not password or ufrag == self._ice_ufrag:
            raise RestartRefused("no new credentials, or not connected")
        try:
            ice.validate_username(ufrag)
            ice.validate_password(password)
        except ValueError as error:
            raise RestartRefused(f"aioice: {error!r}") from error
        made = await self._path.gather()
        await self._path.connect(ufrag, password, map(candidate_to_aioice, fragment.candidates))
        self._ice_ufrag, self.etag = ufrag, f'"{token(9)}"'
        mid = self._peer.getTransceivers()[0].mid or "0"
        return write_fragment(mid, made.local_username, made.local_password, made.local_candidates)

    def send(self, packet: bytes, block: int) -> None:
        if self._rtp is not None and self._sends and self._peer.connectionState == "connected":
            if self._first_block is None:
                self._first_block = block
            self._rtp.send(packet, block - self._first_block)

    @property
    def over(self) -> bool:
        """Whether the other side has ended it or never came."""
        return self._peer.connectionState in ("closed", "failed")

    async def close(self) -> None:
        self._track.stop()
        if self._path is not None:
            await self._path.close()
        await self._peer.close()
