"""ADTS and the fan-out of the progressive stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.framing import AdtsFramer, cut_adts
from rostra.delivery.progressive import BURST_PARTS, MAX_UNSENT_BYTES, Fanout
from rostra.media.renditions import AAC_STEREO


class Radio:
    """A listener that keeps what it gets; `slow` makes everything stay unsent."""

    def __init__(self, *, slow: bool = False) -> None:
        self.got = b""
        self.slow = slow
        self.dropped = self.finished = False

    def write(self, data: bytes) -> None:
        self.got += data

    def unsent_bytes(self) -> int:
        return len(self.got) if self.slow else 0

    def drop(self) -> None:
        self.dropped = True

    def finish(self) -> None:
        self.finished = True


def test_the_header_of_a_frame() -> None:
    """MPEG-4, no CRC, AAC-LC, 48 kHz, two channels, 13 bytes, variable rate."""
    assert AdtsFramer(AAC_STEREO).chunk(0, [AAC_STEREO.silence]).hex() == "fff14c8001bffc" + AAC_STEREO.silence.hex()


def test_a_frame_that_does_not_fit_is_refused() -> None:
    AdtsFramer(AAC_STEREO).chunk(0, [bytes(8184)])
    with pytest.raises(ValueError, match="8184"):
        AdtsFramer(AAC_STEREO).chunk(0, [bytes(8185)])


@given(st.lists(st.binary(max_size=500), max_size=30), st.integers(0, 600))
def test_frames_are_cut_wherever_the_network_cuts(frames: list[bytes], size: int) -> None:
    data = AdtsFramer(AAC_STEREO).chunk(0, frames)
    whole, rest = cut_adts(data[:size])
    more, end = cut_adts(rest + data[size:])
    assert [frame[7:] for frame in whole + more] == frames
    assert end == b""


@given(st.binary(max_size=100))
def test_what_is_no_adts_is_refused_or_waits(data: bytes) -> None:
    try:
        frames, rest = cut_adts(data)
    except ValueError:
        return
    assert b"".join(frames) + rest == data


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_listener_hears_every_part_once(before: int, after: int) -> None:
    """Whenever it joins: the burst, then pairs, without a gap or a repeat, to the very end."""
    fanout, radio = Fanout(), Radio()
    for index in range(before):
        fanout.push(b"<%d>" % index)
    radio.write(fanout.join(radio))
    for index in range(before, before + after):
        fanout.push(b"<%d>" % index)
    fanout.finish()
    heard = range(max(0, before - BURST_PARTS), before + after)
    assert radio.got == b"".join(b"<%d>" % index for index in heard)
    assert radio.finished


def test_a_slow_reader_is_dropped_and_the_others_hear_on() -> None:
    fanout, slow, quick = Fanout(), Radio(slow=True), Radio()
    for radio in (slow, quick):
        radio.write(fanout.join(radio))
    chunk = bytes(MAX_UNSENT_BYTES // 3)
    for _ in range(8):
        fanout.push(chunk)
    assert slow.dropped
    assert not quick.dropped
    assert len(quick.got) == 8 * len(chunk)
    assert (fanout.take_dropped(), fanout.take_dropped()) == (1, 0)
    assert len(fanout) == 1


def test_all_listeners_of_a_pair_get_the_same_object() -> None:
    """2,000 listeners cost the memory of one."""
    fanout = Fanout()
    got: list[int] = []

    class Counting(Radio):
        def write(self, data: bytes) -> None:
            got.append(id(data))

    for _ in range(3):
        fanout.join(Counting())
    fanout.push(b"a" * 100)
    fanout.push(b"b" * 100)
    assert len(got) == 3
    assert len(set(got)) == 1


def test_who_has_left_gets_nothing() -> None:
    fanout, radio = Fanout(), Radio()
    fanout.join(radio)
    fanout.leave(radio)
    fanout.leave(radio)
    fanout.push(b"a")
    fanout.push(b"b")
    assert radio.got == b""
