"""The peer of our stage: aiortc as it comes, one process, a mix for each speaker and one AAC encoder.

`python -m bench.plain_aiortc PORT`. aiortc's own buffer, decoder and encoder; a numpy sum every 20 ms. Its HTTP is
what synthetic speakers need and no more.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from fractions import Fraction
from typing import Final

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from rostra.platform.clock import SystemClock
from rostra.stage.ice import MediaAddresses, fit

BLOCK: Final = 960
RATE_HZ: Final = 48_000
HELD_BLOCKS: Final = 10


class Ears(MediaStreamTrack):
    """What one speaker hears; aiortc encodes it."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.blocks: asyncio.Queue[np.ndarray] = asyncio.Queue(HELD_BLOCKS)
        self._at = 0

    async def recv(self) -> av.AudioFrame:
        frame = av.AudioFrame.from_ndarray((await self.blocks.get()).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._at, Fraction(1, RATE_HZ)
        self._at += BLOCK
        return frame


class Seat:
    def __init__(self) -> None:
        self.ears = Ears()
        self.said: deque[np.ndarray] = deque(maxlen=HELD_BLOCKS)

    async def hear(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                self.said.append(frame.to_ndarray().reshape(-1, 2)[:, 0].astype(np.int32))
        except MediaStreamError:
            return


class Stage:
    def __init__(self) -> None:
        self._seats: list[Seat] = []
        self._peers: list[RTCPeerConnection] = []
        self._hearing: list[asyncio.Task[None]] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(head.partition("content-length:")[2].split("\r\n")[0])
        answer = (await self._join((await reader.readexactly(size)).decode())).encode()
        writer.write(b"HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer)
        await writer.drain()
        writer.close()

    async def _join(self, offer: str) -> str:
        peer, seat = RTCPeerConnection(RTCConfiguration(iceServers=[])), Seat()
        transceiver = peer.addTransceiver(seat.ears, direction="sendrecv")
        fit(transceiver.receiver.transport.transport._connection, MediaAddresses(loopback=True), SystemClock())
        await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        self._hearing.append(asyncio.create_task(seat.hear(transceiver.receiver.track)))
        self._peers.append(peer)
        self._seats.append(seat)
        return str(peer.localDescription.sdp)

    async def mix(self) -> None:
        encoder = av.CodecContext.create("aac", "w")
        encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE_HZ, "stereo", "fltp", 64_000
        waiting, block, started_s = np.zeros(0, np.float32), 0, time.monotonic()
        while True:
            said = [seat.said.popleft() if seat.said else np.zeros(BLOCK, np.int32) for seat in self._seats]
            full = np.sum(said, axis=0, dtype=np.int32) if said else np.zeros(BLOCK, np.int32)
            for seat, own in zip(self._seats, said, strict=True):
                if not seat.ears.blocks.full():
                    seat.ears.blocks.put_nowait(np.clip(full - own, -32_768, 32_767).astype(np.int16))
            waiting = np.concatenate((waiting, full.astype(np.float32) / 32_768))
            while len(waiting) >= 1024:
                frame = av.AudioFrame.from_ndarray(np.stack((waiting[:1024],) * 2), format="fltp", layout="stereo")
                frame.sample_rate, waiting = RATE_HZ, waiting[1024:]
                encoder.encode(frame)
            block += 1
            await asyncio.sleep(max(0.0, started_s + block * BLOCK / RATE_HZ - time.monotonic()))


async def main(port: int) -> None:
    stage = Stage()
    mixing = asyncio.create_task(stage.mix())
    server = await asyncio.start_server(stage.handle, "127.0.0.1", port)
    async with server:
        await mixing


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
