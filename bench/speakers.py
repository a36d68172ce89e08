"""Synthetic WHIP speakers in one process: `python -m bench.speakers SECONDS LOSS < entries.json`.

entries.json: a list of `{"whip_url", "ticket", "voice"}`. voice: "speech", "silence" or "tone". All packets are
encoded beforehand, so that thirteen speakers cost little. LOSS is "none", "random:SHARE" or "burst:SHARE:SECONDS"
(that share of packets is lost for SECONDS, from the fifth second of each minute on). Prints "connected" once everybody
hears something back, and a JSON line at the end. It connects to loopback only.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from bench.harness import loopback_only
from rostra.apps.demonstration import voices
from rostra.platform.clock import SystemClock
from rostra.stage.ice import MediaAddresses, fit
from rostra.stage.opus import Encoder
from rostra.stage.session import OPUS
from tests.kit.plain_rtc import OpusTrack, tap

BLOCK_S: Final = 0.020
BLOCK: Final = 960
RATE_HZ: Final = 48_000
MINUTE_S: Final = 60.0
BURST_FROM_S: Final = 5.0
CONNECT_WITHIN_S: Final = 30.0
APART_BLOCKS: Final = 137
"""How far into the recording each next speaker begins: 2.7 s, so that they do not say the same word."""


@dataclass
class Loss:
    """Which packets never leave. Reproducible."""

    kind: str = "none"
    share: float = 0.0
    seconds: float = 0.0
    _random: random.Random = field(default_factory=lambda: random.Random(7))
    lost: int = 0

    @classmethod
    def of(cls, text: str) -> Loss:
        kind, *numbers = text.split(":")
        return cls(kind, *(float(number) for number in numbers))

    def takes(self, at_s: float) -> bool:
        """Whether the packet that is sent `at_s` into the run is lost."""
        active = self.kind == "random" or (self.kind == "burst" and 0 <= at_s % MINUTE_S - BURST_FROM_S < self.seconds)
        gone = active and self._random.random() < self.share
        self.lost += gone
        return gone


def packets(voice: str) -> list[bytes]:
    """Opus packets of 20 ms that can be looped."""
    encoder = Encoder()
    pcm = {"speech": _speech, "silence": _silence, "tone": _tone}[voice]()
    return [encoder.encode(pcm[at : at + BLOCK]) for at in range(0, len(pcm) - BLOCK + 1, BLOCK)]


def _speech() -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = voices(Path(folder)).first
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32_768
            rate_hz = file.getframerate()
    loud = samples[np.abs(samples) > 0.001]  # without the other voice's turns: somebody who never stops talking
    times = np.arange(0, len(loud) - 1, rate_hz / RATE_HZ)
    return np.interp(times, np.arange(len(loud)), loud).astype(np.float32)


def _silence() -> np.ndarray:
    return np.zeros(2 * RATE_HZ, np.float32)


def _tone() -> np.ndarray:
    return (0.25 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)).astype(np.float32)


class Synthetic:
    """One speaker: a peer connection that is fed from a list and does not decode what comes back."""

    def __init__(self, entry: dict[str, str], sound: list[bytes], place: int, loss: Loss) -> None:
        self._entry = entry
        self._sound = sound
        self._at = place * APART_BLOCKS
        self._loss = loss
        self._track = OpusTrack()
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._started_s = 0.0
        self.heard = 0

    async def connect(self, http: httpx.AsyncClient) -> None:
        transceiver = self._peer.addTransceiver(self._track, direction="sendrecv")
        transceiver.setCodecPreferences([OPUS])
        fit(transceiver.receiver.transport.transport._connection, MediaAddresses(loopback=True), SystemClock())
        tap(transceiver.receiver, self._hear)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self._entry['ticket']}"}
        answer = await http.post(
            loopback_only(self._entry["whip_url"]), content=self._peer.localDescription.sdp, headers=headers
        )
        answer.raise_for_status()
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        self._lose_some(transceiver.sender.transport)
        self._started_s = time.monotonic()

    def _lose_some(self, transport: Any) -> None:
        """Lost behind the sender, which has numbered the packet by then."""
        send = transport._send_rtp

        async def send_some(data: bytes) -> None:
            if not self._loss.takes(time.monotonic() - self._started_s):
                await send(data)

        transport._send_rtp = send_some

    def _hear(self, _: RtpPacket) -> None:
        self.heard += 1

    def say(self, block: int) -> None:
        self._track.push(self._sound[(self._at + block) % len(self._sound)], block)

    async def close(self) -> None:
        await self._peer.close()


async def main(seconds: float, loss: str, entries: list[dict[str, str]]) -> None:
    sounds = {voice: packets(voice) for voice in {entry["voice"] for entry in entries}}
    speakers = [Synthetic(entry, sounds[entry["voice"]], at, Loss.of(loss)) for at, entry in enumerate(entries)]
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        for speaker in speakers:
            await speaker.connect(http)
    talking = asyncio.create_task(_talk(speakers))
    give_up_s = time.monotonic() + CONNECT_WITHIN_S
    while not all(speaker.heard for speaker in speakers):
        if time.monotonic() > give_up_s:
            raise SystemExit("some speakers hear nothing back")
        await asyncio.sleep(0.05)
    print("connected", flush=True)
    await asyncio.sleep(seconds)
    talking.cancel()
    heard = [speaker.heard for speaker in speakers]
    print(json.dumps({"packets_heard": heard, "lost": sum(speaker._loss.lost for speaker in speakers)}), flush=True)
    for speaker in speakers:
        await speaker.close()


async def _talk(speakers: list[Synthetic]) -> None:
    block, started_s = 0, time.monotonic()
    while True:
        for speaker in speakers:
            speaker.say(block)
        block += 1
        await asyncio.sleep(max(0.0, started_s + block * BLOCK_S - time.monotonic()))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), sys.argv[2], json.load(sys.stdin)))
