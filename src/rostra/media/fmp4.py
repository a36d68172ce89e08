"""Fragmented MP4 for one track of AAC or Opus, written and read by hand (ISO/IEC 14496-12 and 14496-14,
and "Encapsulation of Opus in ISO Base Media File Format").

Numbering and decode times stay with the caller, so a fragment is a pure function of its part: any edge that
has the same frames writes the same bytes. A fragment is one `moof` and one `mdat`; fragments that follow each
other make a segment, and the init segment before them makes a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, pack, unpack_from
from struct import error as struct_error
from typing import Final

from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.media.renditions import Codec, Rendition

TRACK: Final = 1
_UNITY_MATRIX: Final = pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_EVERY_SAMPLE_IS_SYNC: Final = 0x0200_0000
_DEFAULT_BASE_IS_MOOF: Final = 0x02_0000
_DATA_OFFSET: Final = 0x1
_SAMPLE_SIZES: Final = 0x200
_AUDIO_ISO_14496_3: Final = 0x40
_AUDIO_STREAM: Final = 0x15
_U32: Final = 0xFFFF_FFFF

# moof up to the first sample size: every length but the sizes' own is fixed, so one format packs it all.
_MOOF: Final = Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIi")
_MOOF_OFFSETS: Final = {"moof": 0, "mfhd": 8, "traf": 24, "tfhd": 32, "tfdt": 48, "trun": 68}


class NotFragmentedMp4(ValueError):
    """Bytes that are not the fragments of one track."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """decode_time: samples since media time 0; frames: raw AAC access units or Opus packets."""

    sequence: int
    decode_time: int
    frames: list[bytes]


def init_segment(rendition: Rendition) -> bytes:
    """`ftyp` and `moov` of a rendition: what a player needs once before any fragment."""
    return box(b"ftyp", b"iso6", pack(">I", 0), b"iso6", b"cmfc", b"mp41") + box(
        b"moov",
        movie_header(0),
        sound_track(_no_samples(rendition)),
        box(b"mvex", full_box(b"trex", 0, 0, pack(">5I", TRACK, 1, rendition.frame_samples, 0, _EVERY_SAMPLE_IS_SYNC))),
    )  # fmt: skip


def fragment(sequence: int, decode_time: int, frames: Sequence[bytes]) -> bytes:
    """`moof` and `mdat` of access units that follow each other.

    sequence: rises from fragment to fragment, taken modulo 2^32; decode_time: samples, for `tfdt`.
    """
    count = len(frames)
    trun_size = 20 + 4 * count
    moof_size = _MOOF_OFFSETS["trun"] + trun_size
    media = b"".join(frames)
    header = _MOOF.pack(
        moof_size, b"moof",
        16, b"mfhd", 0, sequence & _U32,
        moof_size - _MOOF_OFFSETS["traf"], b"traf",
        16, b"tfhd", _DEFAULT_BASE_IS_MOOF, TRACK,
        20, b"tfdt", 1 << 24, decode_time,
        trun_size, b"trun", _DATA_OFFSET | _SAMPLE_SIZES, count, moof_size + 8,
    )  # fmt: skip
    sizes = pack(f">{count}I", *map(len, frames))
    return b"".join((header, sizes, pack(">I", 8 + len(media)), b"mdat", media))


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each box in `data`. Raises NotFragmentedMp4 where a length does not fit."""
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise NotFragmentedMp4(f"{len(data) - at} bytes are left where a box should start")
        size, kind = unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise NotFragmentedMp4(f"box {kind!r} says {size} bytes, {len(data) - at} are there")
        yield kind, data[at + 8 : at + size]
        at += size


def read_fragments(data: bytes) -> list[Fragment]:
    """The fragments of a part or a segment, as `fragment` wrote them; other boxes between them are skipped.

    Raises NotFragmentedMp4 for anything else.
    """
    found: list[Fragment] = []
    head: tuple[int, int, list[int]] | None = None
    for kind, content in boxes(data):
        if kind == b"moof":
            head = _read_moof(content)
        elif kind == b"mdat":
            if head is None:
                raise NotFragmentedMp4("mdat without moof")
            sequence, decode_time, sizes = head
            found.append(Fragment(sequence, decode_time, _cut(content, sizes)))
            head = None
    if not found or head is not None:
        raise NotFragmentedMp4("no whole fragment")
    return found


def frame_sizes(data: bytes) -> tuple[int, list[int]]:
    """Of a fragment of which at least the `moof` and the head of the `mdat` are there: where its frames begin, and how
    long each is, bytes. Raises NotFragmentedMp4.
    """
    size, kind = unpack_from(">I4s", data) if len(data) >= 8 else (0, b"")
    if kind != b"moof" or not 8 <= size <= len(data) - 8 or data[size + 4 : size + 8] != b"mdat":
        raise NotFragmentedMp4(f"box {kind!r} of {size} bytes where a moof and its mdat should be")
    return size + 8, _read_moof(data[8:size])[2]


