"""Silent frames of any size, and frames of one channel made into two."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from av.packet import Packet
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rostra.media.aac import doubled, filled
from rostra.media.renditions import AAC_MONO, AAC_STEREO, Rendition


def decoded(rendition: Rendition, frames: list[bytes]) -> list[float]:
    """The loudest sample of each frame."""
    codec = av.CodecContext.create("aac", "r")
    codec.extradata = rendition.specific_config
    return [float(np.abs(found.to_ndarray()).max()) for frame in frames for found in codec.decode(Packet(frame))]


@pytest.mark.parametrize("rendition", [AAC_STEREO, AAC_MONO])
def test_a_frame_of_every_size_decodes_to_silence(rendition: Rendition) -> None:
    """Every size up to the longest frame that is allowed, all in one stream."""
    sizes = range(len(rendition.silence), 1537)
    frames = [filled(rendition.silence, size) for size in sizes]
    whole = [frame for frame in frames if frame is not None]
    assert [len(frame) for frame in whole] == list(sizes)
    assert decoded(rendition, whole) == [0.0] * len(whole)


@given(st.integers(0, 5))
def test_what_is_too_short_is_none(size: int) -> None:
    assert filled(AAC_STEREO.silence, size) is None
    assert filled(AAC_STEREO.silence, 6) == AAC_STEREO.silence


def single(sound: NDArray[np.float32]) -> list[bytes]:
    """`sound` as AAC of one channel, without what cannot be doubled."""
    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = 48_000, "mono", "fltp", 64_000
    codec.options = {"aac_pns": "0", "aac_tns": "0", "flags": "+bitexact"}
    frames = []
    for at in range(0, len(sound) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, at : at + 1024], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        frames += [bytes(packet) for packet in codec.encode(frame)]
    return frames


def sound_of(rendition: Rendition, frames: list[bytes]) -> NDArray[np.float32]:
    codec = av.CodecContext.create("aac", "r")
    codec.extradata = rendition.specific_config
    return np.concatenate([found.to_ndarray() for frame in frames for found in codec.decode(Packet(frame))], axis=1)


def test_both_channels_of_a_doubled_frame_are_the_one() -> None:
    """To the last bit, in long windows and in short ones, loud and silent."""
    rng = np.random.default_rng(5)
    sound = rng.normal(0, 0.05, 1024 * 120).astype(np.float32)
    sound[1024 * 40 : 1024 * 60] = 0
    sound[:: 1024 * 3 + 77] = 0.9
    frames = single(sound)
    assert {frame[2] >> 6 for frame in frames} >= {0, 1, 2, 3}  # every window sequence is among them
    [alone] = sound_of(replace(AAC_MONO, specific_config=bytes.fromhex("1188")), frames)  # 48 kHz
    left, right = sound_of(AAC_STEREO, [doubled(frame) for frame in frames])
    np.testing.assert_array_equal(left, alone)
    np.testing.assert_array_equal(right, alone)


def test_what_has_two_channels_already_is_not_doubled() -> None:
    with pytest.raises(ValueError, match="single_channel_element"):
        doubled(AAC_STEREO.silence)
