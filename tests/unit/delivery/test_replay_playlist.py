"""The playlist of a replay: ranges of one file, dates that jump with the cuts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import m3u8

from rostra.delivery.replay_playlist import replay_playlist
from rostra.media.jobs import StreamIndex

GOLDEN = Path(__file__).parents[2] / "golden"
INDEX = StreamIndex(init_bytes=600, segments=[(7000, 393_216), (6900, 393_216), (1200, 48_000)], bandwidth_bps=96_000)
BEGAN = datetime(2026, 11, 23, 20, tzinfo=UTC)


def test_segments_are_ranges_that_follow_each_other() -> None:
    text = replay_playlist(INDEX, "replay.mp4?v=1", None).decode()
    found = m3u8.loads(text)
    assert found.is_endlist
    assert (found.playlist_type, found.target_duration, found.version) == ("vod", 8, 6)
    assert (found.segment_map[0].uri, found.segment_map[0].byterange) == ("replay.mp4?v=1", "600@0")
    assert [segment.byterange for segment in found.segments] == ["7000@600", "6900@7600", "1200@14500"]
    assert [segment.duration for segment in found.segments] == [8.192, 8.192, 1.0]
    assert "PROGRAM-DATE-TIME" not in text


def test_a_replay_is_golden() -> None:
    """Its segments, and their dates behind a cut of four seconds."""
    text = replay_playlist(
        INDEX, "replay.mp4?v=0f3a", lambda at_ms: BEGAN + timedelta(milliseconds=at_ms + 4000 * (at_ms > 8000))
    )
    assert text == (GOLDEN / "replay.m3u8").read_bytes()


def test_no_segment_is_longer_than_the_target() -> None:
    """Rounded as the RFC rounds (4.4.3.1), also for a replay of half a second."""
    for samples in (24_000, 48_000, 72_000, 71_999, 393_216):
        index = StreamIndex(init_bytes=1, segments=[(10, samples)], bandwidth_bps=1)
        [segment] = (found := m3u8.loads(replay_playlist(index, "x", None).decode())).segments
        assert int(segment.duration + 0.5) <= found.target_duration


def test_each_segment_says_when_it_was_on_the_air() -> None:
    found = m3u8.loads(replay_playlist(INDEX, "x", lambda at_ms: BEGAN + timedelta(milliseconds=2 * at_ms)).decode())
    dates = [segment.program_date_time for segment in found.segments]
    assert dates == [BEGAN + timedelta(seconds=seconds) for seconds in (0, 16.384, 32.768)]
