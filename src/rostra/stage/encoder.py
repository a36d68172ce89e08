"""The programme's encoder: PCM in, parts out, each holding exactly its own stretch of media time."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Rendition
from rostra.stage.opus import Pcm

_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)


class ProgrammeEncoder:
    """AAC-LC for one rendition. Starts once, at a part boundary, and never again.

    A frame of AAC overlaps the one before it, so the encoder is first fed one frame of silence that lies before
    the boundary; this frame and the encoder's own delay carry times before the boundary and are dropped. Frame
    n of the first part therefore decodes to samples n x 1024 after the boundary, whichever stage made it.
    """

    def __init__(self, rendition: Rendition, clock: MediaClock, first_part: int) -> None:
        self._clock = clock
        self._channels = rendition.channels
        self._part = first_part
        self._starts_at = clock.decode_time(first_part)
        self._fed_to = self._starts_at
        self._waiting: list[Pcm] = []
        self._waiting_samples = 0
        self._frames: list[bytes] = []
        codec = av.CodecContext.create("aac", "w")
        if not isinstance(codec, AudioCodecContext):
            raise TypeError("aac is an audio codec")
        codec.sample_rate = SAMPLE_RATE_HZ
        codec.layout = "stereo" if rendition.channels == 2 else "mono"
        codec.format = "fltp"
        codec.bit_rate = rendition.bitrate_bps
        codec.time_base = _TIME_BASE
        self._codec = codec
        silence = np.zeros((self._channels, AAC_FRAME_SAMPLES), np.float32)
        self._encode_frame(silence, self._starts_at - AAC_FRAME_SAMPLES)

    @property
    def starts_at(self) -> int:
        """Media sample at which the first part begins."""
        return self._starts_at

    @property
    def next_part(self) -> int:
        """Index of the part that is being filled."""
        return self._part

    def feed(self, block: Pcm, at: int) -> list[Part]:
        """Take samples (shape: channels x n) that begin at media sample `at`; return the parts this completes.

        Samples before the first part are ignored. Raises ValueError when they do not follow the last ones.
        """
        skip = max(0, self._starts_at - at)
        if skip >= block.shape[1]:
            return []
        if at + skip != self._fed_to + self._waiting_samples:
            raise ValueError(f"expected sample {self._fed_to + self._waiting_samples}, got {at + skip}")
        self._waiting.append(block[:, skip:])
        self._waiting_samples += block.shape[1] - skip
        parts: list[Part] = []
        while self._waiting_samples >= AAC_FRAME_SAMPLES:
            parts += self._encode_frame(self._take_frame(), self._fed_to)
            self._fed_to += AAC_FRAME_SAMPLES
        return parts

    def _take_frame(self) -> Pcm:
        joined = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
        self._waiting = [joined[:, AAC_FRAME_SAMPLES:]]
        self._waiting_samples = joined.shape[1] - AAC_FRAME_SAMPLES
        return joined[:, :AAC_FRAME_SAMPLES]

    def _encode_frame(self, samples: Pcm, at: int) -> list[Part]:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout="stereo" if self._channels == 2 else "mono"
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = _TIME_BASE
        frame.pts = at - self._starts_at
        parts: list[Part] = []
        for packet in self._codec.encode(frame):
            if packet.pts is None or packet.pts < 0:
                continue
            self._frames.append(bytes(packet))
            if len(self._frames) == self._clock.part_frames:
                parts.append(Part(self._part, self._frames))
                self._part += 1
                self._frames = []
        return parts
