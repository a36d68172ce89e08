"""An MP4 file of ready-made AAC frames, without a codec: its index first, then the frames as they are
(ISO/IEC 14496-12; the names of a piece as iTunes writes them).

An edit list (8.6.6) says which of the samples are heard, so a file begins and ends to the sample, although frames are
1024 samples long, and the frame before the first one settles the decoder unheard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from struct import pack, unpack, unpack_from
from typing import Final

from rostra.media.clock import AAC_FRAME_SAMPLES
from rostra.media.fmp4 import NotFragmentedMp4, box, boxes, frame_sizes, full_box, movie_header, sound_track

NAMES: Final = {"title": b"\xa9nam", "artist": b"\xa9ART", "album": b"\xa9alb", "date": b"\xa9day"}
_UTF8: Final = 1
_WHERE: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def m4a_head(
    init: bytes, sizes: Sequence[int], *, skip_samples: int, heard_samples: int, names: Mapping[str, str]
) -> bytes:
    """Everything before the frames, which follow it in their order.

    init: the init segment that the frames belong to, which says what they are; sizes: of each frame, bytes;
    skip_samples: what is not heard of the first frames; names: of `NAMES`, empty ones are left out.
    Raises NotFragmentedMp4 when `init` is none, ValueError for no frames or more than 4 GB of them.
    """
    if not sizes or sum(sizes) > 0xF000_0000:
        raise ValueError(f"{len(sizes)} frames of {sum(sizes)} bytes")
    describe = full_box(b"stsd", 0, 0, _content(init, _WHERE)[4:])
    brand = box(b"ftyp", b"M4A ", pack(">I", 0), b"M4A ", b"mp42", b"isom")
    length = len(sizes) * AAC_FRAME_SAMPLES

    def index(frames_at: int) -> bytes:
        tables = box(
            b"stbl",
            describe,
            full_box(b"stts", 0, 0, pack(">III", 1, len(sizes), AAC_FRAME_SAMPLES)),
            full_box(b"stsc", 0, 0, pack(">IIII", 1, 1, len(sizes), 1)),
            full_box(b"stsz", 0, 0, pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
            full_box(b"stco", 0, 0, pack(">II", 1, frames_at)),
        )
        heard = box(b"edts", full_box(b"elst", 0, 0, pack(">IIiI", 1, heard_samples, skip_samples, 0x10000)))
        return box(
            b"moov",
            movie_header(heard_samples),
            sound_track(tables, heard_samples=heard_samples, media_samples=length, edits=heard),
            _named(names),
        )

    frames_at = len(brand) + len(index(0)) + 8
    return brand + index(frames_at) + pack(">I", 8 + sum(sizes)) + b"mdat"


def frame_places(path: Path) -> list[tuple[int, int]]:
    """(first byte, length) of every frame of sound in an MP4, in order: one with an index, or one in fragments.

    Blocking: reads the indexes, not the sound. Raises NotFragmentedMp4 for a file without frames that can be found.
    """
    places: list[tuple[int, int]] = []
    with path.open("rb") as file:
        size, at = path.stat().st_size, 0
        while at + 8 <= size:
            file.seek(at)
            length, kind = unpack(">I4s", file.read(8))
            length = unpack(">Q", file.read(8))[0] if length == 1 else length or size - at
            if length < 8 or at + length > size:
                raise NotFragmentedMp4(f"box {kind!r} says {length} bytes, {size - at} are there")
            if kind in (b"moov", b"moof"):
                file.seek(at)
                box_ = file.read(length + 8 if kind == b"moof" else length)
                places += _of_fragment(box_, at) if kind == b"moof" else _of_index(box_[8:])
            at += length
    if not places:
        raise NotFragmentedMp4("no frame is where it should be")
    return places


def _of_fragment(data: bytes, at: int) -> list[tuple[int, int]]:
    first, sizes = frame_sizes(data)
    starts = accumulate(sizes, initial=at + first)
    return list(zip(starts, sizes, strict=False))


def _of_index(moov: bytes) -> list[tuple[int, int]]:
    """The frames of the track of sound (14496-12, 8.7); none where they are in fragments."""
    for kind, track in boxes(moov):
        if kind != b"trak" or _content(track, (b"mdia", b"hdlr"))[8:12] != b"soun":
            continue
        table = dict(boxes(_content(track, (b"mdia", b"minf", b"stbl"))))
        same, count = unpack_from(">II", table[b"stsz"], 4)
        sizes = [same] * count if same else list(unpack_from(f">{count}I", table[b"stsz"], 12))
        wide = b"co64" in table
        offsets = table[b"co64" if wide else b"stco"]
        (chunks,) = unpack_from(">I", offsets, 4)
        starts = unpack_from(f">{chunks}{'Q' if wide else 'I'}", offsets, 8)
        (runs,) = unpack_from(">I", table[b"stsc"], 4)
        plan = [unpack_from(">II", table[b"stsc"], 8 + 12 * number) for number in range(runs)]
        return _placed(sizes, starts, plan)
    return []


def _placed(sizes: Sequence[int], starts: Sequence[int], plan: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    """plan: (first chunk, counted from 1; samples of each chunk from there on)."""
    found: list[tuple[int, int]] = []
    run = -1
    for number, start in enumerate(starts, 1):
        while run + 1 < len(plan) and plan[run + 1][0] <= number:
            run += 1
        if run < 0:
            raise NotFragmentedMp4("chunks that no sample belongs to")
        at = start
        for size in sizes[len(found) : len(found) + plan[run][1]]:
            found.append((at, size))
            at += size
    if len(found) != len(sizes):
        raise NotFragmentedMp4(f"{len(found)} of {len(sizes)} samples have a place")
    return found


def _content(data: bytes, where: Sequence[bytes]) -> bytes:
    """Of the box that is found by that path. Raises NotFragmentedMp4."""
    for kind in where:
        found = next((content for each, content in boxes(data) if each == kind), None)
        if found is None:
            raise NotFragmentedMp4(f"no {kind!r}")
        data = found
    return data


def _named(names: Mapping[str, str]) -> bytes:
    items = [
        box(NAMES[name], box(b"data", pack(">II", _UTF8, 0), text.encode())) for name, text in names.items() if text
    ]
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"mdir", b"appl", bytes(9))
    return box(b"udta", full_box(b"meta", 0, 0, handler, box(b"ilst", *items)))
