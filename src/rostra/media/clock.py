"""The media clock of a broadcast: part, segment and decode time as functions of media time.

A broadcast has one media clock. It is anchored once, when the doors open, and never again; stage, edges
and recorder compute every number from the anchor, so they agree without talking to each other and a
restart of any of them cannot change a number that a player has already seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SAMPLE_RATE_HZ: Final = 48_000
AAC_FRAME_SAMPLES: Final = 1024
BLOCK_SAMPLES: Final = 960
"""One tick of the mixer: 20 ms at 48 kHz."""


@dataclass(frozen=True, slots=True)
class MediaClock:
    """Numbers of one broadcast.

    anchor_us: unix time of media time 0, microseconds.
    part_frames: AAC frames of 1024 samples in one part (24 = 0.512 s).
    parts_per_segment: parts in one segment (8 = 4.096 s).
    """

    anchor_us: int
    part_frames: int = 24
    parts_per_segment: int = 8

    def __post_init__(self) -> None:
        if self.part_frames < 1 or self.parts_per_segment < 1:
            raise ValueError("part_frames and parts_per_segment must be 1 or more")

    @classmethod
    def opened_at(cls, opened_us: int, part_frames: int, parts_per_segment: int) -> MediaClock:
        """The clock of a broadcast whose doors opened at `opened_us`: media time 0 is one segment before that.

        The segment before the doors is silence that nobody has to make. Players want a whole segment before they
        begin, so with it the first listener need not wait for one.
        """
        lead_samples = part_frames * parts_per_segment * AAC_FRAME_SAMPLES
        lead_us = -(-lead_samples * 1_000_000 // SAMPLE_RATE_HZ)  # rounded up: not a sample of it is after the doors
        return cls(opened_us - lead_us, part_frames, parts_per_segment)

    @property
    def part_samples(self) -> int:
        return self.part_frames * AAC_FRAME_SAMPLES

    @property
    def part_s(self) -> float:
        return self.part_samples / SAMPLE_RATE_HZ

    @property
    def segment_s(self) -> float:
        return self.part_s * self.parts_per_segment

    @property
    def target_duration_s(self) -> int:
        """EXT-X-TARGETDURATION: every rounded segment duration must not exceed it (RFC 8216bis 4.4.3.1).

        Of every rendition: where frames do not divide a segment, it may be nearly one frame longer.
        """
        return max(1, int(self.segment_s + (AAC_FRAME_SAMPLES - 1) / SAMPLE_RATE_HZ + 0.5))

    def sample_at(self, unix_us: int) -> int:
        """Samples of media time that have passed at `unix_us`; negative before the anchor."""
        return (unix_us - self.anchor_us) * SAMPLE_RATE_HZ // 1_000_000

    def part_at(self, unix_us: int) -> int:
        """Index of the part that is being filled at `unix_us`; negative before the anchor."""
        return self.sample_at(unix_us) // self.part_samples

    def part_starts_us(self, part: int) -> int:
        return self.anchor_us + part * self.part_samples * 1_000_000 // SAMPLE_RATE_HZ

    def part_ends_us(self, part: int) -> int:
        return self.part_starts_us(part + 1)

    def parts_of(self, seconds: float) -> int:
        """The fewest whole parts that last `seconds` or longer: a delay is so many parts."""
        return -(-round(seconds * SAMPLE_RATE_HZ) // self.part_samples)

    def parts_us(self, parts: int) -> int:
        """How long `parts` parts last, microseconds, rounded up."""
        return -(-parts * self.part_samples * 1_000_000 // SAMPLE_RATE_HZ)

    def segment_of(self, part: int) -> int:
        """Media sequence number of the segment that holds `part`."""
        return part // self.parts_per_segment

    def first_part(self, segment: int) -> int:
        return segment * self.parts_per_segment

    def decode_time(self, part: int) -> int:
        """`tfdt` of the part in samples (ISO/IEC 14496-12, 8.8.12)."""
        return part * self.part_samples

    def end_part(self, ended_us: int) -> int:
        """The first part that does not exist when the broadcast ended at `ended_us`: its last part is whole."""
        return max(0, self.part_at(ended_us) + 1)
