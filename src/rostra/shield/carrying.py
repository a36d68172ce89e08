"""How a ticket travels: a cookie for browsers, `Authorization` for apps, `?ticket=` for radios that can do neither.

It is no part of a media address that others are given: players ask for `?ticket=` once, where they enter, and caches
hold parts and playlists of everybody alike.
"""

from __future__ import annotations

import re
from typing import Final

from rostra.shield.admission import LIFETIME_S

PLAIN_COOKIE: Final = "rt"
SECURE_COOKIE: Final = "__Secure-rt"
"""A name that browsers take only with Secure, from https (RFC 6265bis, 4.1.3.1)."""
_PLAIN: Final = re.compile(rb"(?:^|;)[ \t]*rt=([A-Za-z0-9_.-]*)")
_SECURE: Final = re.compile(rb"(?:^|;)[ \t]*__Secure-rt=([A-Za-z0-9_.-]*)")
_QUERY: Final = re.compile(rb"(?:^|&)ticket=([A-Za-z0-9_.-]*)")


def set_cookies(ticket: str, broadcast_id: str, *, secure: bool) -> tuple[str, str]:
    """Two values of `Set-Cookie`, for the sound of this broadcast and for radio. secure: the edge is reached by https.

    Each broadcast has a cookie of its own by its path, so that another one in a second tab evicts no ticket. Radio has
    the ticket of the last one that was entered: its addresses have no folder, and radios that keep cookies are rare.
    """
    name, more = (SECURE_COOKIE, "; Secure") if secure else (PLAIN_COOKIE, "")
    rest = f"Max-Age={LIFETIME_S}; HttpOnly; SameSite=Lax{more}"
    return f"{name}={ticket}; Path=/live/{broadcast_id}; {rest}", f"{name}={ticket}; Path=/listen; {rest}"


def in_secure_cookie(value: bytes) -> bytes:
    """The ticket among cookies (the value of `Cookie`) by the name that only https can have set; else empty."""
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
