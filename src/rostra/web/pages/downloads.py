"""Files of the store as answers: ranges, entity tags, a name to save them under."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from rostra.web.answers import etag_matches
from rostra.web.looking import differs
from rostra.web.pages.silencing import Places, version, with_silence

_CHUNK_BYTES: Final = 256 * 1024
_RANGE: Final = re.compile(r"^bytes=(\d*)-(\d*)$")
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def send_file(
    request: Request[Any, Any, Any],
    path: Path,
    key: str,
    media_type: str,
    *,
    caching: str,
    download_name: str | None = None,
    silent: Places = (),
) -> Response[Any]:
    """The file, whole or the one range that was asked for (RFC 9110, 14). The key is its entity tag.

    A list of ranges gets the whole file, which the RFC allows. Answers 206, 304 and 416 as due. silent: frames that go
    out without their sound.
    """
    size = path.stat().st_size
    key = version(silent) + key

    def read(first: int, end: int) -> AsyncIterator[bytes]:
        return _read(path, [(first, end)], silent)

    return _answer(request, size, key, read, media_type, caching=caching, download_name=download_name)


def send_pieces(
    request: Request[Any, Any, Any],
    head: bytes,
    path: Path,
    spans: Sequence[tuple[int, int]],
    key: str,
    media_type: str,
    *,
    caching: str,
    download_name: str,
    silent: Places = (),
) -> Response[Any]:
    """`head` and then spans of the file, (first byte, end), as if they were one file of that key.

    silent: frames of the file that go out without their sound.
    """
    key = version(silent) + key
    size = len(head) + sum(end - first for first, end in spans)

    async def read(first: int, end: int) -> AsyncIterator[bytes]:
        if first < len(head):
            yield head[first:end]
        inside = within(spans, first - len(head), end - len(head))
        async for chunk in _read(path, inside, silent):
            yield chunk

    return _answer(request, size, key, read, media_type, caching=caching, download_name=download_name)


def within(spans: Sequence[tuple[int, int]], first: int, end: int) -> list[tuple[int, int]]:
    """Where the bytes `first … end - 1` of spans that follow each other are in the file; negative ones are before."""
    found, at = [], 0
    for begins, ends in spans:
        low, high = max(first - at, 0), min(end - at, ends - begins)
        if low < high:
            found.append((begins + low, begins + high))
        at += ends - begins
    return found


def _answer(
    request: Request[Any, Any, Any],
    size: int,
    key: str,
    read: Callable[[int, int], AsyncIterator[bytes]],
    media_type: str,
    *,
    caching: str,
    download_name: str | None,
) -> Response[Any]:
    etag = f'"{key.replace("/", "").partition(".")[0][:32]}"'
    if differs():
        caching = "private, no-store"
    headers = {"Cache-Control": caching, "ETag": etag, "Accept-Ranges": "bytes"}
    if download_name is not None:
        headers["Content-Disposition"] = disposition(download_name)
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range", etag) != etag:
        wanted = None
    span = byte_range(wanted, size) if wanted is not None else (0, size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(b"", status_code=416, headers=headers, media_type=media_type)
    first, end = span
    headers["Content-Length"] = str(end - first)
    is_part = (first, end) != (0, size)
    if is_part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    return Stream(read(first, end), status_code=206 if is_part else 200, headers=headers, media_type=media_type)


def byte_range(wanted: str, size: int) -> tuple[int, int] | None:
    """(first, end) of a Range header, end excluded; the whole file for what may be ignored; None: not satisfiable."""
    if (match := _RANGE.match(wanted.strip())) is None or match.group(1) == match.group(2) == "":
        return 0, size
    first_text, last_text = match.groups()
    if not first_text:
        length = min(int(last_text), size)
        return (size - length, size) if length else None
    first = int(first_text)
    if last_text and int(last_text) < first:
        return 0, size
    end = min(int(last_text) + 1, size) if last_text else size
    return (first, end) if first < size else None


def disposition(name: str) -> str:
    """A Content-Disposition that names the file for old and new browsers (RFC 6266)."""
    name = " ".join(_UNFIT.sub(" ", name).split()) or "download"
    plain = re.sub(r" +", " ", name.encode("ascii", "ignore").decode()).strip(" .") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


async def _read(path: Path, spans: Sequence[tuple[int, int]], silent: Places) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        for first, end in spans:
            await asyncio.to_thread(file.seek, first)
            left = end - first
            while left > 0 and (chunk := await asyncio.to_thread(file.read, min(_CHUNK_BYTES, left))):
                yield with_silence(chunk, end - left, silent) if silent else chunk
                left -= len(chunk)
