"""The programme's encoder: parts hold exactly their stretch of media time."""

from __future__ import annotations

import av
import numpy as np
import pytest

from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO
from rostra.stage.encoder import ProgrammeEncoder
from rostra.stage.opus import Pcm
from tests.kit.tones import sine, tone_dbfs

CLOCK = MediaClock(anchor_us=0)


def encode(sound: Pcm, *, first_part: int, from_block: int = 0) -> list[Part]:
    """Feed mono `sound`, whose first sample is media sample 0, from `from_block` on."""
    encoder = ProgrammeEncoder(AAC_STEREO, CLOCK, first_part)
    parts = []
    for block in range(from_block, len(sound) // 960):
        piece = sound[block * 960 : (block + 1) * 960]
        parts += encoder.feed(np.stack((piece, piece)), block * 960)
    return parts


def decode(frames: list[bytes]) -> Pcm:
    codec = av.CodecContext.create("aac", "r")
    codec.extradata = AAC_STEREO.specific_config
    return np.concatenate([out.to_ndarray()[0] for data in frames for out in codec.decode(av.Packet(data))])


def test_a_part_holds_its_own_samples() -> None:
    """A click at sample 100 of part 4 is at sample 100 of what part 4 decodes to, wherever encoding began."""
    for first_part in (0, 2, 3):
        sound = np.zeros(24576 * 6, np.float32)
        sound[24576 * 4 + 100] = 0.9
        parts = encode(sound, first_part=first_part)
        assert [part.index for part in parts] == list(range(first_part, 5))
        assert all(len(part.frames) == 24 for part in parts)
        heard = decode([frame for part in parts for frame in part.frames])
        assert np.argmax(np.abs(heard)) == (4 - first_part) * 24576 + 100


def test_two_encoders_follow_each_other() -> None:
    """A stage that takes over at part 3 goes on where the first left off: the tone has no hole."""
    sound = sine(440, 24576 * 7)
    before = [part for part in encode(sound, first_part=0) if part.index < 3]
    after = encode(sound, first_part=3, from_block=70)
    heard = decode([frame for part in before + after for frame in part.frames])
    for at in range(2048, len(heard) - 2048, 1024):
        assert tone_dbfs(heard[at : at + 2048], 440) > -14


def test_blocks_must_follow_each_other() -> None:
    """A hole in the sound would shift everything behind it, so it is refused."""
    encoder = ProgrammeEncoder(AAC_STEREO, CLOCK, 0)
    encoder.feed(np.zeros((2, 960), np.float32), 0)
    with pytest.raises(ValueError, match="expected sample 960, got 1920"):
        encoder.feed(np.zeros((2, 960), np.float32), 1920)


def test_what_lies_before_the_first_part_is_ignored() -> None:
    encoder = ProgrammeEncoder(AAC_STEREO, CLOCK, 1)
    assert encoder.starts_at == 24576
    assert encoder.feed(np.zeros((2, 960), np.float32), 0) == []
    assert encoder.next_part == 1
