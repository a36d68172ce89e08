"""Parts become sound for the engine: AAC at 48 kHz in, mono at 16 kHz out."""

from __future__ import annotations

from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler

from rostra.captions.engine import RATE_HZ, Sound
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Rendition

_STEP: Final = SAMPLE_RATE_HZ // RATE_HZ


class Ear:
    """Decodes the parts of one rendition in order. After a hole it begins with a new decoder."""

    def __init__(self, clock: MediaClock, rendition: Rendition) -> None:
        self._clock = clock
        self._rendition = rendition
        self._next: int | None = None
        self._begin()

    def hear(self, part: Part) -> tuple[int, Sound]:
        """Where the sound begins, samples at RATE_HZ since media time 0, and the sound.

        Frames that cannot be decoded are silence.
        """
        if part.index != self._next:
            self._begin()
        self._next = part.index + 1
        pieces = [piece for data in part.frames for piece in self._decode(data)]
        return self._clock.decode_time(part.index) // _STEP, np.concatenate(pieces) if pieces else _silence(0)

    def _begin(self) -> None:
        self._decoder = av.CodecContext.create("aac", "r")
        self._decoder.extradata = self._rendition.specific_config
        self._resampler = AudioResampler(format="flt", layout="mono", rate=RATE_HZ)

    def _decode(self, data: bytes) -> list[Sound]:
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.FFmpegError:
            return [_silence(AAC_FRAME_SAMPLES // _STEP)]
        return [
            np.asarray(piece.to_ndarray(), np.float32).reshape(-1)
            for frame in frames
            for piece in self._resampler.resample(frame)
        ]


def _silence(samples: int) -> Sound:
    return np.zeros(samples, np.float32)
