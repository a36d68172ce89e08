"""What a delay holds: parts that nobody has heard yet, and what was dumped of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Rendition

MARGIN_FRAMES: Final = 2
"""Frames beside a dumped span that become silent, too: a frame overlaps its neighbours and carries some of them."""


class HeldPart(msgspec.Struct, frozen=True, array_like=True, tag="part"):
    """A finished part of a rendition that waits for its moment."""

    rendition: str
    part: Part


class Dump(msgspec.Struct, frozen=True, array_like=True, tag="dump"):
    """The samples [first, end) of media time are silence, in every rendition. at_us: when it was asked for."""

    first: int
    end: int
    at_us: int


class Reader(msgspec.Struct, frozen=True, array_like=True, tag="reader"):
    """A stage begins to read here. Who has read its own mark has read all that was before it."""

    mark: str


Held = HeldPart | Dump | Reader
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Held] = msgspec.msgpack.Decoder(Held)


def encode_held(held: Held) -> bytes:
    return _encoder.encode(held)


def decode_held(payload: bytes) -> Held:
    """Raises msgspec.DecodeError (msgspec.ValidationError included) for anything else."""
    return _decoder.decode(payload)


@dataclass(frozen=True, slots=True)
class Span:
    """Samples [first, end) of media time."""

    first: int
    end: int


def silenced(part: Part, rendition: Rendition, clock: MediaClock, spans: Sequence[Span]) -> Part:
    """The part without what lies in one of `spans`: whole frames, with a margin. The same part if none of them do."""
    size = rendition.frame_samples
    margin = MARGIN_FRAMES * size
    begins = rendition.decode_time(clock, part.index)
    ends = begins + len(part.frames) * size
    near = [span for span in spans if span.first - margin < ends and span.end + margin > begins]
    if not near:
        return part
    frames = [
        rendition.silence if any(span.first - margin < at + size and at < span.end + margin for span in near) else frame
        for at, frame in zip(range(begins, ends, size), part.frames, strict=True)
    ]
    return Part(part.index, frames)


def new_samples(span: Span, known: Sequence[Span]) -> int:
    """How many samples of `span` lie in none of `known`."""
    at, count = span.first, 0
    for other in sorted(known, key=lambda each: each.first):
        if other.end <= at:
            continue
        if other.first >= span.end:
            break
        count += max(0, other.first - at)
        at = max(at, other.end)
    return count + max(0, span.end - at)
