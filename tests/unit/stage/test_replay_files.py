"""The files of a replay: chapters and title inside, the same sound in both, joins that do not click."""

from __future__ import annotations

from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from rostra.media.fmp4 import read_fragments
from rostra.media.jobs import ChapterMark, Publish, StreamIndex
from rostra.media.renditions import AAC_STEREO
from rostra.platform.files import FileStore
from rostra.stage.makers import make
from rostra.stage.replay_sound import FADE_SAMPLES, encoded, mixed, silenced, without
from rostra.stage.workbench import Bench
from tests.kit.recordings import a_programme, a_track, heard, second
from tests.kit.tones import Sound, sine, tone_dbfs


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "making").mkdir()
    return Bench(FileStore(tmp_path / "files"), tmp_path / "making", lambda _: None)


def an_order(source: str, **changes: object) -> Publish:
    order = Publish(
        job_id="1",
        broadcast_id="2",
        sources=[source],
        mixed=False,
        cuts=[],
        chapters=[ChapterMark(0, 2500, "Früh & <spät>"), ChapterMark(2500, 4000, "2")],
        title="Ein Abend",
        artist="Ada",
        album="",
        date="2026-11-23",
    )
    return msgspec.structs.replace(order, **changes)


def blocks(sound: Sound) -> list[Sound]:
    return [sound[at : at + 960] for at in range(0, len(sound), 960)]


def test_the_file_says_what_it_is(bench: Bench, tmp_path: Path) -> None:
    made = make(an_order(bench.keep(a_programme(tmp_path / "x.m4a", [440.0, 880.0]))), bench)
    with av.open(str(bench.files.path(made.file))) as file:
        assert [(each["metadata"]["title"], float(each["start"] * each["time_base"])) for each in file.chapters()] == [
            ("Früh & <spät>", 0.0),
            ("2", 2.5),
        ]
        assert (file.metadata["title"], file.metadata["artist"], file.metadata["date"]) == (
            "Ein Abend",
            "Ada",
            "2026-11-23",
        )


def test_what_is_not_cut_is_not_encoded_again(bench: Bench, tmp_path: Path) -> None:
    """Byte for byte the frames of the recording, in both files, as long as they say."""
    source = a_programme(tmp_path / "x.m4a", [440.0, 880.0], seconds=5)
    with av.open(str(source)) as file:
        frames = [bytes(packet) for packet in file.demux(audio=0) if packet.size]
    made = make(an_order(bench.keep(source)), bench)
    index = msgspec.json.decode(bench.files.path(made.index).read_bytes(), type=StreamIndex)
    stream = bench.files.path(made.stream).read_bytes()
    assert len(stream) == index.init_bytes + sum(size for size, _ in index.segments)
    assert [frame for part in read_fragments(stream[index.init_bytes :]) for frame in part.frames] == frames
    assert made.duration_ms == len(frames) * 1024 * 1000 // 48_000
    assert made.size_bytes == bench.files.path(made.file).stat().st_size


def test_a_replay_of_half_a_second(bench: Bench, tmp_path: Path) -> None:
    """A broadcast that ended as it began has one part, and that is a replay, too."""
    sound = sine(440.0, 24_576)
    source = a_track(tmp_path / "x.flac", sound)
    made = make(an_order(bench.keep(source), mixed=True, chapters=[]), bench)
    assert made.duration_ms == pytest.approx(512, abs=22), "rounded up to a block and a frame"
    assert tone_dbfs(second(heard(bench.files.path(made.stream)), 0.1, 0.3), 440.0) > -20


def test_cuts_are_exact_to_the_sample() -> None:
    """What is behind a cut comes where the mapping says, whatever the blocks are."""
    sound = np.arange(1, 48_001, dtype=np.float32)
    kept = np.concatenate(list(without(blocks(sound), [(0, 100), (250, 500), (900, 5000)])))
    expected = np.concatenate([sound[4800:12_000], sound[24_000:43_200]])
    assert len(kept) == len(expected)
    touched = kept != expected
    assert touched.sum() == 4 * FADE_SAMPLES, "at the start, on both sides of the join, and at the end"
    assert not touched[FADE_SAMPLES : 7200 - FADE_SAMPLES].any()


def test_a_join_does_not_click() -> None:
    """Nowhere does the wave jump further than a sine of that height ever does."""
    sound = sine(200.0, 96_000, 0.5)
    kept = np.concatenate(list(without(blocks(sound), [(501, 1234)])))
    assert abs(np.diff(kept)).max() <= abs(np.diff(sound)).max() * 1.6


def test_the_first_sample_stays_where_it_is() -> None:
    """Encoder delay is taken out, so chapters and captions do not slide by a frame."""
    sound = np.zeros(48_000, np.float32)
    sound[24_000:] = sine(1000.0, 24_000, 0.5)
    codec = av.CodecContext.create("aac", "r")
    codec.extradata = AAC_STEREO.specific_config
    frames = [frame for each in encoded(blocks(sound), AAC_STEREO) for frame in codec.decode(av.packet.Packet(each))]
    back = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    begins = int(np.argmax(abs(back) > 0.1))
    assert begins == pytest.approx(24_000, abs=64)


def test_tracks_are_mixed_as_on_stage() -> None:
    """A quiet speaker is raised, two at full scale never clip, the shorter track ends in silence."""
    loud, quiet = sine(440.0, 20 * 48_000, 0.9), sine(1760.0, 10 * 48_000, 0.9)
    out = np.concatenate(list(mixed([blocks(loud), blocks(quiet)])))
    assert len(out) == 20 * 48_000
    assert abs(out).max() < 1
    assert tone_dbfs(second(out, 15), 1760.0) < -60


def test_what_was_dumped_stays_silent_in_every_track() -> None:
    """A speaker's own recording still holds it; what is published never does."""
    out = np.concatenate(list(silenced(blocks(sine(440.0, 48_000)), [(100, 305), (990, 2000)])))
    assert len(out) == 48_000
    assert not out[4800:14_640].any()
    assert not out[47_520:].any()
    assert tone_dbfs(out[14_640:47_520], 440.0) == pytest.approx(-12, abs=0.2)
