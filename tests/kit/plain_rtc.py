"""aiortc as it comes, for whoever plays the other side: a track of encoded packets, and the packets that come back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from av.packet import Packet

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ

JITTER_BUFFER: Final = "_RTCRtpReceiver__jitter_buffer"
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)


class Tap:
    """Stands where aiortc keeps its jitter buffer and passes every packet on as it comes."""

    def __init__(self, hear: Callable[[RtpPacket], None]) -> None:
        self._hear = hear

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._hear(packet)
        return False, None


def tap(receiver: RTCRtpReceiver, hear: Callable[[RtpPacket], None]) -> None:
    """Take the RTP of `receiver` before aiortc buffers it. Raises AttributeError when aiortc has changed."""
    getattr(receiver, JITTER_BUFFER)
    setattr(receiver, JITTER_BUFFER, Tap(hear))


class OpusTrack(MediaStreamTrack):
    """Sends Opus packets that are already encoded; a line that cannot take them loses the oldest."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[Packet[Any]] = deque(maxlen=25)
        self._more = asyncio.Event()

    def push(self, payload: bytes, block: int) -> None:
        packet: Packet[Any] = Packet(payload)
        packet.pts = block * BLOCK_SAMPLES
        packet.time_base = _TIME_BASE
        self._packets.append(packet)
        self._more.set()

    async def recv(self) -> Any:
        """The next packet, when there is one. aiortc takes packets as well as frames."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._more.clear()
            await self._more.wait()
        return self._packets.popleft()

    def stop(self) -> None:
        super().stop()
        self._more.set()
