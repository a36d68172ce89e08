"""A channel: files that come and go, playlists, the end."""

from __future__ import annotations

import gzip
import re

import pytest

from rostra.delivery.channel import Change, Channel
from rostra.media.clock import MediaClock
from rostra.media.fmp4 import read_fragments
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO
from tests.kit.clock import FakeClock


class Desk:
    """A channel, its clock, and the files that a server would hold."""

    def __init__(self, clock: FakeClock, *, window_s: float = 60) -> None:
        self.clock = clock
        self.media = MediaClock(clock.now_us())
        self.channel = Channel(self.media, AAC_STEREO, window_s=window_s, hold_back_s=1.536)
        self.files: dict[str, bytes] = {}
        self.apply(self.channel.opening())

    def apply(self, change: Change) -> Change:
        self.files |= change.added
        for name in change.removed:
            del self.files[name]
        return change

    def part(self, index: int) -> Change:
        frames = [b"%d.%d" % (index, frame) for frame in range(24)]
        return self.apply(self.channel.take(Part(index, frames), self.clock.monotonic(), self.clock.now_us()))

    def run(self, start: int, end: int) -> None:
        for index in range(start, end):
            self.clock.jump(seconds=self.media.part_s)
            self.part(index)

    def text(self) -> str:
        return self.channel.playlist(skip=False).plain.decode()


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock)


def test_a_part_becomes_a_file_with_its_decode_time(desk: Desk) -> None:
    desk.run(0, 3)
    [read] = read_fragments(desk.files["p2.m4s"])
    assert (read.decode_time, len(read.frames)) == (2 * 24_576, 24)


def test_a_segment_is_the_bytes_of_its_parts(desk: Desk) -> None:
    desk.run(0, 8)
    assert desk.files["s0.m4s"] == b"".join(desk.files[f"p{part}.m4s"] for part in range(8))


def test_everything_in_the_playlist_can_be_fetched(desk: Desk) -> None:
    """In each state, while the window slides: every listed address has bytes."""
    for index in range(400):
        desk.run(index, index + 1)
        for name in re.findall(r'(?:URI="(p\d+\.m4s|init\.mp4)"|(s\d+\.m4s))', desk.text().replace("HINT", "#")):
            found = name[0] or name[1]
            assert found in desk.files or found == f"p{index + 1}.m4s"


def test_files_outlive_the_playlist_a_little_and_then_go(desk: Desk) -> None:
    """Parts for three target durations after they left it, segments for three segments; memory stays bounded."""
    desk.run(0, 500)
    listed = int(re.findall(r"s(\d+)\.m4s", desk.text())[0])
    assert f"s{listed - 3}.m4s" in desk.files
    assert f"s{listed - 5}.m4s" not in desk.files
    oldest_listed_part = int(re.findall(r'PART:.*URI="p(\d+)', desk.text())[0])
    assert f"p{oldest_listed_part - 23}.m4s" in desk.files
    assert len(desk.files) < 100


def test_the_playlist_is_written_once_for_a_state(desk: Desk) -> None:
    desk.run(0, 9)
    assert desk.channel.playlist(skip=False) is desk.channel.playlist(skip=False)
    text = desk.channel.playlist(skip=False)
    assert gzip.decompress(text.gzipped) == text.plain
    desk.run(9, 10)
    assert desk.channel.playlist(skip=False) is not text


def test_playable_from_the_first_whole_segment(desk: Desk) -> None:
    desk.run(0, 7)
    assert not desk.channel.playable
    desk.run(7, 8)
    assert desk.channel.playable


def test_silence_is_counted_and_sounds_like_a_part(desk: Desk, clock: FakeClock) -> None:
    desk.run(0, 1)
    clock.jump(seconds=1.2)
    desk.channel.tick(clock.monotonic(), clock.now_us())
    change = desk.apply(desk.channel.tick(clock.monotonic(), clock.now_us()))
    assert change.silent == 1
    assert read_fragments(change.added["p1.m4s"])[0].frames == [AAC_STEREO.silence] * 24
    assert len(change.chunks) == 1


def test_the_end_closes_the_open_segment(desk: Desk) -> None:
    desk.run(0, 11)
    change = desk.apply(desk.channel.end(11))
    assert change.ended
    assert desk.files["s1.m4s"] == b"".join(desk.files[f"p{part}.m4s"] for part in range(8, 11))
    assert desk.text().endswith("#EXT-X-ENDLIST\n")
    assert not desk.apply(desk.channel.end(11))


def test_a_broadcast_that_ends_at_once_is_playable(desk: Desk) -> None:
    desk.run(0, 2)
    desk.apply(desk.channel.end(2))
    assert desk.channel.playable
    assert "s0.m4s" in desk.text()
