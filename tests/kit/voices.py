"""Sounds like speech: syllables with a pitch, hisses and pauses, never the same twice."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostra.stage.alignment import Alignment, Sound, Take
from rostra.stage.opus import Decoder, Encoder

RATE_HZ = 48_000
BLOCK = 960
OPUS_SAMPLES = 312
"""How much later Opus gives back what it was given (its look-ahead at 48 kHz)."""
Wave = NDArray[np.float64]


def voice(seconds: float, *, seed: int, pitch_hz: float = 120, amplitude: float = 0.2) -> Wave:
    """Somebody who talks, -1..1."""
    chance = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE_HZ))
    at = 0
    while at < len(out):
        length = min(round(chance.uniform(0.08, 0.3) * RATE_HZ), len(out) - at)
        time = np.arange(length) / RATE_HZ
        pitch = pitch_hz * chance.uniform(0.8, 1.3) * (1 + chance.uniform(-0.3, 0.3) * time)
        syllable = np.zeros(length)
        for harmonic in range(1, 25):
            loud = 1 / harmonic * chance.uniform(0.1, 1)
            syllable += loud * np.sin(2 * np.pi * harmonic * np.cumsum(pitch) / RATE_HZ + chance.uniform(0, 6))
        syllable += 0.2 * np.convolve(chance.normal(size=length), np.hanning(9) / 4, "same")
        out[at : at + length] = syllable * np.hanning(length) * amplitude * chance.uniform(0.3, 1)
        at += length + round(chance.choice([0.02, 0.05, 0.1, 0.6], p=[0.4, 0.3, 0.2, 0.1]) * RATE_HZ)
    return out


def through_opus(sound: Wave, *, lost: tuple[int, ...] = ()) -> NDArray[np.int16]:
    """As the stage hears it: 20 ms packets, those in `lost` concealed; OPUS_SAMPLES late."""
    encoder, decoder = Encoder(), Decoder()
    out = np.zeros(len(sound), dtype=np.int16)
    for number in range(len(sound) // BLOCK):
        packet = encoder.encode(sound[number * BLOCK : (number + 1) * BLOCK].astype(np.float32))
        pcm = decoder.conceal(BLOCK) if number in lost else decoder.decode(packet)
        if pcm is not None:
            out[number * BLOCK : (number + 1) * BLOCK] = (np.clip(pcm, -1, 1) * 32767).astype(np.int16)
    return out


def as_recorded(sound: Wave, *, first: float = 0.0, ppm: float = 0.0, gain: float = 1.0) -> NDArray[np.int16]:
    """What a sound card that runs `ppm` too fast makes of it, from sample `first` on."""
    rate = 1 + ppm * 1e-6
    places = np.arange(int((len(sound) - first) * rate)) / rate + first
    heard = np.interp(places, np.arange(len(sound)), sound) * gain
    return np.rint(np.clip(heard, -1, 1) * 32767).astype(np.int16)


def as_wav(path: Path, sound: Wave) -> Path:
    """A WAV file, 48 kHz mono, for a browser's fake microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


def a_take(sound: Sound, *, begins: float, wrong_s: float = 0.0) -> Take:
    """Hints every five seconds, `wrong_s` off."""
    own = range(0, max(1, len(sound) - 1), 5 * RATE_HZ)
    return Take(sound, tuple((each, begins + each + wrong_s * RATE_HZ) for each in own))


def own_of(alignment: Alignment, track: float) -> float:
    """The sample of the recording that belongs to sample `track` of the track."""
    stretch = [each for each in alignment.stretches if each.first <= track][-1]
    return (track - stretch.offset) * alignment.rate


def far_apart(seconds: int, *, ppm: float, begins_s: float) -> tuple[Sound, Sound, Callable[[float], float]]:
    """Speech at both ends and in the middle of a track, its recording by a clock that is `ppm` off, and the truth.

    The last: the sample of the recording that belongs to a second of the track.
    """
    begins = begins_s * RATE_HZ
    track = np.zeros(seconds * RATE_HZ, dtype=np.int16)
    sound = np.zeros(int(len(track) * (1 + ppm * 1e-6)), dtype=np.int16)
    for seed, at_s in enumerate((3, seconds // 2 - 100, seconds - 60)):
        said = voice(45, seed=10 + seed)
        place = at_s * RATE_HZ
        track[place : place + len(said)] = through_opus(said)
        where = (place - begins) * (1 + ppm * 1e-6)
        whole = int(np.floor(where))
        own = as_recorded(np.concatenate([[0.0], said]), first=1 - (where - whole), ppm=ppm)
        sound[whole : whole + len(own)] = own
    return track, sound, lambda at_s: (at_s * RATE_HZ - OPUS_SAMPLES - begins) * (1 + ppm * 1e-6)
