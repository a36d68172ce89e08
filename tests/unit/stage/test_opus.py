"""Opus by libopus: what goes in comes out, and lost packets come back by FEC."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage import opus
from rostra.stage.errors import CodecMissing
from rostra.stage.opus import SILENT_PACKET, Decoder, Effort, Encoder, packet_samples
from tests.kit.tones import Sound, sine, tone_dbfs


def packets(hz: float, count: int) -> list[bytes]:
    encoder = Encoder()
    sound = sine(hz, count * 960)
    return [encoder.encode(sound[at : at + 960]) for at in range(0, len(sound), 960)]


def test_a_tone_survives() -> None:
    """A tone comes out as loud as it went in, within a decibel."""
    decoder = Decoder()
    sound = np.concatenate([decoder.decode(each) for each in packets(440, 50)])
    assert len(sound) == 48_000
    assert tone_dbfs(sound[9600:], 440) == pytest.approx(tone_dbfs(sine(440, 48_000), 440), abs=1)


def gliding_voice(samples: int) -> Sound:
    """Harmonics over a gliding pitch with syllables: enough of a voice for Opus to treat it as one."""
    time = np.arange(samples) / 48_000
    pitch = np.cumsum(120 + 60 * np.sin(2 * np.pi * 2 * time)) / 48_000
    buzz = sum(np.sin(2 * np.pi * harmonic * pitch) / harmonic for harmonic in range(1, 20))
    return (0.15 * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))).astype(np.float32)


def error_of_lost_packets(coded: list[bytes], *, by_fec: bool) -> float:
    """Energy of the error in every fifth packet when that is lost, relative to the energy of what was lost."""
    whole, holed = Decoder(), Decoder()
    error = level = 0.0
    for number, each in enumerate(coded[:-1]):
        reference = whole.decode(each)
        if number % 5 != 3:
            holed.decode(each)
            continue
        guess = holed.rebuild(coded[number + 1], 960) if by_fec else holed.conceal(960)
        error += float(np.sum((guess - reference) ** 2))
        level += float(np.sum(reference**2))
    return error / level


def test_a_lost_packet_comes_back_by_fec() -> None:
    """Our encoder sends FEC copies, and what they rebuild is nearer to the original than concealment."""
    encoder = Encoder()
    voice = gliding_voice(48_000)
    coded = [encoder.encode(voice[at : at + 960]) for at in range(0, len(voice), 960)]
    assert error_of_lost_packets(coded, by_fec=True) < 0.5 * error_of_lost_packets(coded, by_fec=False)


def test_an_encoder_changes_its_ways_while_it_sounds() -> None:
    """As for one voice (configurations below 16 of RFC 6716, 3.1, which can carry FEC) or a crowd, without a hole."""
    encoder, decoder, at = Encoder(), Decoder(), 0
    for effort, transform in (
        (Effort.USUAL, False),
        (Effort.CROWD, True),
        (Effort.LITTLE, False),
        (Effort.CROWD, True),
    ):
        encoder.spend(effort)
        coded = [encoder.encode(sine(440, 960, at=at + 960 * number)) for number in range(12)]
        at += 12 * 960
        assert (coded[-1][0] >> 3 >= 16) is transform
        levels = [tone_dbfs(decoder.decode(packet), 440) for packet in coded]
        assert min(levels[2:]) > -15


def test_concealment_fades_out() -> None:
    """A decoder that is asked again and again for lost packets falls silent."""
    decoder = Decoder()
    for each in packets(440, 20):
        decoder.decode(each)
    levels = [float(np.abs(decoder.conceal(960)).max()) for _ in range(30)]
    assert levels[0] > 0.05
    assert levels[-1] < 0.01


def test_the_silent_packet_is_silent() -> None:
    decoder = Decoder()
    for each in packets(440, 20):
        decoder.decode(each)
    sound = [decoder.decode(SILENT_PACKET) for _ in range(10)]
    assert packet_samples(SILENT_PACKET) == len(sound[-1]) == 960
    assert np.abs(sound[-1]).max() < 1e-4


@pytest.mark.parametrize(
    ("payload", "samples"),
    [
        (b"", 0),
        (bytes([0 << 3]), 480),
        (bytes([3 << 3]), 2880),
        (bytes([12 << 3]), 480),
        (bytes([16 << 3]), 120),
        (bytes([31 << 3]), 960),
        (bytes([(31 << 3) | 1]), 1920),
        (bytes([(31 << 3) | 3, 3]), 2880),
        (bytes([(31 << 3) | 3]), 0),
        (bytes([(3 << 3) | 3, 3]), 0),
    ],
)
def test_durations(payload: bytes, samples: int) -> None:
    """Table 2 and section 3.2 of RFC 6716; more than 120 ms is no packet."""
    assert packet_samples(payload) == samples


@given(st.binary(max_size=200))
def test_garbage_is_no_sound(payload: bytes) -> None:
    """Any bytes: sound of at most 120 ms, or None; never a crash."""
    sound = Decoder().decode(payload)
    assert sound is None or 0 < len(sound) <= opus.MAX_SAMPLES


def test_blocks_have_one_length() -> None:
    with pytest.raises(ValueError, match="960"):
        Encoder().encode(np.zeros(100, np.float32))


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libopus the stage refuses to start, with a sentence."""
    opus.library.cache_clear()
    monkeypatch.setattr(opus.av, "__file__", "/nowhere/av/__init__.py")
    monkeypatch.setattr(opus.ctypes.util, "find_library", lambda _: None)
    try:
        with pytest.raises(CodecMissing, match="no libopus") as caught:
            opus.library()
        assert "make setup" in caught.value.user_message
    finally:
        monkeypatch.undo()
        opus.library.cache_clear()
        assert opus.library()
