"""How a ticket travels: a cookie for browsers, `Authorization` for apps, `?ticket=` for radios that can do neither.

It is no part of a media address that others are given: players ask for `?ticket=` once, where they enter, and caches
hold parts and playlists of everybody alike.
"""

from __future__ import annotations

import re
from typing import Final

from rostra.shield.admission import LIFETIME_S

PLAIN_COOKIE: Final = "rt"
SECURE_COOKIE: Final = "__Host-rt"
"""A name that browsers take only with Secure, Path=/ and without Domain (RFC 6265bis, 4.1.3.2)."""
_PLAIN: Final = re.compile(rb"(?:^|;)[ \t]*rt=([A-Za-z0-9_.-]*)")
_SECURE: Final = re.compile(rb"(?:^|;)[ \t]*__Host-rt=([A-Za-z0-9_.-]*)")
_QUERY: Final = re.compile(rb"(?:^|&)ticket=([A-Za-z0-9_.-]*)")


def set_cookie(ticket: str, *, secure: bool) -> str:
    """The value of `Set-Cookie`. secure: the edge is reached by https."""
    name, more = (SECURE_COOKIE, "; Secure") if secure else (PLAIN_COOKIE, "")
    return f"{name}={ticket}; Path=/; Max-Age={LIFETIME_S}; HttpOnly; SameSite=Lax{more}"


def in_secure_cookie(value: bytes) -> bytes:
    """The ticket among cookies (the value of `Cookie`) by the name that no other host can have set; else empty."""
    found = _SECURE.search(value)
    return found.group(1) if found is not None else b""


def in_plain_cookie(value: bytes) -> bytes:
    """The same by the name of http. An edge that is reached by https does not look at it."""
    found = _PLAIN.search(value)
    return found.group(1) if found is not None else b""


def in_authorization(value: bytes) -> bytes:
    """The ticket of `Bearer …`, empty when there is none."""
    scheme, _, rest = value.partition(b" ")
    return rest.strip() if scheme.lower() == b"bearer" else b""


def in_query(query: bytes) -> bytes:
    """The ticket of `ticket=…`, empty when there is none."""
    found = _QUERY.search(query)
    return found.group(1) if found is not None else b""
