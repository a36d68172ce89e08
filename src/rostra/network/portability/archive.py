"""A ZIP file that is written as its content comes, so that a large account takes disk and no memory."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from rostra.platform.files import storage_errors

_encoder: Final = msgspec.json.Encoder()
_CHUNK_BYTES: Final = 1 << 20


class Archive:
    """The archive at `path`, made anew; whole once its block has ended. What is inside is dated `made_at`.

    Raises StorageFull, StorageUnwritable.
    """

    def __init__(self, path: Path, *, made_at: datetime) -> None:
        self._path = path
        self._date = made_at.timetuple()[:6]
        self._zip: zipfile.ZipFile | None = None

    async def __aenter__(self) -> Self:
        with storage_errors():
            await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
            self._zip = await asyncio.to_thread(zipfile.ZipFile, self._path, "x", zipfile.ZIP_DEFLATED, True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._zip is not None
        with storage_errors():
            await asyncio.to_thread(self._zip.close)

    async def put(self, name: str, content: bytes) -> None:
        assert self._zip is not None
        with storage_errors():
            await asyncio.to_thread(self._zip.writestr, self._info(name), content, zipfile.ZIP_DEFLATED)

    async def put_json(self, name: str, document: Mapping[str, Any]) -> None:
        await self.put(name, _encoder.encode(document))

    async def put_collection(self, name: str, head: Mapping[str, Any], pages: AsyncIterator[Sequence[Any]]) -> int:
        """A document whose `orderedItems` come a page at a time; how many. `totalItems` stands at its end."""
        assert self._zip is not None
        count = 0
        with storage_errors():
            entry = self._zip.open(self._info(name), "w", force_zip64=True)
            try:
                opening = _encoder.encode(head).removesuffix(b"}")
                await asyncio.to_thread(entry.write, opening + b',"orderedItems":[')
                async for page in pages:
                    lines = b",\n".join(_encoder.encode(each) for each in page)
                    await asyncio.to_thread(entry.write, (b",\n" if count else b"") + lines)
                    count += len(page)
                await asyncio.to_thread(entry.write, b'],"totalItems":%d}' % count)
            finally:
                await asyncio.to_thread(entry.close)
        return count

    async def copy(self, name: str, source: Path) -> None:
        """A file as it is: pictures and films are compressed already."""
        assert self._zip is not None
        with storage_errors():
            await asyncio.to_thread(self._copy, name, source)

    def _copy(self, name: str, source: Path) -> None:
        assert self._zip is not None
        info = self._info(name)
        info.compress_type = zipfile.ZIP_STORED
        with source.open("rb") as file, self._zip.open(info, "w", force_zip64=True) as entry:
            shutil.copyfileobj(file, entry, _CHUNK_BYTES)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, date_time=self._date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info
