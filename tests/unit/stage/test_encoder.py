"""The programme's encoder: parts hold exactly their stretch of media time."""

from __future__ import annotations

from struct import pack

import av
import numpy as np
import pytest

from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_MONO, AAC_STEREO, RENDITIONS, Codec, Rendition
from rostra.stage.encoder import HALVED_DELAY, ProgrammeEncoder, ProgrammeEncoders
from rostra.stage.opus import Pcm
from tests.kit.tones import sine, tone_dbfs

CLOCK = MediaClock(anchor_us=0)


DECODERS = {Codec.AAC_LC: "aac", Codec.OPUS: "opus", Codec.MP3: "mp3float"}
every = pytest.mark.parametrize("rendition", RENDITIONS.values(), ids=lambda rendition: rendition.name)


def encode(sound: Pcm, *, first_part: int, from_block: int = 0, rendition: Rendition = AAC_STEREO) -> list[Part]:
    """Feed mono `sound`, whose first sample is media sample 0, from `from_block` on."""
    encoder = ProgrammeEncoder(rendition, CLOCK, first_part)
    parts = []
    for block in range(from_block, len(sound) // 960):
        piece = sound[block * 960 : (block + 1) * 960]
        parts += encoder.feed(piece, block * 960)
    return parts


def decode(frames: list[bytes], rendition: Rendition = AAC_STEREO) -> Pcm:
    """One channel at 48 kHz, since all are alike."""
    codec = av.CodecContext.create(DECODERS[rendition.codec], "r")
    codec.extradata = rendition.specific_config or None
    if rendition.codec is Codec.OPUS:
        codec.extradata = pack("<8sBBHIhB", b"OpusHead", 1, rendition.channels, 0, 48_000, 0, 0)
    decoded = [out for data in frames for out in codec.decode(av.Packet(data))]
    channels = np.concatenate([out.to_ndarray() for out in decoded], axis=1)
    assert len(channels) == rendition.channels
    np.testing.assert_array_equal(channels[0], channels[-1])
    return np.repeat(channels[0], 48_000 // rendition.rate_hz)


@every
def test_a_part_holds_its_own_samples(rendition: Rendition) -> None:
    """A click at sample 100 of part 4 is there in what the parts decode to, wherever encoding began."""
    for first_part in (0, 2, 3):
        sound = np.zeros(24576 * 6, np.float32)
        sound[24576 * 4 + 100] = 0.9
        parts = encode(sound, first_part=first_part, rendition=rendition)
        assert [part.index for part in parts] == list(range(first_part, 5))
        assert all(len(part.frames) == rendition.frame_count(CLOCK, part.index) for part in parts)
        heard = decode([frame for part in parts for frame in part.frames], rendition)
        at = 24576 * 4 + 100 - rendition.decode_time(CLOCK, first_part)
        assert abs(int(np.argmax(np.abs(heard))) - at) <= 2


@every
def test_a_part_is_there_as_soon_as_it_can_be(rendition: Rendition) -> None:
    """Frames are encoded some at once, and none waits for those of the next part: two of the codec's own behind it."""
    encoder = ProgrammeEncoder(rendition, CLOCK, 3)
    for block in range(24576 * 3 // 960, 24576 * 6 // 960):
        for part in encoder.feed(np.zeros(960, np.float32), block * 960):
            ends = rendition.decode_time(CLOCK, part.index + 1)
            assert (block + 1) * 960 <= ends + 2 * rendition.frame_samples + HALVED_DELAY + 960


@every
def test_two_encoders_follow_each_other(rendition: Rendition) -> None:
    """A stage that takes over at part 3 goes on where the first left off: the tone has no hole."""
    sound = sine(440, 24576 * 7)
    before = [part for part in encode(sound, first_part=0, rendition=rendition) if part.index < 3]
    after = encode(sound, first_part=3, from_block=70, rendition=rendition)
    heard = decode([frame for part in before + after for frame in part.frames], rendition)
    for at in range(2048, len(heard) - 2048, 1024):
        assert tone_dbfs(heard[at : at + 2048], 440) > -15


@every
def test_silence_is_made_as_it_is_written_down(rendition: Rendition) -> None:
    """The frame that stands for what nobody delivered decodes to zeros behind any other."""
    [part] = encode(sine(440, 24576 * 2), first_part=0, rendition=rendition)[:1]
    heard = decode(part.frames + [rendition.silence] * 10, rendition)
    assert np.abs(heard[-4 * rendition.frame_samples :]).max() < 1e-3


def test_all_renditions_are_fed_alike() -> None:
    """Each gets its parts; what is missing is skipped by all of them, and the numbers go on."""
    encoders = ProgrammeEncoders(RENDITIONS.values(), CLOCK, 0)
    made = [each for block in range(60) for each in encoders.feed(np.zeros(960, np.float32), block * 960)]
    assert {(rendition.name, part.index) for rendition, part in made} == {
        (name, index) for name in RENDITIONS for index in (0, 1)
    }
    assert encoders.next_part == 2
    encoders.begin_again(9)
    assert encoders.next_part == 9


def test_blocks_must_follow_each_other() -> None:
    """A hole in the sound would shift everything behind it, so it is refused."""
    encoder = ProgrammeEncoder(AAC_STEREO, CLOCK, 0)
    encoder.feed(np.zeros(960, np.float32), 0)
    with pytest.raises(ValueError, match="expected sample 960, got 1920"):
        encoder.feed(np.zeros(960, np.float32), 1920)


def test_what_lies_before_the_first_part_is_ignored() -> None:
    encoder = ProgrammeEncoder(AAC_STEREO, CLOCK, 1)
    assert encoder.starts_at == 24576
    assert encoder.feed(np.zeros(960, np.float32), 0) == []
    assert encoder.next_part == 1


@pytest.mark.parametrize("hz", [18_500, 21_000])
def test_the_low_rendition_has_no_images(hz: float) -> None:
    """It takes half of the samples: what is too high for them is left out, and not heard as something lower."""
    [low, high] = (
        decode([frame for part in encode(tone, first_part=0, rendition=AAC_MONO) for frame in part.frames], AAC_MONO)
        for tone in (sine(24_000 - hz, 24576 * 3), sine(hz, 24576 * 3))
    )
    assert tone_dbfs(low[9600:], 24_000 - hz) > -13
    assert tone_dbfs(high[9600:], 24_000 - hz) < -70
