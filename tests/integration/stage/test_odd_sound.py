"""Odd sound through real sessions: whatever a client sends, it is heard, measured and never hurts the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import av
import imageio_ffmpeg
import numpy as np
import pytest
from aiortc.rtp import RtpPacket

from rostra.media.renditions import AAC_STEREO
from rostra.media.wire import Phase
from rostra.stage.decode import AacDecoder
from tests.integration.stage.conftest import BROADCAST, Programme, Stage, until
from tests.integration.stage.phone import HZ, Phone, loudness
from tests.kit.tones import sine, tone_dbfs

OPUS = 96
"""The payload type that aiortc offers for Opus."""

SOURCES = {
    "silence": "anullsrc=r=48000:cl=mono",
    "clipping": "sine=440:r=48000,volume=40dB",
    "offset": "aevalsrc=0.25+0.25*sin(440*2*PI*t):s=48000",
    "telephone": "sine=440:r=8000,volume=6dB",
    "stereo": "aevalsrc=0.25*sin(440*2*PI*t)|0.25*sin(440*2*PI*t):s=48000",
    "surround": "aevalsrc=0.25*sin(440*2*PI*t)|0.25*sin(440*2*PI*t)|0.25*sin(440*2*PI*t)|0|0|0:c=5.1:s=48000",
}


def ffmpeg(stage: Stage, speaker_id: str, source: str) -> list[str]:
    """FFmpeg with a generated source, as a WHIP client. What it makes of 5.1 and of 8 kHz is its own affair."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", "-re"]
    words += ["-f", "lavfi", "-i", source, "-c:a", "libopus", "-ar", "48000", "-ac", "2", "-b:a", "64k", "-f", "whip"]
    return [*words, "-authorization", stage.ticket(speaker_id), f"{stage.url}/whip/{BROADCAST}"]


@pytest.fixture
async def sources(stage: Stage) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """All of them on one stage, each a speaker."""
    await stage.air(Phase.DOORS_OPEN)
    running = [await asyncio.create_subprocess_exec(*ffmpeg(stage, name, SOURCES[name])) for name in SOURCES]
    yield running
    for process in running:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_sources_of_every_kind(
    stage: Stage, sources: list[asyncio.subprocess.Process], programme: Programme
) -> None:
    """Silence, clipping, an offset, 8 kHz, stereo and 5.1 from FFmpeg, at once: each tone is heard, silence is
    silence, and the programme neither clips nor has an offset.

    Six encoders on a small machine leave holes in what comes, so each may have its own moment to be heard in.
    """
    heard: set[str] = set()
    loudest: dict[str, float] = {}

    def all_heard() -> bool:
        heard.update(name for name in SOURCES if loudness(stage, name) > -30)
        for seat in stage.state().speakers:
            loudest[seat.speaker_id] = max(seat.level_dbfs, loudest.get(seat.speaker_id, -100.0))
        return heard == set(SOURCES) - {"silence"} and loudest["clipping"] >= -1

    await until(all_heard, seconds=40)
    await until(lambda: {seat.speaker_id for seat in stage.state().speakers if seat.connected} == set(SOURCES))
    await stage.air(Phase.LIVE)
    parts = await programme.from_now(stage, 3)
    all_heard()
    assert loudest["silence"] <= -90
    decoder = AacDecoder(AAC_STEREO.specific_config)
    sound = decoder.decode(frame for part in parts for frame in part.frames)[:, -48_000:]
    assert 0.1 < float(np.abs(sound).max()) <= 1.0
    assert abs(float(sound.mean())) < 0.01
    assert all(process.returncode is None for process in sources)


@pytest.fixture
async def phone(stage: Stage) -> AsyncIterator[Phone]:
    await stage.air(Phase.DOORS_OPEN)
    made = Phone(stage)
    await made.join(speaks=False)
    yield made
    await made.close()