def _read_moof(content: bytes) -> tuple[int, int, list[int]]:
    sequence = decode_time = None
    sizes: list[int] | None = None
    try:
        for kind, inner in boxes(content):
            if kind == b"mfhd":
                (sequence,) = unpack_from(">I", inner, 4)
            elif kind == b"traf":
                for name, field in boxes(inner):
                    if name == b"tfdt":
                        (decode_time,) = unpack_from(">Q" if field[:1] == b"\x01" else ">I", field, 4)
                    elif name == b"trun":
                        flags, count = unpack_from(">II", field)
                        if flags & 0xFF_FFFF != _DATA_OFFSET | _SAMPLE_SIZES or len(field) != 12 + 4 * count:
                            raise NotFragmentedMp4(f"trun with flags {flags:#x} and {len(field)} bytes")
                        sizes = list(unpack_from(f">{count}I", field, 12))
    except struct_error as error:
        raise NotFragmentedMp4(f"a box in moof is cut short: {error}") from error
    if sequence is None or decode_time is None or sizes is None:
        raise NotFragmentedMp4("moof without mfhd, tfdt or trun")
    return sequence, decode_time, sizes


def _cut(media: bytes, sizes: list[int]) -> list[bytes]:
    if sum(sizes) != len(media):
        raise NotFragmentedMp4(f"samples of {sum(sizes)} bytes in an mdat of {len(media)}")
    frames, at = [], 0
    for size in sizes:
        frames.append(media[at : at + size])
        at += size
    return frames


def movie_header(samples: int) -> bytes:
    """`mvhd` of a file with one track. samples: how long it is; 0 where fragments say it."""
    return full_box(b"mvhd", 0, 0, pack(">4I", 0, 0, SAMPLE_RATE_HZ, samples), pack(">iHHII", 0x10000, 0x100, 0, 0, 0),
                    _UNITY_MATRIX, bytes(24), pack(">I", TRACK + 1))  # fmt: skip


def sound_track(tables: bytes, *, heard_samples: int = 0, media_samples: int = 0, edits: bytes = b"") -> bytes:
    """`trak` around the sample tables (`stbl`). Lengths are 0 where fragments say them; edits: an `edts`, or none."""
    itself = full_box(b"url ", 0, 1)
    media = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, pack(">4I", 0, 0, SAMPLE_RATE_HZ, media_samples), pack(">HH", _language("und"), 0)),
        full_box(b"hdlr", 0, 0, pack(">I4s", 0, b"soun"), bytes(12), b"Sound\0"),
        box(
            b"minf",
            full_box(b"smhd", 0, 0, bytes(4)),
            box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), itself)),
            tables,
        ),
    )
    header = full_box(
        b"tkhd", 0, 7, pack(">5I", 0, 0, TRACK, 0, heard_samples), bytes(8), pack(">HHHH", 0, 0, 0x100, 0),
        _UNITY_MATRIX, bytes(8),
    )  # fmt: skip
    return box(b"trak", header, edits, media)


def _no_samples(rendition: Rendition) -> bytes:
    """`stbl` of a track whose samples are all in fragments."""
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, pack(">I", 1), _sample_entry(rendition)),
        full_box(b"stts", 0, 0, pack(">I", 0)),
        full_box(b"stsc", 0, 0, pack(">I", 0)),
        full_box(b"stsz", 0, 0, pack(">II", 0, 0)),
        full_box(b"stco", 0, 0, pack(">I", 0)),
    )


def _sample_entry(rendition: Rendition) -> bytes:
    shape = pack(">6xH8xHHHHI", 1, rendition.channels, 16, 0, 0, rendition.rate_hz << 16)
    match rendition.codec:
        case Codec.AAC_LC:
            return box(b"mp4a", shape, _elementary_stream(rendition))
        case Codec.OPUS:
            # Version 0, no pre-skip (a listener joins in mid-stream), input at 48 kHz, no gain, mono or stereo.
            return box(b"Opus", shape, box(b"dOps", pack(">BBHIhB", 0, rendition.channels, 0, SAMPLE_RATE_HZ, 0, 0)))
        case Codec.MP3:
            raise ValueError(f"{rendition.name} is no rendition for fMP4")


def _elementary_stream(rendition: Rendition) -> bytes:
    """`esds` (ISO/IEC 14496-1, 7.2.6.5 and 7.2.6.6)."""
    specific = _descriptor(5, rendition.specific_config)
    buffer_size = pack(">I", rendition.channels * 768)[1:]
    config = pack(">BB", _AUDIO_ISO_14496_3, _AUDIO_STREAM) + buffer_size
    config += pack(">II", rendition.peak_bps, rendition.bitrate_bps) + specific
    stream = _descriptor(3, pack(">HB", TRACK, 0) + _descriptor(4, config) + _descriptor(6, b"\x02"))
    return full_box(b"esds", 0, 0, stream)


def _descriptor(tag: int, content: bytes) -> bytes:
    if len(content) > 127:
        raise ValueError(f"descriptor {tag} of {len(content)} bytes needs a longer length field")
    return bytes((tag, len(content))) + content


def _language(code: str) -> int:
    return sum((ord(letter) - 0x60) << shift for letter, shift in zip(code, (10, 5, 0), strict=True))


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return pack(">I", 8 + len(body)) + kind + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return box(kind, pack(">I", version << 24 | flags), *content)
