"""The built files of the frontend. Their names carry a hash, so a browser keeps them for ever."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from rostra.platform.errors import NotFound
from rostra.web.answers import etag_matches
from rostra.web.rendering import STATIC_PATH

_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_WORTH_ZIPPING: Final = (".js", ".css", ".svg", ".json", ".map", ".txt")
_HASHED_FOLDER: Final = "assets/"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file in memory, with its gzip if that is smaller. All of them together are under a megabyte."""

    content: bytes
    zipped: bytes | None
    media_type: str
    caching: str
    etag: str


def read_static(folder: Path) -> dict[str, StaticFile]:
    """Every file under `folder` by its path relative to it; nothing when the frontend was not built."""
    return {
        path.relative_to(folder).as_posix(): _read(folder, path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def static_handler(folder: Path) -> HTTPRouteHandler:
    """Serves the files that were there when the process started; nothing outside `folder` can be named."""
    files = read_static(folder)

    @get(STATIC_PATH + "/{name:path}", name="static")
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        if (file := files.get(name.lstrip("/"))) is None:
            raise NotFound(f"no static file {name!r}")
        headers = {"Cache-Control": file.caching, "ETag": file.etag, "Vary": "Accept-Encoding"}
        if etag_matches(request.headers.get("if-none-match"), file.etag):
            return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
        if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.zipped, headers=headers, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)

    return static


def _read(folder: Path, path: Path) -> StaticFile:
    content = path.read_bytes()
    zipped = gzip.compress(content, 9, mtime=0) if path.suffix in _WORTH_ZIPPING else None
    is_hashed = path.relative_to(folder).as_posix().startswith(_HASHED_FOLDER)
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(
        content=content,
        zipped=zipped if zipped is not None and len(zipped) < len(content) else None,
        media_type=_TYPES.get(path.suffix, guessed),
        caching="public, max-age=31536000, immutable" if is_hashed else "public, max-age=300",
        etag=f'"{path.stat().st_mtime_ns:x}-{len(content):x}"',
    )
