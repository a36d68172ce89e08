"""What a listener gets, decoded: the sound of the playlist, and how long it is silent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Final
from urllib.request import urlopen

import numpy as np

from rostra.media.fmp4 import read_fragments
from rostra.media.renditions import AAC_STEREO
from rostra.stage.decode import AacDecoder

RATE_HZ: Final = 48_000
STEP: Final = RATE_HZ // 100
QUIET_DBFS: Final = -50.0


def fetch(url: str) -> bytes:
    with urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def programme(base: str, *, last_s: float) -> np.ndarray:
    """The last whole segments of the rendition at `base` (…/aac64/), decoded: mono, 48 kHz, full scale 1.0."""
    playlist = fetch(f"{base}index.m3u8").decode()
    count = int(last_s / 4) + 1
    frames: list[bytes] = []
    for name in re.findall(r"^s\d+\.m4s$", playlist, re.MULTILINE)[-count:]:
        frames += [frame for fragment in read_fragments(fetch(base + name)) for frame in fragment.frames]
    sound: np.ndarray = AacDecoder(AAC_STEREO.specific_config).decode(frames).mean(axis=0)
    return sound


def levels_db(sound: np.ndarray) -> np.ndarray:
    """RMS of each 10 ms in dBFS."""
    steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
    return np.asarray(20 * np.log10(np.maximum(np.sqrt((steps**2).mean(axis=1)), 1e-6)))


def gaps_s(sound: np.ndarray) -> list[float]:
    """Each silence between two sounds, seconds: what is before the first and after the last is no gap."""
    loud = np.flatnonzero(levels_db(sound) > QUIET_DBFS)
    steps = np.diff(loud) - 1
    return [float(step) / 100 for step in steps if step > 0]


def wait_until(is_so: Callable[[], bool], *, seconds: float, what: str) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        if is_so():
            return
        time.sleep(0.2)
    raise RuntimeError(f"not within {seconds:g} s: {what}")


def loud_now(base: str) -> bool:
    """Whether the newest parts hold sound."""
    try:
        playlist = fetch(f"{base}index.m3u8").decode()
    except OSError:
        return False
    names = re.findall(r'#EXT-X-PART:.*URI="(p\d+\.m4s)"', playlist)[-2:]
    frames = [frame for name in names for piece in read_fragments(fetch(base + name)) for frame in piece.frames]
    sound = AacDecoder(AAC_STEREO.specific_config).decode(frames).mean(axis=0)
    return bool(len(names) == 2 and levels_db(sound)[-20:].max() > QUIET_DBFS)
