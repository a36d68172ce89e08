"""The programme's encoders: PCM in, parts out, each holding the frames of its own stretch of media time.

The four renditions are a quarter of a full stage's work, and nearly all of that is the codecs' own. Thirteen voices at
once, measured: FFmpeg's quick AAC coder (`aac_coder=fast`) needs half, but leaves the upper bands empty (37 dB of
log-spectral distance instead of 29); LAME's quality 9 gives the same bits as 7 for the same work; to hand FFmpeg four
frames in one go saves less than the machine's own unrest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Codec, Rendition
from rostra.stage.mixer import stereo
from rostra.stage.opus import Pcm

_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)
_PRIMING_FRAMES: Final = 2
"""Frames before the first one that is kept: one for the encoder's delay, one that the first overlaps."""


@dataclass(frozen=True, slots=True)
class _Library:
    """How FFmpeg makes a codec. delay: samples by which the encoder is behind; sample_format: FFmpeg's name."""

    name: str
    sample_format: str
    delay: int
    options: dict[str, str]


_LIBRARIES: Final = {
    # Two channels that are alike are a middle and an empty side; to look for other ways took a seventh of the encoder.
    Codec.AAC_LC: _Library("aac", "fltp", 1024, {"aac_ms": "1", "aac_is": "0"}),
    Codec.OPUS: _Library("libopus", "flt", 312, {"frame_duration": "20", "compression_level": "5"}),
    # Without the bit reservoir every frame can be decoded by itself, so a radio may join at any of them.
    Codec.MP3: _Library("libmp3lame", "fltp", 1105, {"reservoir": "0", "compression_level": "7"}),
}


class Encoded(NamedTuple):
    """A part of one rendition."""

    rendition: Rendition
    part: Part


class ProgrammeEncoder:
    """Encodes one rendition. Starts once, at a part boundary, and never again.

    A frame overlaps the one before it, so the encoder is first fed silence that lies before the boundary; the frames
    that carry times before the boundary are dropped. Frame n of the broadcast therefore decodes to the samples from
    n x `frame_samples` of media time on, whichever stage made it.
    """

    def __init__(self, rendition: Rendition, clock: MediaClock, first_part: int) -> None:
        self.rendition = rendition
        self._clock = clock
        self._layout = "stereo" if rendition.channels == 2 else "mono"
        self._part = first_part
        self._starts_at = rendition.decode_time(clock, first_part)
        self._library = _LIBRARIES[rendition.codec]
        self._codec = _open(rendition, self._library, self._layout)
        self._fed_to = self._starts_at + self._library.delay - _PRIMING_FRAMES * rendition.frame_samples
        self._heard_from = clock.decode_time(first_part)
        lead = np.zeros((rendition.channels, self._heard_from - self._fed_to), np.float32)
        self._waiting: list[Pcm] = [lead]
        self._waiting_samples = lead.shape[1]
        self._frames: list[bytes] = []
        self._wanted = rendition.frame_count(clock, first_part)

    @property
    def starts_at(self) -> int:
        """Media sample at which the first part begins."""
        return self._heard_from

    @property
    def next_part(self) -> int:
        """Index of the part that is being filled."""
        return self._part

    def feed(self, block: Pcm, at: int) -> list[Part]:
        """Take samples (shape: channels x n) that begin at media sample `at`; return the parts this completes.

        Samples before the first part are ignored. Raises ValueError when they do not follow the last ones.
        """
        skip = max(0, self._heard_from - at)
        if skip >= block.shape[1]:
            return []
        if at + skip != self._fed_to + self._waiting_samples:
            raise ValueError(f"expected sample {self._fed_to + self._waiting_samples}, got {at + skip}")
        self._waiting.append(block[:, skip:])
        self._waiting_samples += block.shape[1] - skip
        parts: list[Part] = []
        while self._waiting_samples >= self.rendition.frame_samples:
            parts += self._encode_frame(self._take_frame(), self._fed_to)
            self._fed_to += self.rendition.frame_samples
        return parts

    def _take_frame(self) -> Pcm:
        size = self.rendition.frame_samples
        joined = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
        self._waiting = [joined[:, size:]]
        self._waiting_samples = joined.shape[1] - size
        return joined[:, :size]

    def _encode_frame(self, samples: Pcm, at: int) -> list[Part]:
        if self._library.sample_format == "flt":
            samples = samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format=self._library.sample_format, layout=self._layout
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = _TIME_BASE
        frame.pts = at - self._starts_at
        parts: list[Part] = []
        for packet in self._codec.encode(frame):
            if packet.pts is None or packet.pts < 0:
                continue
            self._frames.append(bytes(packet))
            if len(self._frames) == self._wanted:
                parts.append(Part(self._part, self._frames))
                self._part += 1
                self._wanted = self.rendition.frame_count(self._clock, self._part)
                self._frames = []
        return parts


class ProgrammeEncoders:
    """All renditions of a programme, fed with the same sound."""

    def __init__(self, renditions: Iterable[Rendition], clock: MediaClock, first_part: int) -> None:
        self._clock = clock
        self._encoders = [ProgrammeEncoder(rendition, clock, first_part) for rendition in renditions]

    @property
    def next_part(self) -> int:
        """Index of the part that is being filled, in the rendition that is furthest behind."""
        return min(encoder.next_part for encoder in self._encoders)

    def feed(self, mono: Pcm, at: int) -> list[Encoded]:
        """Take samples (shape: n) that begin at media sample `at`; return the parts this completes."""
        shapes = {1: mono[np.newaxis, :], 2: stereo(mono)}
        return [
            Encoded(encoder.rendition, part)
            for encoder in self._encoders
            for part in encoder.feed(shapes[encoder.rendition.channels], at)
        ]

    def begin_again(self, first_part: int) -> None:
        """Sound is missing up to `first_part`: go on there."""
        renditions = [encoder.rendition for encoder in self._encoders]
        self._encoders = [ProgrammeEncoder(rendition, self._clock, first_part) for rendition in renditions]


def _open(rendition: Rendition, library: _Library, layout: str) -> AudioCodecContext:
    codec = av.CodecContext.create(library.name, "w")
    if not isinstance(codec, AudioCodecContext):
        raise TypeError(f"{library.name} is an audio codec")
    codec.sample_rate = SAMPLE_RATE_HZ
    codec.layout = layout
    codec.format = library.sample_format
    codec.bit_rate = rendition.bitrate_bps
    codec.time_base = _TIME_BASE
    codec.options = library.options
    return codec
