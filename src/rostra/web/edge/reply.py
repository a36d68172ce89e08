"""Answers as bytes, made once and sent many times."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from rostra.platform.errors import RostraError, problem

PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
SEGMENT_TYPE: Final = "audio/mp4"
JSON_TYPE: Final = "application/json"
PROBLEM_TYPE: Final = "application/problem+json"
FOREVER: Final = "public, max-age=1209600, immutable"
_CORS: Final = "access-control-allow-origin: *\r\naccess-control-expose-headers: Age, Date, Retry-After\r\n"
_MAX_RANGE_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Reply:
    """head: status line and fields, each with CRLF, without `Date`, `Connection` and the empty line."""

    head: bytes
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """The same answer for those who take gzip and those who do not."""

    plain: Reply
    gzipped: Reply

    def of(self, *, gzip: bool) -> Reply:
        return self.gzipped if gzip else self.plain


def reply(
    status: HTTPStatus,
    body: bytes = b"",
    *,
    kind: str = "",
    cache: str,
    fields: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    cors: bool = True,
) -> Reply:
    """kind: media type; cache: the value of Cache-Control; fields: further header fields; cors: scripts of every site
    may read it, without cookies."""
    lines = [f"HTTP/1.1 {status.value} {status.phrase}\r\n"]
    if kind:
        lines.append(f"content-type: {kind}\r\n")
    if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        lines.append(f"content-length: {len(body)}\r\n")
    lines.append(f"cache-control: {cache}\r\n{_CORS if cors else ''}")
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    lines.extend(f"{name}: {value}\r\n" for name, value in pairs)
    return Reply("".join(lines).encode("latin-1"), body)


def media(body: bytes) -> Reply:
    """An init segment, a part or a segment: the bytes of this address never change."""
    return reply(HTTPStatus.OK, body, kind=SEGMENT_TYPE, cache=FOREVER)


def playlist(plain: bytes, gzipped: bytes, *, cache: str) -> Negotiated:
    vary = {"vary": "accept-encoding"}
    packed = {"content-encoding": "gzip"} | vary
    return Negotiated(
        reply(HTTPStatus.OK, plain, kind=PLAYLIST_TYPE, cache=cache, fields=vary),
        reply(HTTPStatus.OK, gzipped, kind=PLAYLIST_TYPE, cache=cache, fields=packed),
    )


def failure(error: RostraError, *, cache: str = "public, max-age=1", fields: Mapping[str, str] | None = None) -> Reply:
    """The problem document of an expected failure (RFC 9457)."""
    more = dict(fields or {})
    if error.retry_after_s is not None:
        more["retry-after"] = str(error.retry_after_s)
    return reply(error.status, json.dumps(problem(error)).encode(), kind=PROBLEM_TYPE, cache=cache, fields=more)


def ranged(whole: Reply, wanted: bytes) -> Reply:
    """The part of an answer that a `Range` field asks for (RFC 9110, 14): one range of bytes, or the whole."""
    size = len(whole.body)
    span = _span(wanted, size)
    if span is None:
        return whole
    start, end = span
    if start >= size or end < start:
        return reply(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, cache="no-store", fields={"content-range": f"bytes */{size}"}
        )
    return reply(
        HTTPStatus.PARTIAL_CONTENT,
        whole.body[start : end + 1],
        kind=SEGMENT_TYPE,
        cache=FOREVER,
        fields={"content-range": f"bytes {start}-{end}/{size}"},
    )


def _span(wanted: bytes, size: int) -> tuple[int, int] | None:
    """First and last byte, or None for what is to be ignored: another unit, several ranges, nonsense."""
    unit, _, text = wanted.partition(b"=")
    first, dash, last = text.strip().partition(b"-")
    numbers = (first + last).isdigit() and len(first) <= _MAX_RANGE_DIGITS and len(last) <= _MAX_RANGE_DIGITS
    if unit.strip().lower() != b"bytes" or not dash or not numbers:
        return None
    if not first:
        return (size if int(last) == 0 else max(0, size - int(last))), size - 1
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < int(first):
        return None
    return int(first), max(end, 0)
