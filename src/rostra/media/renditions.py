"""The encodings in which a programme is offered, and which of their frames belong to which part.

Part k of every rendition covers the same span of the media clock. AAC frames divide it, those of Opus and MP3 do
not: there a part holds the frames that start within the span, one more or one less from part to part. Which ones
is a function of k alone, so every process that knows the clock knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock


class Codec(StrEnum):
    """The value of CODECS (RFC 6381, RFC 8216bis)."""

    AAC_LC = "mp4a.40.2"
    OPUS = "opus"
    MP3 = "mp4a.40.34"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoding of the programme.

    bitrate_bps: the encoder's target; peak_bps: what BANDWIDTH promises, container included; rate_hz: samples a second
    in the codec; frame_samples: length of every frame, in samples of the media clock as all times are; silence: one
    frame of digital silence, decodable after any other; specific_config: for AAC the AudioSpecificConfig of the `esds`
    box (ISO/IEC 14496-3, 1.6.2.1); hls: it is in the playlists; radio: the suffix under which it is a progressive
    stream, empty for none.
    """

    name: str
    codec: Codec
    channels: int
    bitrate_bps: int
    peak_bps: int
    frame_samples: int
    silence: bytes
    specific_config: bytes = b""
    hls: bool = True
    radio: str = ""
    rate_hz: int = SAMPLE_RATE_HZ

    def first_frame(self, clock: MediaClock, part: int) -> int:
        """Number of the first frame that starts in `part`, counted from media time 0."""
        return -(-clock.decode_time(part) // self.frame_samples)

    def frame_count(self, clock: MediaClock, part: int) -> int:
        """How many frames start in `part`."""
        return self.first_frame(clock, part + 1) - self.first_frame(clock, part)

    def decode_time(self, clock: MediaClock, part: int) -> int:
        """`tfdt` of the part: samples of media time at which its first frame starts, at most one frame late."""
        return self.first_frame(clock, part) * self.frame_samples

    def span_s(self, clock: MediaClock, part: int, end: int) -> float:
        """Seconds of sound in the parts `part … end - 1`."""
        return (self.decode_time(clock, end) - self.decode_time(clock, part)) / SAMPLE_RATE_HZ

    def part_target_s(self, clock: MediaClock) -> float:
        """PART-TARGET: the length of the longest part."""
        return -(-clock.part_samples // self.frame_samples) * self.frame_samples / SAMPLE_RATE_HZ


AAC_STEREO: Final = Rendition(
    name="aac64",
    codec=Codec.AAC_LC,
    channels=2,
    bitrate_bps=64_000,
    peak_bps=96_000,
    frame_samples=1024,
    silence=bytes.fromhex("211004608c1c"),
    specific_config=bytes.fromhex("1190"),
    radio="aac",
)
AAC_MONO: Final = Rendition(
    name="aac24",
    codec=Codec.AAC_LC,
    channels=1,
    bitrate_bps=24_000,
    peak_bps=40_000,
    # At 24 kbit/s nothing above 6 kHz is left; half of the samples are half of the frames, with twice the bits each.
    rate_hz=24_000,
    frame_samples=2048,
    silence=bytes.fromhex("01182007"),
    specific_config=bytes.fromhex("1308"),
)
OPUS_STEREO: Final = Rendition(
    name="opus48",
    codec=Codec.OPUS,
    channels=2,
    bitrate_bps=48_000,
    peak_bps=80_000,
    frame_samples=960,
    silence=bytes.fromhex("f8fffe"),
    radio="opus",
)
MP3_MONO: Final = Rendition(
    name="mp3",
    codec=Codec.MP3,
    channels=1,
    bitrate_bps=96_000,
    peak_bps=96_000,
    frame_samples=1152,
    # One channel, since the programme has one: all bits for it, and half the work of two that are alike.
    # MPEG-1 layer III, 48 kHz, mono, side information of zeros: no spectrum at all (ISO/IEC 11172-3, 2.4.1).
    silence=bytes.fromhex("fffb74c4") + bytes(284),
    hls=False,
    radio="mp3",
)

RENDITIONS: Final = {each.name: each for each in (AAC_STEREO, AAC_MONO, OPUS_STEREO, MP3_MONO)}
"""In the order of the multivariant playlist: players begin with the first they can play."""
