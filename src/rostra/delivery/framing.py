"""How frames become a stream without a container of files: ADTS for AAC, nothing for MP3, Ogg for Opus.

A part's chunk depends on its number, its frames and the title alone, so each edge sends the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import pack
from typing import Final, Protocol
from zlib import crc32

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.renditions import Codec, Rendition

_ADTS_HEADER: Final = 7
_MAX_ADTS_FRAME: Final = 0x1FFF
_U32: Final = 0xFFFF_FFFF
_OGG_FIRST: Final = 2
_OGG_LAST: Final = 4
_MAX_LACES: Final = 255
_PRE_SKIP: Final = 3840
"""Samples that a decoder drops after joining in mid-stream: 80 ms, by RFC 7845, 4.2 and 4.6."""
_VENDOR: Final = b"Rostra"
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Framer(Protocol):
    """kind: the stream's media type; icy: titles may be woven between its bytes (the ICY protocol)."""

    kind: str
    icy: bool

    def preamble(self, title: str) -> bytes:
        """What a listener gets before its first chunk."""
        ...

    def chunk(self, part: int, frames: Sequence[bytes]) -> bytes:
        """A part as bytes of the stream."""
        ...

    def retitle(self, title: str) -> bytes:
        """A new title from the next chunk on. What goes before that chunk for whoever is listening."""
        ...


def framer_of(rendition: Rendition, clock: MediaClock) -> Framer | None:
    """The framer of a rendition that has a progressive stream, None for one that has none."""
    if not rendition.radio:
        return None
    match rendition.codec:
        case Codec.AAC_LC:
            return AdtsFramer(rendition)
        case Codec.OPUS:
            return OggOpusFramer(rendition, clock)
        case Codec.MP3:
            return Mp3Framer()


class AdtsFramer:
    """Puts the 7-byte header of ISO/IEC 13818-7, 6.2 before each access unit."""

    kind = "audio/aac"
    icy = True

    def __init__(self, rendition: Rendition) -> None:
        config = int.from_bytes(rendition.specific_config[:2], "big")
        object_type, rate_index, channels = config >> 11, config >> 7 & 0xF, config >> 3 & 0xF
        self._fixed = 0xFFF1 << 40 | (object_type - 1) << 38 | rate_index << 34 | channels << 30 | 0x7FF << 2

    def preamble(self, title: str) -> bytes:
        return b""

    def retitle(self, title: str) -> bytes:
        return b""

    def chunk(self, part: int, frames: Sequence[bytes]) -> bytes:
        """Raises ValueError for a frame of more than 8,184 bytes."""
        pieces: list[bytes] = []
        for frame in frames:
            length = _ADTS_HEADER + len(frame)
            if length > _MAX_ADTS_FRAME:
                raise ValueError(f"an ADTS frame holds {_MAX_ADTS_FRAME - _ADTS_HEADER} bytes, got {len(frame)}")
            pieces.append((self._fixed | length << 13).to_bytes(_ADTS_HEADER, "big"))
            pieces.append(frame)
        return b"".join(pieces)


class Mp3Framer:
    """MP3 frames carry their own header, and ours need no frame before them (no bit reservoir)."""

    kind = "audio/mpeg"
    icy = True

    def preamble(self, title: str) -> bytes:
        return b""

    def retitle(self, title: str) -> bytes:
        return b""

    def chunk(self, part: int, frames: Sequence[bytes]) -> bytes:
        return b"".join(frames)


class OggOpusFramer:
    """Ogg Opus (RFC 3533 and RFC 7845): one page is one part, numbered by it.

    The pages of head and tags are 0 and 1 for everybody, since Icecast refuses a first page with another number; who
    joins later sees one hole in the numbers behind them, which decoders pass over, and none after it. The granule
    position is media time. A title is in the tags; ICY titles would break the pages. A new title is a new logical
    stream chained to the last one (RFC 3533, 4), with a serial number of its own; its decoder drops the pre-skip.
    """

    kind = "audio/ogg"
    icy = False

    def __init__(self, rendition: Rendition, clock: MediaClock) -> None:
        self._rendition = rendition
        self._clock = clock
        self._serial = self._serial_of("")
        self._last = -1

    def _serial_of(self, title: str) -> int:
        return (self._clock.anchor_us & _U32) ^ crc32(title.encode())

    def retitle(self, title: str) -> bytes:
        end = b""
        if self._last >= 0:
            granule = self._rendition.decode_time(self._clock, self._last + 1)
            end = self._page(self._last + 3, granule, [], flags=_OGG_LAST)
        head = self.preamble(title)
        return end + head if end else b""

    def preamble(self, title: str) -> bytes:
        """The title's own logical stream; the chunks that follow belong to it."""
        self._serial = self._serial_of(title)
        head = pack("<8sBBHIhB", b"OpusHead", 1, self._rendition.channels, _PRE_SKIP, SAMPLE_RATE_HZ, 0, 0)
        comment = f"TITLE={title}".encode()
        tags = b"OpusTags" + pack("<I", len(_VENDOR)) + _VENDOR + pack("<II", 1, len(comment)) + comment
        return self._page(0, 0, [head], flags=_OGG_FIRST) + self._page(1, 0, [tags])

    def chunk(self, part: int, frames: Sequence[bytes]) -> bytes:
        """Raises ValueError for packets that do not fit into one page of 255 laces."""
        self._last = part
        return self._page(part + 2, self._rendition.decode_time(self._clock, part + 1), frames)

    def _page(self, number: int, granule: int, packets: Iterable[bytes], *, flags: int = 0) -> bytes:
        laces = bytearray()
        body: list[bytes] = []
        for packet in packets:
            laces += b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,))
            body.append(packet)
        if len(laces) > _MAX_LACES:
            raise ValueError(f"an Ogg page has {_MAX_LACES} laces, these packets need {len(laces)}")
        head = pack("<4sBBQII", b"OggS", 0, flags, granule, self._serial, number & _U32)
        rest = bytes((len(laces),)) + bytes(laces) + b"".join(body)
        checksum = ogg_crc(head + bytes(4) + rest)
        return head + pack("<I", checksum) + rest


def ogg_crc(data: bytes) -> int:
    """The checksum of a page (RFC 3533, 6): polynomial 0x04C11DB7, most significant bit first, from zero.

    It is zlib's checksum seen in a mirror, which is fast enough to be made for each part.
    """
    mirrored = crc32(data.translate(_MIRRORED), _U32) ^ _U32
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")


def cut_adts(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole ADTS frames, header included, and the rest that is no whole frame yet.

    Raises ValueError where a frame should start and none does.
    """
    frames: list[bytes] = []
    at = 0
    while at + _ADTS_HEADER <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            raise ValueError(f"no ADTS frame at byte {at}")
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < _ADTS_HEADER:
            raise ValueError(f"ADTS frame of {length} bytes at byte {at}")
        if at + length > len(data):
            break
        frames.append(data[at : at + length])
        at += length
    return frames, data[at:]
