"""Silent frames of any size."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.packet import Packet
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.aac import filled
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
