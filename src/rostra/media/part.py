"""A part on the bus: the encoded frames of one span of media time."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The frames of part `index` of one rendition, as the stage made them.

    frames: AAC access units (no ADTS header), Opus packets or MP3 frames: exactly `Rendition.frame_count` of them.
    """

    index: int
    frames: list[bytes]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Part)


def encode_part(part: Part) -> bytes:
    return _encoder.encode(part)


def decode_part(payload: bytes) -> Part:
    """Raises msgspec.DecodeError (msgspec.ValidationError included) for anything that is no part."""
    return _decoder.decode(payload)
