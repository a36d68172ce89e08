"""A recording in the making: one append-only file that survives any crash up to its last whole part.

Layout: an 8-byte magic, then records of (part index, length, CRC-32 of the payload, payload), integers little
endian. The index is read off the record heads when the file is opened, and a torn tail is cut away, so there
is no second file that could disagree with it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from rostra.media.part import Part, decode_part, encode_part
from rostra.stage.errors import RecordingFailed, RecordingHeld

MAGIC: Final = b"ROSTRA1\n"
_HEAD: Final = struct.Struct("<III")
MAX_RECORD_BYTES: Final = 1 << 20
_PAGE_SLOTS: Final = 1024
SYNC_EVERY: Final = 20
"""Records between two fsyncs: a power cut costs at most about ten seconds."""


class _Places:
    """Where each record begins: eight bytes a record, since an evening with thirteen tracks has a third of a million.

    Pages of slots, so that an index far away costs one page. An offset is never 0: the magic is there.
    """

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def get(self, index: int) -> int:
        """The offset of the record's head, 0 when there is no such record."""
        page, slot = divmod(index, _PAGE_SLOTS)
        slots = self._pages.get(page)
        return 0 if slots is None else slots[slot]

    def set(self, index: int, offset: int) -> None:
        page, slot = divmod(index, _PAGE_SLOTS)
        if (slots := self._pages.get(page)) is None:
            slots = self._pages[page] = array("Q", bytes(8 * _PAGE_SLOTS))
        slots[slot] = offset


class RecordingFile:
    """Parts by index, in whatever order they come. Blocking; call it from a thread.

    Every method raises RecordingFailed when the disk refuses. One process at a time has the file: making it raises
    RecordingHeld while another does, so that a stage that was taken for dead cannot write over its successor's parts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places = _Places()
        self._unsynced = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._end = self._recover()
        except BlockingIOError as error:
            self._file.close()
            raise RecordingHeld(f"{path} is open in another stage") from error
        except OSError as error:
            raise RecordingFailed(f"{path}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, index: int) -> bool:
        return self._places.get(index) > 0

    @property
    def size_bytes(self) -> int:
        return self._end

    def _recover(self) -> int:
        """Read the heads; the offset behind the last whole record, where the file is cut."""
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            if size > len(MAGIC):
                raise RecordingFailed(f"{self.path} is no recording of Rostra")
            self._file.seek(0)
            self._file.truncate()
            self._file.write(MAGIC)
            self._file.flush()
            return len(MAGIC)
        end = len(MAGIC)
        while len(head := self._file.read(_HEAD.size)) == _HEAD.size:
            index, length, checksum = _HEAD.unpack(head)
            payload = self._file.read(length) if length <= MAX_RECORD_BYTES else b""
            if len(payload) != length or zlib.crc32(payload) != checksum:
                break
            self._places.set(index, end)
            end += _HEAD.size + length
        self._file.truncate(end)
        return end

    def append(self, part: Part) -> None:
        """Write a part unless it is there. A write that fails leaves the file as it was."""
        if part.index in self:
            return
        payload = encode_part(part)
        try:
            self._file.seek(self._end)
            self._file.write(_HEAD.pack(part.index, len(payload), zlib.crc32(payload)) + payload)
            self._file.flush()
            self._unsynced += 1
            if self._unsynced >= SYNC_EVERY:
                os.fsync(self._file.fileno())
                self._unsynced = 0
        except OSError as error:
            raise RecordingFailed(f"{self.path}: {error}") from error
        self._places.set(part.index, self._end)
        self._end += _HEAD.size + len(payload)

    def parts(self, first: int, end: int) -> Iterator[tuple[int, Part | None]]:
        """Each index of [first, end) with its part, or None where nobody had it."""
        for index in range(first, end):
            place = self._places.get(index)
            yield index, self._read(place) if place else None

    def _read(self, offset: int) -> Part | None:
        try:
            self._file.seek(offset)
            _, length, _ = _HEAD.unpack(self._file.read(_HEAD.size))
            return decode_part(self._file.read(length))
        except OSError as error:
            raise RecordingFailed(f"{self.path}: {error}") from error
        except (struct.error, msgspec.DecodeError):
            return None

    def close(self) -> None:
        """Sync and close. Safe to call twice."""
        if self._file.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RecordingFailed(f"{self.path}: {error}") from error
        finally:
            self._file.close()