class Encoder:
    """FFmpeg's libopus with options that ours does not have."""

    def __init__(self, **options: str) -> None:
        self._codec = av.CodecContext.create("libopus", "w")
        self._codec.sample_rate, self._codec.layout, self._codec.format = 48_000, "mono", "flt"
        self._codec.options = {"application": "audio", **options}
        self._at = 0

    def more(self, samples: int, amplitude: float = 0.25) -> list[bytes]:
        frame = av.AudioFrame.from_ndarray(sine(HZ, samples, amplitude, at=self._at)[None], "flt", "mono")
        frame.sample_rate, frame.pts = 48_000, self._at
        self._at += samples
        return [bytes(packet) for packet in self._codec.encode(frame)]


async def speak(
    phone: Phone, *, samples: int = 960, seconds: float = 1.5, change: object = None, **options: str
) -> None:
    """Send the tone in packets of `samples`; `change` may do anything to a packet before it goes."""
    encoder, number, stamp, due = Encoder(**options), 100, 5000, phone.stage.clock.monotonic()
    for _ in range(int(seconds * 48_000 / samples)):
        for payload in encoder.more(samples):
            packet = RtpPacket(payload_type=OPUS, sequence_number=number, timestamp=stamp, ssrc=1234, payload=payload)
            if callable(change):
                change(packet)
            await phone.send(packet)
            number, stamp = (number + 1) & 0xFFFF, stamp + samples
        due += samples / 48_000
        await phone.stage.clock.sleep(max(0.0, due - phone.stage.clock.monotonic()))


@pytest.mark.parametrize("duration_ms", ["2.5", "5", "60"])
async def test_frames_of_any_length(stage: Stage, phone: Phone, duration_ms: str) -> None:
    """2.5 ms are four hundred packets a second, 60 ms are three blocks in one: both are a tone."""
    samples = int(float(duration_ms) * 48)
    speaking = asyncio.ensure_future(speak(phone, samples=samples, seconds=30, frame_duration=duration_ms))
    await until(lambda: loudness(stage) > -14)
    speaking.cancel()


async def test_padding_extensions_and_strangers(stage: Stage, phone: Phone) -> None:
    """Packets with padding and a header extension are heard; those of a payload type that was not agreed on, and
    what is no Opus, are nothing; a new SSRC in the middle takes over."""
    chance = Random(5)

    def change(packet: RtpPacket) -> None:
        packet.padding_size = 8
        packet.extensions.mid = "0"
        if packet.sequence_number > 150:
            packet.ssrc = 4321
        kind = chance.random()
        if kind < 0.05:
            packet.payload_type = 8
        elif kind < 0.1:
            packet.payload = b""

    speaking = asyncio.ensure_future(speak(phone, seconds=30, change=change))
    await until(lambda: loudness(stage) > -20)
    voice = stage.rooms.performance(BROADCAST).room.seats[0].voice
    await until(lambda: voice.playout._ssrc == 4321)
    await until(lambda: loudness(stage) > -20)
    assert stage.sessions.count == 1
    speaking.cancel()


async def test_the_meter_tells_the_truth(stage: Stage, phone: Phone) -> None:
    """A sine of -20 dBFS through Opus, network and buffer reads -20 dBFS, within half a decibel.

    That is what it reads most of the time: a late packet of a busy machine is concealed, at another level.
    """
    encoder, read, began = Encoder(b="96000"), [], stage.clock.monotonic()
    for number in range(100):
        for payload in encoder.more(960, amplitude=0.1):
            stamp = number * 960
            await phone.send(
                RtpPacket(payload_type=OPUS, sequence_number=number, timestamp=stamp, ssrc=9, payload=payload)
            )
        await stage.clock.sleep(max(0.0, began + (number + 1) * 0.02 - stage.clock.monotonic()))
        if number > 60:
            read += [seat.level_dbfs for seat in stage.state().speakers]
    assert np.median(read) == pytest.approx(-20, abs=0.5)


def test_the_tone_is_what_it_says() -> None:
    """The yardstick of these tests."""
    assert tone_dbfs(sine(HZ, 4800, 0.1), HZ) == pytest.approx(-20, abs=0.05)
