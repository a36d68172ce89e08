"""The head of an HTTP/1.1 request, read strictly (RFC 9112), for a server that only gives out bytes.

No method that it serves carries a body, so a request that announces one is answered and its connection closed:
there is nothing to disagree about with a proxy in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

from rostra.platform.errors import RostraError
from rostra.shield.admission import HEADER
from rostra.shield.carrying import in_authorization, in_plain_cookie, in_secure_cookie

MAX_HEAD_BYTES: Final = 8 * 1024
MOST_FIELDS: Final = 64
"""Browsers send about 20. With `MAX_HEAD_BYTES` it fails closed: 431, and the connection ends."""
_TOKEN: Final = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_KNOWN_HEADS: Final = 1024
_BEFORE: Final = (b" rt=", b";rt=", b":rt=", b"earer ")
_BEFORE_SECURE: Final = (b"__Secure-rt=", b"earer ")
_LETTERS: Final = re.compile(rb"[A-Za-z0-9_.-]*")


class BadRequest(RostraError):
    """400: not HTTP/1.1 as RFC 9112 wants it."""

    status, code = HTTPStatus.BAD_REQUEST, "bad_request"
    user_message = "The request could not be read. Try again with another program."


class HeadTooLarge(BadRequest):
    status, code = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large"
    user_message = "The request's header is too large. Clear the cookies of this site and try again."


class VersionUnknown(BadRequest):
    status, code = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "http_version"
    user_message = "Rostra's edge speaks HTTP/1.1. Put a proxy in front of it for other versions."


@dataclass(frozen=True, slots=True)
class Fields:
    """What the edge wants to know of a request's header fields.

    byte_range: the value of `Range`, None when there is none; plain: HTTP/1.1 and nothing special is asked; icy: titles
    between the bytes of a radio stream are wanted; forwarded: X-Forwarded-For, all of it; country: what a proxy says of
    where the request is from. ticket: what was found where tickets travel and is none of our form; one of our form is
    taken out of the head first (`without_ticket`), or no two listeners would send the same head. plain_ticket: the
    same, from the cookie of http. accept, origin, cookie: as they came.
    """

    plain: bool
    close: bool
    gzip: bool
    body: bool
    byte_range: bytes | None
    icy: bool = False
    forwarded: bytes = b""
    country: bytes = b""
    ticket: bytes = b""
    plain_ticket: bytes = b""
    accept: bytes = b""
    origin: bytes = b""
    cookie: bytes = b""


NO_FIELDS: Final = Fields(plain=True, close=False, gzip=False, body=False, byte_range=None)


class Head(NamedTuple):
    """A version and fields as they came, what they say, and the ticket that was among them; empty for none."""

    version: bytes
    lines: bytes
    fields: Fields
    ticket: bytes


NO_HEAD: Final = Head(b"", b"", NO_FIELDS, b"")


class HeadReader:
    """Reads heads and remembers what it read: a player sends the same fields with each of its requests.

    The memory is emptied when it holds `_KNOWN_HEADS` heads; each has at most `MAX_HEAD_BYTES`.
    """

    def __init__(self, country_header: str = "") -> None:
        """country_header: the field in which a proxy says the country; empty for none."""
        self._country_header = country_header.lower().encode("latin-1")
        self._known: dict[tuple[bytes, bytes], Fields] = {}

    def head(self, version: bytes, lines: bytes, *, secure: bool) -> Head:
        """secure: see `without_ticket`. Raises BadRequest."""
        bare, ticket = without_ticket(lines, secure=secure) if HEADER in lines else (lines, b"")
        return Head(version, lines, self.fields(version, bare), ticket)

    def fields(self, version: bytes, lines: bytes) -> Fields:
        """The fields in `lines`, each ended by CRLF. Raises BadRequest."""
        if (known := self._known.get((version, lines))) is not None:
            return known
        read = _read_fields(version, lines, self._country_header)
        if len(self._known) >= _KNOWN_HEADS:
            self._known.clear()
        self._known[version, lines] = read
        return read


def request_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Method, target and version of a request line. Raises BadRequest, VersionUnknown."""
    pieces = line.split(b" ")
    if len(pieces) != 3 or not pieces[0] or not pieces[1]:
        raise BadRequest(f"request line of {len(pieces)} pieces")
    method, target, version = pieces
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise VersionUnknown("version is not HTTP/1.x") if version.startswith(b"HTTP/") else BadRequest("no version")
    if not _TOKEN.issuperset(method) or not target.isascii() or min(target) <= 0x20 or 0x7F in target:
        raise BadRequest("method or target has characters that it may not have")
    return method, target, version


