"""Recordings to publish: a programme of tones whose moments can be told apart, and what is heard of it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.renditions import AAC_STEREO
from rostra.stage.replay_sound import encoded
from tests.kit.tones import Sound, sine


def a_programme(path: Path, tones_hz: list[float], *, seconds: int = 2) -> Path:
    """An M4A as a stage records it: each tone for `seconds`, one after the other."""
    each = seconds * SAMPLE_RATE_HZ
    sound = np.concatenate([sine(hz, each) for hz in tones_hz])
    blocks = (sound[at : at + 960] for at in range(0, len(sound), 960))
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        container.start_encoding()
        for number, frame in enumerate(encoded(blocks, AAC_STEREO)):
            packet = av.packet.Packet(frame)
            packet.pts = packet.dts = number * AAC_FRAME_SAMPLES
            packet.duration = AAC_FRAME_SAMPLES
            packet.time_base = stream.time_base
            packet.stream = stream
            container.mux_one(packet)
    return path


def a_track(path: Path, sound: Sound) -> Path:
    """A FLAC as a stage keeps it."""
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono")
        stream.codec_context.format = "s16"
        pcm = (sound * 32767).astype("<i2")
        for at in range(0, len(pcm), 4800):
            frame = av.AudioFrame.from_ndarray(pcm[at : at + 4800].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def heard(source: Path | str) -> Sound:
    """What a player makes of it: mono, 48 kHz."""
    resampler = AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
    pieces = []
    with av.open(str(source)) as container:
        for frame in container.decode(audio=0):
            pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(frame)]
    return np.concatenate(pieces)


def second(sound: Sound, at: float, length: float = 0.5) -> Sound:
    """The stretch of `length` seconds from `at` on."""
    return sound[round(at * SAMPLE_RATE_HZ) : round((at + length) * SAMPLE_RATE_HZ)]
