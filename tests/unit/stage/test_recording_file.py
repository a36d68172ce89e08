"""The recording in the making survives whatever happens to its tail."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.media.part import Part
from rostra.stage.errors import RecordingFailed, RecordingHeld
from rostra.stage.recording_file import RecordingFile


def part(index: int) -> Part:
    return Part(index, [b"%d-%d" % (index, frame) for frame in range(24)])


def whole(path: Path, end: int) -> list[Part | None]:
    with RecordingFile(path) as file:
        return [found for _, found in file.parts(0, end)]


def test_parts_come_back_in_order(tmp_path: Path) -> None:
    """Written in any order, some twice; read in order with holes where nothing was written."""
    path = tmp_path / "new" / "1.part"
    with RecordingFile(path) as file:
        for index in (3, 1, 1, 0):
            file.append(part(index))
        assert 3 in file
        assert 2 not in file
    assert whole(path, 5) == [part(0), part(1), None, part(3), None]


@settings(max_examples=40)
@given(cut=st.integers(0, 2000), garbage=st.binary(max_size=60))
def test_a_torn_tail_is_cut_away(tmp_path_factory: pytest.TempPathFactory, cut: int, garbage: bytes) -> None:
    """Cut anywhere, with anything behind it: every whole record before is kept, and writing goes on."""
    path = tmp_path_factory.mktemp("torn") / "1.part"
    ends = []
    with RecordingFile(path) as file:
        for index in range(5):
            file.append(part(index))
            ends.append(file.size_bytes)
    data = path.read_bytes()
    cut = min(max(cut, 8), len(data))
    path.write_bytes(data[:cut] + garbage)
    kept = sum(end <= cut for end in ends)
    with RecordingFile(path) as file:
        file.append(part(9))
    found = whole(path, 10)
    assert [each for each in found if each is not None][:kept] == [part(index) for index in range(kept)]
    assert found[9] == part(9)


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "1.part"
    path.write_bytes(b"something else altogether")
    with pytest.raises(RecordingFailed):
        RecordingFile(path)
    assert path.read_bytes() == b"something else altogether"


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingFailed) as caught:
        RecordingFile(tmp_path / "file" / "1.part")
    assert "disk space" in caught.value.user_message


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    """A failed write is reported, and the file stays readable."""
    path = tmp_path / "1.part"
    file = RecordingFile(path)
    file.append(part(0))
    file._file.close()
    file._file = open("/dev/full", "wb")  # noqa: SIM115, PTH123
    with pytest.raises(RecordingFailed):
        file.append(part(1))
    assert whole(path, 2) == [part(0), None]


def test_a_file_is_one_stages_at_a_time(tmp_path: Path) -> None:
    """A stage that was taken for dead has it open still: its successor waits, and goes on behind it."""
    path = tmp_path / "1.part"
    with RecordingFile(path) as file:
        file.append(part(0))
        with pytest.raises(RecordingHeld):
            RecordingFile(path)
    with RecordingFile(path) as file:
        file.append(part(1))
    assert whole(path, 2) == [part(0), part(1)]
