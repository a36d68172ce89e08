"""The programme's encoders: PCM in, parts out, each holding the frames of its own stretch of media time.

The programme has one channel, and it is encoded once: what a rendition of two channels needs beyond that is written
by hand (AAC, `rostra.media.aac.doubled`) or is the decoder's to add (Opus, RFC 6716, 2.1.2). FFmpeg's encoders of two
channels did everything twice. With all the bits for one channel, and none for what lies above 15 kHz, FFmpeg's quick
AAC coder does as well as the slow one at 64 kbit/s, in a third of the time. Measured, thirteen voices and one:

| 64 kbit/s | ms for 20 ms of sound | segmental SNR, dB | log-spectral distance, dB | STOI |
| --- | --- | --- | --- | --- |
| two channels, slow | 0.59, 1.57 | 16.5, 16.8 | 28.5, 17.4 | 0.986, 0.987 |
| one, slow | 0.45, 0.95 | 17.0, 20.7 | 5.5, 6.7 | 0.982, 0.994 |
| one, quick | 0.19, 0.28 | 16.8, 23.8 | 7.6, 7.9 | 0.981, 0.997 |

At 24 kbit/s it takes half of the samples to do so: nothing above 6 kHz is left there at any rate. One voice, thirteen:

| 24 kbit/s, one channel | ms for 20 ms of sound | segmental SNR, dB | STOI |
| --- | --- | --- | --- |
| 48 kHz, slow | 0.73, 0.48 | 7.5, 8.5 | 0.957, 0.906 |
| 48 kHz, quick | 0.20, 0.17 | 12.5, 9.2 | 0.962, 0.856 |
| 24 kHz, slow | 0.43, 0.25 | 8.6, 10.9 | 0.958, 0.930 |
| 24 kHz, quick | 0.15, 0.09 | 14.5, 13.4 | 0.978, 0.944 |

Opus takes 0.11 ms instead of 0.31, half of that by going past FFmpeg's frames and filters; LAME
by itself would take as long as through FFmpeg, and its quality 9 gives the same bits as 7 for the same work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from rostra.media import aac
from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Codec, Rendition
from rostra.stage.opus import LOOKAHEAD, Encoder, Pcm

_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)
_TOGETHER: Final = 4
"""What PyAV does around a frame (a graph of filters, two exceptions) is done once for so many: on a full stage it took
as long as the encoding.
"""
_PRIMING_FRAMES: Final = 2
"""Frames before the first one that is kept: one for the encoder's delay, one that the first overlaps."""


class _Codec(Protocol):
    """delay: samples by which what comes out is behind what went in; together: frames it is best given at once."""

    delay: int
    together: int

    def encode(self, samples: Pcm, at: int) -> list[tuple[int, bytes]]:
        """Frames with their places, for the samples of up to `together` frames from place `at` on; a place is a
        sample's number.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Library:
    """How FFmpeg makes a codec. delay: samples of 48 kHz by which the encoder is behind; options: FFmpeg's names."""

    name: str
    delay: int
    options: dict[str, str]


_AAC: Final = {"aac_tns": "0", "aac_pns": "0", "aac_coder": "fast"}
_EXACT: Final = {"flags": "+bitexact"}  # which leaves out the name of the library in the first frames
_TWIN: Final = _Library("aac", 1024, _AAC | _EXACT | {"cutoff": "15000"})
_LOW: Final = _Library("aac", 2048, _AAC | _EXACT)
# Without the bit reservoir every frame can be decoded by itself, so a radio may join at any of them.
_MP3: Final = _Library("libmp3lame", 1105, {"reservoir": "0", "compression_level": "7"})


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
        self._part = first_part
        self._starts_at = rendition.decode_time(clock, first_part)
        self._codec = _codec(rendition)
        self._fed_to = self._starts_at + self._codec.delay - _PRIMING_FRAMES * rendition.frame_samples
        self._heard_from = clock.decode_time(first_part)
        lead = np.zeros(self._heard_from - self._fed_to, np.float32)
        self._waiting: list[Pcm] = [lead]
        self._waiting_samples = len(lead)
        self._to_drop = _PRIMING_FRAMES
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
        """Take samples (shape: n) that begin at media sample `at`; return the parts this completes.

        Samples before the first part are ignored. Raises ValueError when they do not follow the last ones.
        """
        skip = max(0, self._heard_from - at)
        if skip >= len(block):
            return []
        if at + skip != self._fed_to + self._waiting_samples:
            raise ValueError(f"expected sample {self._fed_to + self._waiting_samples}, got {at + skip}")
        self._waiting.append(block[skip:] if skip else block)
        self._waiting_samples += len(block) - skip
        parts: list[Part] = []
        while self._waiting_samples >= (due := self._due()):
            parts += self._encode_frames(self._take(due), self._fed_to)
            self._fed_to += due
        return parts

    def _due(self) -> int:
        """How many samples are to be encoded next: some frames at once, fewer where that completes a part."""
        missing = self._to_drop + self._wanted - len(self._frames)
        return min(self._codec.together, missing) * self.rendition.frame_samples

    def _take(self, size: int) -> Pcm:
        joined = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting = [joined[size:]]
        self._waiting_samples = len(joined) - size
        return joined[:size]

    def _encode_frames(self, samples: Pcm, at: int) -> list[Part]:
        parts: list[Part] = []
        for place, frame in self._codec.encode(samples, at - self._starts_at):
            if place < 0:
                self._to_drop -= 1
                continue
            self._frames.append(frame)
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
        return [Encoded(encoder.rendition, part) for encoder in self._encoders for part in encoder.feed(mono, at)]

    def begin_again(self, first_part: int) -> None:
        """Sound is missing up to `first_part`: go on there."""
        renditions = [encoder.rendition for encoder in self._encoders]
        self._encoders = [ProgrammeEncoder(rendition, self._clock, first_part) for rendition in renditions]


