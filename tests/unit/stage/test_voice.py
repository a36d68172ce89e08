"""A remote party's sound as blocks of 20 ms, whatever the packets are like."""

from __future__ import annotations

import av
import numpy as np
import pytest

from rostra.stage.opus import Encoder
from rostra.stage.voice import LOST_AFTER_S, SILENT_BLOCK, Voice
from tests.kit.tones import sine, tone_dbfs


def test_nobody_there_is_silence() -> None:
    """Not a single sample is decoded for a line that never sent."""
    assert Voice().block(10.0) is SILENT_BLOCK


def test_loss_is_hardly_heard() -> None:
    """Every tenth packet lost: the tone goes on in every block."""
    voice, encoder = Voice(), Encoder()
    blocks = []
    for number in range(150):
        payload = encoder.encode(sine(440, 960, at=number * 960))
        if number % 10 != 7:
            voice.hear(ssrc=1, sequence=number, timestamp=number * 960, payload=payload, now=number * 0.02)
        blocks.append(voice.block(number * 0.02))
    sound = np.concatenate(blocks[20:])
    assert min(tone_dbfs(sound[at : at + 4800], 440) for at in range(0, len(sound) - 4800, 4800)) > -16
    assert voice.playout.lost_pct(150 * 0.02) == pytest.approx(10, abs=2)


def test_a_microphone_that_is_off_costs_nothing() -> None:
    """After a second its silence is that of nobody, and the first packet of a word is heard in full."""
    voice, encoder = Voice(), Encoder()
    blocks = []
    for number in range(150):
        pcm = sine(440, 960, at=number * 960) if number < 20 or number >= 120 else SILENT_BLOCK
        payload = encoder.encode(pcm)
        voice.hear(ssrc=1, sequence=number, timestamp=number * 960, payload=payload, now=number * 0.02)
        blocks.append(voice.block(number * 0.02))
    assert all(block is SILENT_BLOCK for block in blocks[80:118])
    assert tone_dbfs(np.concatenate(blocks[8:18]), 440) > -15
    assert min(tone_dbfs(block, 440) for block in blocks[126:]) > -16


def test_a_voice_near_its_target_is_seldom_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packets come just after a block is due, so their sound waits a little longer than it need; without a pause and
    without a like place there is nothing to be done about that, and to look costs as much as to decode.
    """
    looks: list[float] = []
    monkeypatch.setattr("rostra.stage.voice.shorter", lambda _, *, likeness: looks.append(likeness))
    voice, encoder = Voice(), Encoder()
    for number in range(300):
        payload = encoder.encode(sine(440, 960, at=number * 960))
        voice.hear(ssrc=1, sequence=number, timestamp=number * 960, payload=payload, now=number * 0.02)
        voice.block(number * 0.02 + 0.017)
    assert looks == [0.9] * len(looks)
    assert 10 < len(looks) <= 20


@pytest.mark.parametrize("duration_ms", [10, 20, 40, 60])
def test_packets_of_any_duration(duration_ms: int) -> None:
    """Clients choose 10 to 60 ms; blocks are 20 ms all the same."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48_000, "mono", "s16"
    codec.options = {"frame_duration": str(duration_ms), "application": "audio"}
    samples = 48 * duration_ms
    voice = Voice()
    blocks, sent, now = [], 0, 0.0
    for tick in range(150):
        now = tick * 0.02
        while sent * duration_ms <= tick * 20:
            frame = av.AudioFrame.from_ndarray(
                (sine(440, samples, at=sent * samples) * 32767).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = 48_000, sent * samples
            for packet in codec.encode(frame):
                voice.hear(ssrc=1, sequence=sent, timestamp=sent * samples, payload=bytes(packet), now=now)
            sent += 1
        blocks.append(voice.block(now))
    assert {len(block) for block in blocks} == {960}
    assert tone_dbfs(np.concatenate(blocks[50:]), 440) > -15


def test_garbage_counts_as_lost_and_is_no_sound() -> None:
    voice = Voice()
    for number in range(20):
        voice.hear(ssrc=1, sequence=number, timestamp=number * 960, payload=b"", now=number * 0.02)
        assert np.abs(voice.block(number * 0.02)).max() == 0
    assert voice.heard_within(LOST_AFTER_S, 0.5)
    assert not voice.heard_within(LOST_AFTER_S, 5.0)
