"""Answers with the right headers: pages for everybody, pages for one person, JSON, files."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from rostra.platform.wording import plain
from rostra.web.looking import differs

HTML: Final = "text/html"
JSON: Final = "application/json"
_ZIP_FROM_BYTES: Final = 1000
_json: Final = msgspec.json.Encoder(enc_hook=plain)


def public(
    request: Request[Any, Any, Any], content: bytes, media_type: str, *, max_age_s: int, stale_s: int = 0
) -> Response[bytes]:
    """An answer that any cache may keep, with an ETag; 304 when the asker has it already; gzip where it pays.

    No cache keeps what depends on the asker's country.

    The tag is weak, since it names the same content zipped and plain.
    """
    if differs():
        return private(content, media_type)
    digest = hashlib.sha256(content).digest()[:12]
    etag = f'W/"{base64.urlsafe_b64encode(digest).decode()}"'
    caching = f"public, max-age={max_age_s}" + (f", stale-while-revalidate={stale_s}" if stale_s else "")
    headers = {"Cache-Control": caching, "ETag": etag, "Vary": "Accept-Encoding"}
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    if len(content) >= _ZIP_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, 6, mtime=0)
    return Response(content, headers=headers, media_type=media_type)


def private(
    content: bytes, media_type: str = HTML, *, status_code: int = 200, zip_for: Request[Any, Any, Any] | None = None
) -> Response[bytes]:
    """An answer for one person, kept by nobody.

    zip_for: the request, where the page mirrors nothing that a stranger can choose: a zipped page that holds a
    secret beside a stranger's words betrays the secret by its length (BREACH).
    """
    headers = {"Cache-Control": "no-store"}
    if zip_for is not None and "gzip" in zip_for.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        content = gzip.compress(content, 6, mtime=0)
    return Response(content, status_code=status_code, headers=headers, media_type=media_type)


def encoded(value: object) -> bytes:
    """As JSON, sentences (`rostra.platform.wording`) as text."""
    return _json.encode(value)


def as_json(value: object, *, status_code: int = 200) -> Response[bytes]:
    return private(encoded(value), JSON, status_code=status_code)


def see_other(path: str) -> Redirect:
    """After a form: go there with GET, so that a reload does not send the form again."""
    return Redirect(path, status_code=303, headers={"Cache-Control": "no-store"})


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Whether a list of entity tags holds `etag`, by weak comparison (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
