"""A programme without a stage: parts of a tone on the bus, on the media clock's time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from functools import lru_cache

import av
import numpy as np

from rostra.media import wire
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.part import Part, encode_part
from rostra.media.renditions import AAC_STEREO
from rostra.media.wire import Airing, Phase
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock

SECONDS = 10
"""Length of the tone; longer programmes repeat it, which one frame in 470 betrays."""


@lru_cache
def tone_frames(hz: float = 440.0, peak: float = 0.25) -> tuple[bytes, ...]:
    """AAC access units of a sine in both channels, as the stage's encoder would make them."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE_HZ, "stereo", "fltp"
    encoder.bit_rate = AAC_STEREO.bitrate_bps
    count = SECONDS * SAMPLE_RATE_HZ // AAC_FRAME_SAMPLES
    times = np.arange(count * AAC_FRAME_SAMPLES) / SAMPLE_RATE_HZ
    sine = (peak * np.sin(2 * np.pi * hz * times)).astype(np.float32)
    frames: list[bytes] = []
    for index in range(count):
        block = sine[index * AAC_FRAME_SAMPLES : (index + 1) * AAC_FRAME_SAMPLES]
        frame = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, index * AAC_FRAME_SAMPLES
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(frames)


def tone_part(index: int, *, hz: float = 440.0, part_frames: int = 24) -> Part:
    frames = tone_frames(hz)
    start = index * part_frames
    return Part(index, [frames[1 + (start + offset) % (len(frames) - 1)] for offset in range(part_frames)])


def an_airing(clock: Clock, *, broadcast_id: str = "4711", phase: Phase = Phase.LIVE, age_s: float = 0.0) -> Airing:
    """An airing whose doors opened `age_s` ago."""
    anchor_us = clock.now_us() - round(age_s * 1_000_000)
    return Airing(
        broadcast_id=broadcast_id,
        slug="an-evening",
        title="An evening in the Forum",
        phase=phase,
        starts_us=anchor_us,
        anchor_us=anchor_us,
        live_us=anchor_us,
    )


def parts_until(airing: Airing, unix_us: int) -> Iterator[Part]:
    """Every part that is over at `unix_us`."""
    clock = airing.clock()
    assert clock is not None
    for index in range(clock.part_at(unix_us)):
        yield tone_part(index, part_frames=clock.part_frames)


async def publish(bus: Bus, airing: Airing, part: Part) -> None:
    await bus.publish_durable(
        wire.parts_subject(airing.broadcast_id, AAC_STEREO.name),
        encode_part(part),
        message_id=f"{airing.broadcast_id}.{AAC_STEREO.name}.{part.index}",
    )


async def go_on_air(bus: Bus, clock: Clock, airing: Airing, *, delay_s: float = 0.08) -> None:
    """Announce the airing, publish what has passed, then each part when it is over, for ever.

    delay_s: what a stage needs to encode and publish.
    """
    await bus.put(wire.AIRINGS, airing.broadcast_id, airing)
    media = airing.clock()
    assert media is not None
    for index in itertools.count():
        wait_s = (media.part_ends_us(index) - clock.now_us()) / 1_000_000 + delay_s
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        await publish(bus, airing, tone_part(index, part_frames=media.part_frames))
