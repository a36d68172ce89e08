"""Speech for tests: espeak-ng's voice, as sound for an engine and as the parts of a programme."""

from __future__ import annotations

import io
import re
import subprocess
import wave
from functools import lru_cache

import av
import numpy as np

from rostra.captions.engine import RATE_HZ, Sound
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO

TEXT = (
    "Good evening and welcome to the forum. Tonight we talk about rivers and the people who live beside them. "
    "Our first guest has walked along the water for thirty years. What did you see in all that time? "
    "I saw villages grow into towns and I saw the fish come back."
)


@lru_cache
def espeak(text: str, rate_hz: int, *, voice: str = "en-us") -> Sound:
    said = subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "--stdout", text], check=True, capture_output=True)
    with wave.open(io.BytesIO(said.stdout)) as file:
        own_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(10**9), dtype=np.int16).astype(np.float32) / 32768
    count = len(samples) * rate_hz // own_hz
    return np.interp(np.arange(count) * own_hz / rate_hz, np.arange(len(samples)), samples).astype(np.float32)


def for_engine(text: str = TEXT) -> Sound:
    return espeak(text, RATE_HZ)


def programme(clock: MediaClock, text: str = TEXT) -> list[Part]:
    """The text from media time 0 on, then silence to the end of the part, as the stage would encode it."""
    sound = espeak(text, SAMPLE_RATE_HZ)
    parts = -(-len(sound) // clock.part_samples) + 2
    sound = np.pad(sound, (0, (parts + 1) * clock.part_samples - len(sound)))
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE_HZ, "stereo", "fltp"
    encoder.bit_rate = AAC_STEREO.bitrate_bps
    frames: list[bytes] = []
    for index in range(len(sound) // AAC_FRAME_SAMPLES):
        block = sound[index * AAC_FRAME_SAMPLES : (index + 1) * AAC_FRAME_SAMPLES]
        frame = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, index * AAC_FRAME_SAMPLES
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    size = clock.part_frames
    return [Part(index, frames[index * size : (index + 1) * size]) for index in range(parts)]


def wrong_words(wanted: str, found: str) -> float:
    """Word error rate: insertions, deletions and substitutions for each word that was said."""
    said, heard = (re.findall(r"[a-z']+", text.lower()) for text in (wanted, found))
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        before, row[0] = row[0], at
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != other))
    return row[-1] / len(said)
