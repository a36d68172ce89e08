"""The file store: content-addressed, so a name is never reused and a file never changes."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from rostra.platform.errors import NotFound, RostraError

_KEY: Final = re.compile(r"^[0-9a-f]{2}/[0-9a-f]{62}\.[a-z0-9]{1,8}$")
_CHUNK_BYTES: Final = 1 << 20


class StorageFull(RostraError):
    status, code = HTTPStatus.INSUFFICIENT_STORAGE, "storage_full"
    user_message = "The disk is full. Free some space on the server, then try again; nothing was lost."


class StorageUnwritable(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "storage_unwritable"
    user_message = "Rostra cannot write to its data folder. Check the folder's owner and permissions."


@contextmanager
def storage_errors() -> Iterator[None]:
    """What the disk refuses, in our words. Raises StorageFull, StorageUnwritable."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(str(error)) from error
        raise StorageUnwritable(str(error)) from error


class FileStore:
    """Files under `root`, named by the SHA-256 of their content plus a suffix: "ab/cdef….m4a".

    A file appears whole or not at all: it is written beside its place, synced, then renamed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    async def put_bytes(self, data: bytes, suffix: str) -> str:
        """Store `data`; its key. suffix: without dot, e.g. "jpg". Raises StorageFull, StorageUnwritable."""
        return await asyncio.to_thread(self._put_bytes, data, suffix)

    async def put_several(self, contents: Sequence[bytes], suffix: str) -> list[str]:
        """The same for several, on one thread."""
        return await asyncio.to_thread(lambda: [self._put_bytes(each, suffix) for each in contents])

    async def adopt(self, path: Path, suffix: str) -> str:
        """Move a finished file in; its key. The file must not change any more."""
        return await asyncio.to_thread(self._adopt, path, suffix)

    def path(self, key: str) -> Path:
        """Where the file is. Raises NotFound for an unknown key and for anything that is no key."""
        if not _KEY.match(key) or not (found := self.root / key).is_file():
            raise NotFound(f"no file {key!r}")
        return found

    async def delete(self, key: str) -> None:
        """Remove a file; deleting what is gone is no error. Raises StorageUnwritable."""
        if _KEY.match(key):
            with storage_errors():
                await asyncio.to_thread((self.root / key).unlink, missing_ok=True)

    def free_bytes(self) -> int:
        """Free space on the store's disk."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def _put_bytes(self, data: bytes, suffix: str) -> str:
        key = _key(hashlib.sha256(data).hexdigest(), suffix)
        place = self.root / key
        if not place.exists():
            with storage_errors():
                place.parent.mkdir(parents=True, exist_ok=True)
                beside = place.with_name(place.name + ".new")
                with beside.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(place)
        return key

    def _adopt(self, path: Path, suffix: str) -> str:
        digest = hashlib.sha256()
        with storage_errors():
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                os.fsync(file.fileno())
            key = _key(digest.hexdigest(), suffix)
            place = self.root / key
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
        return key


def _key(digest: str, suffix: str) -> str:
    return f"{digest[:2]}/{digest[2:]}.{suffix}"