def origin_form(target: bytes) -> bytes:
    """The path and query of a target; takes the absolute form too (RFC 9112, 3.2.2). Raises BadRequest."""
    if target.startswith(b"/") or target == b"*":
        return target
    scheme, found, rest = target.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        raise BadRequest("target has no path")
    _, slash, path = rest.partition(b"/")
    return slash + path if slash else b"/"


def _read_fields(version: bytes, lines: bytes, country_header: bytes) -> Fields:
    values: dict[bytes, list[bytes]] = {}
    if lines.count(b"\r\n") > MOST_FIELDS:
        raise HeadTooLarge(f"more than {MOST_FIELDS} fields")
    for line in lines.split(b"\r\n")[:-1]:
        name, colon, value = line.partition(b":")
        if not colon or not name or not _TOKEN.issuperset(name) or b"\n" in value or b"\r" in value or b"\0" in value:
            raise BadRequest("a header field is malformed")
        values.setdefault(name.lower(), []).append(value.strip(b" \t"))
    hosts = values.get(b"host", [])
    if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
        raise BadRequest(f"{len(hosts)} Host fields")
    connection = {token.strip(b" \t").lower() for value in values.get(b"connection", []) for token in value.split(b",")}
    ranges = values.get(b"range", [])
    byte_range = ranges[0] if len(ranges) == 1 else None
    close = b"close" in connection or (version == b"HTTP/1.0" and b"keep-alive" not in connection)
    body = _has_body(values)
    return Fields(
        plain=version == b"HTTP/1.1" and not close and not body and byte_range is None,
        close=close,
        gzip=_accepts_gzip(values.get(b"accept-encoding", [])),
        body=body,
        byte_range=byte_range,
        icy=values.get(b"icy-metadata") == [b"1"],
        country=values.get(country_header, [b""])[-1],
        forwarded=b",".join(values.get(b"x-forwarded-for", [])),
        ticket=_first(in_authorization, values.get(b"authorization", []))
        or _first(in_secure_cookie, values.get(b"cookie", [])),
        plain_ticket=_first(in_plain_cookie, values.get(b"cookie", [])),
        accept=b",".join(values.get(b"accept", ())),
        origin=values.get(b"origin", [b""])[-1],
        cookie=b"; ".join(values.get(b"cookie", ())),
    )


def without_ticket(lines: bytes, *, secure: bool) -> tuple[bytes, bytes]:
    """The fields without the ticket that they carry, and the ticket; empty when there is none of our form.

    secure: the edge is reached by https, where only the cookie counts that no other host can have set.
    """
    start = lines.find(HEADER)
    if start < 0 or not lines.endswith(_BEFORE_SECURE if secure else _BEFORE, 0, start):
        return lines, b""
    found = _LETTERS.match(lines, start)
    end = start if found is None else found.end()
    return lines[:start] + lines[end:], lines[start:end]


def _first(found_in: Callable[[bytes], bytes], values: list[bytes]) -> bytes:
    return next(filter(None, map(found_in, values)), b"")


def _has_body(values: dict[bytes, list[bytes]]) -> bool:
    if b"transfer-encoding" in values:
        return True
    lengths = values.get(b"content-length", [])
    if any(not length.isdigit() for length in lengths):
        raise BadRequest("Content-Length is not a number")
    return any(length.strip(b"0") for length in lengths)


def _accepts_gzip(values: list[bytes]) -> bool:
    for value in values:
        for item in value.split(b","):
            coding, _, weight = item.partition(b";")
            if coding.strip(b" \t").lower() in (b"gzip", b"x-gzip"):
                return weight.replace(b" ", b"").lower() not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False
