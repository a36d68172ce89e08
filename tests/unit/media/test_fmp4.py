"""fMP4: golden bytes, what was written is read back, damage is noticed."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.clock import MediaClock
from rostra.media.fmp4 import NotFragmentedMp4, boxes, fragment, init_segment, read_fragments
from rostra.media.renditions import AAC_MONO, AAC_STEREO, MP3_MONO, OPUS_STEREO, Rendition

GOLDEN = Path(__file__).parents[2] / "golden"
frames = st.lists(st.binary(max_size=300), min_size=1, max_size=48)


@pytest.mark.parametrize("rendition", [AAC_STEREO, AAC_MONO, OPUS_STEREO], ids=lambda rendition: rendition.name)
def test_init_segment_is_golden(rendition: Rendition) -> None:
    """The init segment is served as immutable, so its bytes must not change with the code."""
    assert init_segment(rendition) == (GOLDEN / f"init-{rendition.name}.mp4").read_bytes()


@pytest.mark.parametrize("rendition", [AAC_STEREO, AAC_MONO, OPUS_STEREO], ids=lambda rendition: rendition.name)
def test_a_player_reads_what_is_promised(rendition: Rendition) -> None:
    """Codec, channels, and the times of parts 7 and 8, without a hole between them."""
    clock = MediaClock(0)
    data = init_segment(rendition)
    for part in (7, 8):
        frames = [rendition.silence] * rendition.frame_count(clock, part)
        data += fragment(part + 1, rendition.decode_time(clock, part), frames)
    with av.open(io.BytesIO(data)) as opened:
        stream = opened.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.channels) == (
            "opus" if rendition is OPUS_STEREO else "aac",
            rendition.channels,
        )
        starts = [packet.pts for packet in opened.demux(stream) if packet.size]
    first, end = rendition.decode_time(clock, 7), rendition.decode_time(clock, 9)
    assert starts == list(range(first, end, rendition.frame_samples))


def test_mp3_is_not_for_fmp4() -> None:
    with pytest.raises(ValueError, match="mp3"):
        init_segment(MP3_MONO)


def test_fragment_is_golden() -> None:
    """Two edges with the same frames write the same bytes, today and after an upgrade."""
    silence = fragment(13, 12 * 24_576, [AAC_STEREO.silence] * 24)
    assert silence == (GOLDEN / "part-12-silence.m4s").read_bytes()


@given(st.integers(0, 2**40), st.integers(0, 2**63), frames)
def test_what_is_written_is_read_back(sequence: int, decode_time: int, given_frames: list[bytes]) -> None:
    """Sequence (modulo 2^32), decode time and every frame survive."""
    [read] = read_fragments(fragment(sequence, decode_time, given_frames))
    assert (read.sequence, read.decode_time, read.frames) == (sequence % 2**32, decode_time, given_frames)


@given(st.lists(frames, min_size=1, max_size=8))
def test_fragments_joined_are_a_segment(parts: list[list[bytes]]) -> None:
    """The bytes of the parts, one after the other, are the segment."""
    joined = b"".join(fragment(index, index * 24_576, part) for index, part in enumerate(parts))
    assert [read.frames for read in read_fragments(joined)] == parts


def test_overhead_of_a_part() -> None:
    """A part of 24 frames carries 200 bytes that are not sound: about 3 kbit/s."""
    assert len(fragment(1, 0, [b""] * 24)) == 88 + 4 * 24 + 8


@given(frames, st.data())
def test_a_cut_fragment_is_refused(given_frames: list[bytes], data: st.DataObject) -> None:
    """Half a download is an error, never half a sound."""
    whole = fragment(1, 0, given_frames)
    with pytest.raises(NotFragmentedMp4):
        read_fragments(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=400))
def test_anything_else_is_refused_or_read(data: bytes) -> None:
    """Arbitrary bytes raise NotFragmentedMp4 and nothing else."""
    with suppress(NotFragmentedMp4):
        read_fragments(data)


@given(frames, st.integers(0, 80), st.integers(0, 255))
def test_a_damaged_header_raises_nothing_else(given_frames: list[bytes], at: int, value: int) -> None:
    damaged = bytearray(fragment(7, 24_576, given_frames))
    damaged[at] = value
    with suppress(NotFragmentedMp4):
        read_fragments(bytes(damaged))


def test_a_box_longer_than_the_data_is_refused() -> None:
    with pytest.raises(NotFragmentedMp4):
        list(boxes(b"\0\0\0\x20moof"))
