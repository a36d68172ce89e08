"""A clip as a file: exact to the sample, its frames those of the replay, readable by any player."""

from __future__ import annotations

import io
from pathlib import Path

import av
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.fmp4 import NotFragmentedMp4, frame_sizes, read_fragments
from rostra.media.jobs import Publish, StreamIndex
from rostra.media.m4a import m4a_head
from rostra.platform.files import FileStore
from rostra.stage.makers import make
from rostra.stage.workbench import Bench
from rostra.web.pages.clip_file import ClipFile, clip_file
from rostra.web.pages.downloads import within
from tests.kit.recordings import a_programme, heard, second
from tests.kit.tones import tone_dbfs

NAMES = {"title": "Früh & spät", "artist": "Ada", "album": ""}


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StreamIndex]:
    """18 seconds in three segments: 440 Hz, 880 Hz and 1320 Hz, six seconds each."""
    folder = tmp_path_factory.mktemp("replay")
    bench = Bench(FileStore(folder / "files"), folder, lambda _: None)
    source = bench.keep(a_programme(folder / "x.m4a", [440.0, 880.0, 1320.0], seconds=6))
    order = Publish(
        job_id="1", broadcast_id="2", sources=[source], mixed=False, cuts=[], chapters=[],
        title="", artist="", album="", date="",
    )  # fmt: skip
    made = make(order, bench)
    index = msgspec.json.decode(bench.files.path(made.index).read_bytes(), type=StreamIndex)
    return bench.files.path(made.stream), index


def written(path: Path, clip: ClipFile, target: Path) -> Path:
    whole = path.read_bytes()
    target.write_bytes(clip.head + b"".join(whole[first:end] for first, end in clip.spans))
    assert target.stat().st_size == clip.size_bytes
    return target


def test_a_clip_over_three_segments_begins_at_its_sample(replay: tuple[Path, StreamIndex], tmp_path: Path) -> None:
    path, index = replay
    file = written(path, clip_file(path, index, 5300, 16_700, NAMES), tmp_path / "clip.m4a")
    sound = heard(file)
    assert 0 <= len(sound) - 11_400 * 48 < 1024, "some players play the last frame to its end"
    assert tone_dbfs(second(sound, 0.1), 440.0) == pytest.approx(tone_dbfs(second(sound, 1.0), 880.0), abs=0.5)
    assert tone_dbfs(second(sound, 0.71), 440.0) < -50, "the tone changes where it does in the replay"
    assert tone_dbfs(second(sound, 10.8), 1320.0) > -20
    with av.open(str(file)) as container:
        assert container.metadata["title"] == "Früh & spät"
        assert container.metadata["artist"] == "Ada"
        assert "album" not in container.metadata
        assert container.duration == 11_400_000


def test_nothing_is_encoded_again(replay: tuple[Path, StreamIndex], tmp_path: Path) -> None:
    path, index = replay
    clip = clip_file(path, index, 7000, 9500, NAMES)
    frames = [frame for part in read_fragments(path.read_bytes()[index.init_bytes :]) for frame in part.frames]
    first = 7000 * 48 // 1024 - 1
    with av.open(io.BytesIO(written(path, clip, tmp_path / "clip.m4a").read_bytes())) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    assert packets == frames[first : first + len(packets)]


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "length_ms"), [(0, 1000, 1000), (17_000, 18_000, 1000), (0, 18_000, 18_000)]
)
def test_the_ends_of_a_replay_can_be_clipped(
    replay: tuple[Path, StreamIndex], tmp_path: Path, start_ms: int, end_ms: int, length_ms: int
) -> None:
    path, index = replay
    sound = heard(written(path, clip_file(path, index, start_ms, end_ms, NAMES), tmp_path / "clip.m4a"))
    assert 0 <= len(sound) - length_ms * 48 < 1024


def test_what_is_not_there_is_no_clip(replay: tuple[Path, StreamIndex]) -> None:
    path, index = replay
    with pytest.raises(ValueError, match=r"0 frames|nothing"):
        clip_file(path, index, 30_000, 31_000, NAMES)
    with pytest.raises(NotFragmentedMp4):
        frame_sizes(b"\0\0\0\x10mdat12345678")
    with pytest.raises(NotFragmentedMp4):
        m4a_head(b"", [10], skip_samples=0, heard_samples=1024, names={})


@given(
    st.binary(min_size=40, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 40)), max_size=5),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_a_range_of_spans_is_the_range_of_what_they_make(
    data: bytes, drawn: list[tuple[int, int]], first: int, end: int
) -> None:
    spans = [(low, high) for low, high in drawn if low <= high]
    whole = b"".join(data[low:high] for low, high in spans)
    assert b"".join(data[low:high] for low, high in within(spans, first, end)) == whole[first : max(first, end)]
    assert within(spans, -5, end) == within(spans, 0, end)
