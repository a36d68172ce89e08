"""One clean track per speaker: aligned, lossless, and whole but for the half second that a kill takes."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from rostra.media.clock import BLOCK_SAMPLES
from rostra.media.held import Dump
from rostra.media.wire import Airing, Phase, Recorded
from rostra.platform.files import FileStore
from rostra.stage import tracks as module
from rostra.stage.dumped import dumps_path, remember_dump
from rostra.stage.recorder import Vault
from rostra.stage.recording_file import RecordingFile
from rostra.stage.tracks import CHUNK_BLOCKS, Tracks, finish_tracks
from tests.kit.clock import FakeClock
from tests.kit.tones import sine

AIRING = Airing(
    broadcast_id="1",
    slug="x",
    title="X",
    phase=Phase.ENDED,
    starts_us=0,
    anchor_us=0,
    live_us=600_000,
    ended_us=4_000_000,
)
"""On the air from part 1 to part 7: samples 24576 to 196608."""


class Bus:
    """Remembers what is announced."""

    def __init__(self) -> None:
        self.told: dict[str, Recorded] = {}

    async def publish_durable(self, subject: str, payload: bytes, *, message_id: str) -> None:
        self.told[message_id] = msgspec.json.decode(payload, type=Recorded)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "recordings", FileStore(tmp_path / "files"))


def said(block: int) -> np.ndarray:
    return sine(440.0, BLOCK_SAMPLES, at=block * BLOCK_SAMPLES)


def speak(tracks: Tracks, speaker_id: str, first: int, end: int) -> None:
    for block in range(first, end):
        tracks.take(speaker_id, block, said(block))


def heard(vault: Vault, recorded: Recorded) -> np.ndarray:
    with av.open(str(vault.files.path(recorded.file))) as file:
        assert file.streams.audio[0].codec_context.name == "flac"
        return np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])


def expected(*spans: tuple[int, int]) -> np.ndarray:
    """The track from part 1 on, with sound in these blocks of media time."""
    samples = np.zeros(8 * 24_576 + BLOCK_SAMPLES, np.int16)
    for first, end in spans:
        for block in range(first, end):
            stop = min(len(samples), (block + 1) * BLOCK_SAMPLES)
            samples[block * BLOCK_SAMPLES : stop] = (said(block) * 32767).astype(np.int16)[
                : stop - block * BLOCK_SAMPLES
            ]
    return samples[24_576 : 8 * 24_576]


async def test_each_speaker_has_a_track_as_long_as_the_programme(vault: Vault, clock: FakeClock) -> None:
    """Sample by sample what was said, at its place in media time, silence elsewhere; nothing is left behind."""
    tracks, bus = Tracks(clock, vault, "1", first_block=26), Bus()
    speak(tracks, "anna", 30, 60)
    speak(tracks, "anna", 90, 140)
    speak(tracks, "ben", 0, 205)
    await tracks.close()
    finished = await finish_tracks(bus, clock, vault, AIRING)
    assert [each.speaker_id for each in finished] == ["anna", "ben"]
    assert len(bus.told) == 2
    np.testing.assert_array_equal(heard(vault, finished[0]), expected((30, 60), (90, 140)))
    np.testing.assert_array_equal(heard(vault, finished[1]), expected((0, 205)))
    assert list(vault.folder.iterdir()) == []
    assert await finish_tracks(bus, clock, vault, AIRING) == []


async def test_a_kill_costs_half_a_second_at_most(vault: Vault, clock: FakeClock) -> None:
    """The first stage dies without a word with 14 blocks unwritten; the second begins its own file; one track."""
    first, bus = Tracks(clock, vault, "1", first_block=26), Bus()
    speak(first, "anna", 30, 89)
    assert await first._write()
    for file in first._files.values():
        file.close()  # as the kernel does
    second = Tracks(clock, vault, "1", first_block=95)
    speak(second, "anna", 96, 150)
    await second.close()
    [finished] = await finish_tracks(bus, clock, vault, AIRING)
    np.testing.assert_array_equal(heard(vault, finished), expected((30, 75), (96, 150)))
    assert CHUNK_BLOCKS > 89 - 75


async def test_a_full_disk_is_announced_and_survived(
    vault: Vault, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No space for a while: the state says so, the sound that waits in memory is written when there is space again."""
    tracks = Tracks(clock, vault, "1", first_block=0)
    append = RecordingFile.append

    def full(self: RecordingFile, part: object) -> None:
        raise module.RecordingFailed(f"{self.path}") from OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RecordingFile, "append", full)
    speak(tracks, "anna", 25, 75)
    assert not await tracks._write()
    assert tracks.error is not None
    assert "disk space" in tracks.error
    monkeypatch.setattr(RecordingFile, "append", append)
    assert await tracks._write()
    assert tracks.error is None
    await tracks.close()
    [finished] = await finish_tracks(Bus(), clock, vault, AIRING)
    np.testing.assert_array_equal(heard(vault, finished), expected((25, 75)))


async def test_a_nearly_full_disk_is_announced(vault: Vault, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below one GiB the state says how much is left."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 0, 300 << 20))
    tracks = Tracks(clock, vault, "1", first_block=0)
    await tracks._look()
    assert tracks.error is not None
    assert "300 MiB" in tracks.error


async def test_a_track_lies_where_listeners_hear_it_and_has_lost_what_was_dumped(
    vault: Vault, clock: FakeClock
) -> None:
    """With a delay the track is of the same words as the recording; a torn note of a dump was never confirmed."""
    airing = msgspec.structs.replace(AIRING, delay_s=5, live_us=5_720_000, ended_us=9_120_000)
    shift = airing.delay_parts * 24_576
    tracks = Tracks(clock, vault, "1", first_block=0)
    speak(tracks, "anna", 0, 300)
    await tracks.close()
    for _ in range(2):
        remember_dump(vault, "1", Dump(shift + 96_000, shift + 100_000, 0))
    with dumps_path(vault, "1").open("a") as file:
        file.write("120000 13")
    [finished] = await finish_tracks(Bus(), clock, vault, airing)
    whole = expected((0, 205))
    whole[96_000 - 960 - 24_576 : 100_000 + 960 - 24_576] = 0
    np.testing.assert_array_equal(heard(vault, finished), whole)
    assert list(vault.folder.iterdir()) == []