class _ByFfmpeg:
    """A codec of FFmpeg's. finish: what is still to be done with each frame. Places are those of 48 kHz at any rate."""

    together = _TOGETHER

    def __init__(
        self,
        library: _Library,
        bitrate_bps: int,
        finish: Callable[[bytes], bytes] = bytes,
        *,
        rate_hz: int = SAMPLE_RATE_HZ,
    ) -> None:
        self.delay = library.delay
        self._finish = finish
        self._rate_hz = rate_hz
        codec = av.CodecContext.create(library.name, "w")
        if not isinstance(codec, AudioCodecContext):
            raise TypeError(f"{library.name} is an audio codec")
        codec.sample_rate = rate_hz
        codec.layout = "mono"
        codec.format = "fltp"
        codec.bit_rate = bitrate_bps
        codec.time_base = _TIME_BASE
        codec.options = library.options
        self._codec = codec

    def encode(self, samples: Pcm, at: int) -> list[tuple[int, bytes]]:
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = self._rate_hz
        frame.time_base = _TIME_BASE
        frame.pts = at
        made = [(packet.pts, bytes(packet)) for packet in self._codec.encode(frame)]
        return [(place, self._finish(data)) for place, data in made if place is not None]


def _half_band() -> Pcm:
    """Low pass for every second sample: flat to 6 kHz, and nothing from 18 kHz on, which would be heard as that.

    Of its taps each second is zero but the middle one; these are the others.
    """
    places = np.arange(-HALVED_DELAY, HALVED_DELAY + 1)
    taps = np.sinc(places / 2) * np.kaiser(len(places), 8.0)
    odd: Pcm = (taps / taps.sum()).astype(np.float32)[1::2]
    return odd


HALVED_DELAY: Final = 10
"""Samples of 48 kHz."""
_HALF_BAND: Final = _half_band()


class _Halved:
    """AAC of 24 kHz."""

    together = _TOGETHER

    def __init__(self, bitrate_bps: int) -> None:
        self._codec = _ByFfmpeg(_LOW, bitrate_bps, rate_hz=SAMPLE_RATE_HZ // 2)
        self.delay = self._codec.delay + HALVED_DELAY
        self._before: Pcm = np.zeros(2 * HALVED_DELAY, np.float32)

    def encode(self, samples: Pcm, at: int) -> list[tuple[int, bytes]]:
        sound = np.concatenate((self._before, samples))
        self._before = sound[-2 * HALVED_DELAY :]
        halved = np.correlate(sound[1::2], _HALF_BAND)[: len(samples) // 2]
        halved += 0.5 * sound[HALVED_DELAY:-HALVED_DELAY:2]
        return self._codec.encode(halved, at - HALVED_DELAY)


class _ByLibopus:
    """Opus without FFmpeg in between, which costs more than the encoding."""

    delay = LOOKAHEAD
    together = 1

    def __init__(self, bitrate_bps: int) -> None:
        self._encoder = Encoder(bitrate_bps=bitrate_bps, programme=True)

    def encode(self, samples: Pcm, at: int) -> list[tuple[int, bytes]]:
        return [(at - LOOKAHEAD, self._encoder.encode(samples))]


def _codec(rendition: Rendition) -> _Codec:
    match rendition.codec:
        case Codec.OPUS:
            return _ByLibopus(rendition.bitrate_bps)
        case Codec.MP3:
            return _ByFfmpeg(_MP3, rendition.bitrate_bps)
        case Codec.AAC_LC if rendition.channels == 2:
            return _ByFfmpeg(_TWIN, rendition.bitrate_bps, aac.doubled)
        case Codec.AAC_LC:
            return _Halved(rendition.bitrate_bps)
