"""Ogg Opus by hand: pages as RFC 3533 draws them, played by a decoder that is not ours."""

from __future__ import annotations

import io
from struct import unpack_from

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.framing import OggOpusFramer, framer_of, ogg_crc
from rostra.media.clock import MediaClock
from rostra.media.renditions import AAC_MONO, MP3_MONO, OPUS_STEREO, RENDITIONS, Rendition

CLOCK = MediaClock(1_777_917_600_123_456)
SILENT = [OPUS_STEREO.silence] * 26


def silent(rendition: Rendition, part: int) -> list[bytes]:
    return [rendition.silence] * rendition.frame_count(CLOCK, part)


def pages(data: bytes) -> list[tuple[int, int, int, list[int], bytes]]:
    """Flags, granule position, number, laces and content of each page; every checksum is right."""
    found = []
    at = 0
    while at < len(data):
        magic, version, flags, granule, _, number, crc, count = unpack_from("<4sBBQIIIB", data, at)
        assert (magic, version) == (b"OggS", 0)
        laces = list(data[at + 27 : at + 27 + count])
        end = at + 27 + count + sum(laces)
        assert ogg_crc(data[at : at + 22] + bytes(4) + data[at + 26 : end]) == crc
        found.append((flags, granule, number, laces, data[at + 27 + count : end]))
        at = end
    return found


@given(st.binary(max_size=300))
def test_the_checksum_is_the_one_of_the_standard(data: bytes) -> None:
    """Bit by bit, as RFC 3533 says it."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    assert ogg_crc(data) == register


def test_pages_are_numbered_by_parts() -> None:
    """Behind the two of the head, so that whoever has been there since part 0 sees no hole at all."""
    framer = OggOpusFramer(OPUS_STEREO, CLOCK)
    stream = framer.preamble("Abend") + framer.chunk(40, SILENT) + framer.chunk(41, SILENT)
    read = pages(stream)
    assert [number for _, _, number, _, _ in read] == [0, 1, 42, 43]
    assert [flags for flags, _, _, _, _ in read] == [2, 0, 0, 0]
    assert [granule for _, granule, _, _, _ in read] == [0, 0, 41 * 24_576 + 384, 42 * 24_576 + 768]
    assert read[0][4].startswith(b"OpusHead")
    assert b"TITLE=Abend" in read[1][4]


@given(st.lists(st.binary(max_size=800), min_size=1, max_size=26))
def test_laces_say_where_packets_end(packets: list[bytes]) -> None:
    [(_, _, _, laces, body)] = pages(OggOpusFramer(OPUS_STEREO, CLOCK).chunk(7, packets))
    sizes = [0]
    for lace in laces:
        sizes[-1] += lace
        if lace < 255:
            sizes.append(0)
    assert sizes == [*map(len, packets), 0]
    assert body == b"".join(packets)


def test_a_page_takes_255_laces() -> None:
    with pytest.raises(ValueError, match="260"):
        OggOpusFramer(OPUS_STEREO, CLOCK).chunk(0, [bytes(255 * 9)] * 26)


@pytest.mark.parametrize("rendition", [each for each in RENDITIONS.values() if each.radio], ids=lambda each: each.name)
def test_a_decoder_plays_the_stream_from_its_middle(rendition: Rendition) -> None:
    """Ten silent parts from part 1000 on: all their samples, all zero."""
    framer = framer_of(rendition, CLOCK)
    assert framer is not None
    parts = range(1000, 1010)
    stream = framer.preamble("x") + b"".join(framer.chunk(part, silent(rendition, part)) for part in parts)
    with av.open(io.BytesIO(stream)) as opened:
        frames = [frame.to_ndarray() for frame in opened.decode(audio=0)]
    heard = sum(frame.shape[-1] for frame in frames)
    assert heard / (10 * CLOCK.part_samples) == pytest.approx(1, abs=0.03)
    assert max(abs(frame).max() for frame in frames) == 0


def test_what_has_no_radio_has_no_framer() -> None:
    assert framer_of(AAC_MONO, CLOCK) is None


def test_mp3_frames_are_their_own_frames() -> None:
    framer = framer_of(MP3_MONO, CLOCK)
    assert framer is not None
    assert framer.preamble("x") + framer.chunk(3, [b"a", b"b"]) == b"ab"
