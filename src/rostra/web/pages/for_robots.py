"""Addresses that programs look for by convention: robots.txt (RFC 9309), and where a password is changed."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from rostra.web import answers
from rostra.web.pages import securing

AnyRequest = Request[Any, Any, Any]
ROBOTS: Final = b"""\
User-agent: *
Disallow: /api/
Disallow: /oauth/
Disallow: /settings
Disallow: /search
Disallow: /flag
Disallow: /i/
Disallow: /join/
Disallow: /reports/
"""
"""Pages of one person, questions that cost a search, and links that are secrets. Who does not want their own posts in
search engines says so on their profile, and their pages carry it.
"""
_FRESH_S: Final = 3600


@get("/robots.txt")
async def robots(request: AnyRequest) -> Response[bytes]:
    return answers.public(request, ROBOTS, "text/plain", max_age_s=_FRESH_S)


@get("/.well-known/change-password")
async def change_password() -> Response[Any]:
    """Where password managers send people (W3C, A Well-Known URL for Changing Passwords)."""
    return answers.see_other(f"{securing.PATH}#password")


handlers = [robots, change_password]
