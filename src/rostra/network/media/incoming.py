"""A file on its way in: written to a folder of its own, counted while it comes, gone when its taker is done with it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from rostra.network.remaking.errors import Refused
from rostra.network.remaking.orders import MEGABYTE
from rostra.platform.files import StorageFull, storage_errors
from rostra.platform.randomness import token

FOLDER: Final = "incoming"
"""Below the file store's root, so that a finished file is moved in without a copy; no key of the store begins so."""
SPARE_BYTES: Final = 1 << 30
"""So much of the disk stays free of uploads: recordings come first."""


class TooLarge(Refused):
    """Fails closed, as soon as the limit is passed."""

    def __init__(self, log_text: str, most_bytes: int) -> None:
        super().__init__(log_text, user_message=f"It may have {_size(most_bytes)}. Make it smaller first.")


@asynccontextmanager
async def a_folder(root: Path) -> AsyncIterator[Path]:
    """A new folder below `root`, removed at the end with all that is in it. Raises StorageFull, StorageUnwritable."""
    place = root / FOLDER / token(12)
    with storage_errors():
        await asyncio.to_thread(place.mkdir, parents=True)
        free_bytes = (await asyncio.to_thread(shutil.disk_usage, place)).free
    try:
        if free_bytes < SPARE_BYTES:
            raise StorageFull(f"{free_bytes} bytes free, uploads leave {SPARE_BYTES}")
        yield place
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


class Upload:
    """A file that is being received. Not more than `most_bytes`, whatever was announced.

    kept_bytes: what comes after so many is counted and not kept; None for all of it.
    """

    def __init__(self, path: Path, most_bytes: int, kept_bytes: int | None = None) -> None:
        self.path = path
        self.size_bytes = 0
        self._most_bytes = most_bytes
        self._kept_bytes = most_bytes if kept_bytes is None else kept_bytes
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        with storage_errors():
            self._file = self.path.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> None:
        """Raises TooLarge, StorageFull, StorageUnwritable."""
        assert self._file is not None
        self.size_bytes += len(chunk)
        if self.size_bytes > self._most_bytes:
            raise TooLarge(f"more than {self._most_bytes} bytes", self._most_bytes)
        if self.size_bytes > self._kept_bytes:
            return
        with storage_errors():
            self._file.write(chunk)


def check_announced(size_bytes: int | None, most_bytes: int, *, beside_bytes: int) -> None:
    """Refuse a body by its Content-Length, before a byte of it is read. None: it was not announced. Raises TooLarge.

    beside_bytes: what a body may have beside the file.
    """
    if size_bytes is not None and size_bytes > most_bytes + beside_bytes:
        raise TooLarge(f"{size_bytes} bytes announced", most_bytes)


def left_behind(root: Path, *, before_us: int) -> list[Path]:
    """Folders of takers that were killed: those untouched since `before_us`, unix microseconds."""
    folder = root / FOLDER
    return [each for each in folder.iterdir() if each.stat().st_mtime_ns < before_us * 1000] if folder.is_dir() else []


def _size(size_bytes: int) -> str:
    return f"{size_bytes // MEGABYTE} MB" if size_bytes >= MEGABYTE else f"{size_bytes // 1000} kB"
