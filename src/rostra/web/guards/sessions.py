"""Sessions: a cookie for the browser, a token against forged requests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from rostra.flows.notify import count_unread
from rostra.flows.sign_in import viewer_of
from rostra.network.accounts import Viewer
from rostra.network.accounts.accounts import SESSION_LIFETIME
from rostra.platform.errors import Forbidden, RostraError, Unauthorized
from rostra.platform.randomness import random_bits
from rostra.web.site import Site

CSRF_HEADER: Final = "x-rostra-csrf"
CSRF_FIELD: Final = "csrf"
SUSPENDED_PATH: Final = "/suspended"
OPEN_TO_SUSPENDED: Final = (SUSPENDED_PATH, "/settings/security", "/settings/data", "/statements")
"""Pages of members that somebody whose account is suspended may open, too."""
_CSRF_BYTES: Final = 18
AnyRequest = Request[Any, Any, Any]


class ForgedRequest(RostraError):
    """403: the request does not come from one of our pages, or from one that is too old."""

    status, code = HTTPStatus.FORBIDDEN, "csrf"
    user_message = "This page is too old or was opened from elsewhere. Reload it and try again."


class AccountSuspended(Forbidden):
    """It may read what everybody may, and why it is suspended, change how it signs in, and take its data along."""

    code = "account_suspended"
    title = "Your account is suspended"
    user_message = "Nothing was changed: a suspended account cannot do this. Sign in again to read the reason."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session. `secret` is the cookie's value.

    unread: how many of their notifications are new, for the head of a page; bounded, and 0 where nobody counted.
    """

    viewer: Viewer
    secret: str
    unread: int = 0

    @property
    def csrf(self) -> str:
        return csrf_token(self.secret)


def csrf_token(session_secret: str) -> str:
    """A token for one page of a session: bound to the session, kept nowhere, and of no use for finding the secret.

    It is masked anew each time, so that the length of a zipped page says nothing about it (BREACH).
    """
    mask = random_bits(_CSRF_BYTES * 8).to_bytes(_CSRF_BYTES, "big")
    return base64.urlsafe_b64encode(mask + _xor(mask, _csrf_digest(session_secret))).decode()


def is_csrf_token(given: str, session_secret: str) -> bool:
    """Whether `given` is a token of this session, under whatever mask. In constant time."""
    try:
        raw = base64.urlsafe_b64decode(given.encode())
    except (ValueError, binascii.Error):
        return False
    mask, masked = raw[:_CSRF_BYTES], raw[_CSRF_BYTES:]
    return len(raw) == 2 * _CSRF_BYTES and hmac.compare_digest(_xor(mask, masked), _csrf_digest(session_secret))


def _csrf_digest(session_secret: str) -> bytes:
    return hashlib.sha256(b"rostra csrf " + session_secret.encode()).digest()[:_CSRF_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def session_secret(request: AnyRequest, site: Site) -> str | None:
    """What the cookie says, whether it counts or not."""
    secret = request.cookies.get(site.cookie_name)
    return secret if secret and len(secret) <= 100 else None


async def signed_in(request: AnyRequest, site: Site) -> SignedIn | None:
    """Who asks, if the cookie counts."""
    if (secret := session_secret(request, site)) is None:
        return None
    viewer = await viewer_of(site.house, secret)
    return None if viewer is None else SignedIn(viewer, secret)


async def require_signed_in(request: AnyRequest, site: Site) -> SignedIn:
    """Raises Unauthorized, AccountSuspended."""
    if (who := await signed_in(request, site)) is None:
        raise Unauthorized("no session")
    if who.viewer.suspended and not request.url.path.startswith(OPEN_TO_SUSPENDED):
        raise AccountSuspended(f"account {who.viewer.account_id}")
    return who


async def require_reader(request: AnyRequest, site: Site) -> SignedIn:
    """For a page that is read: its head says how much is new. Raises Unauthorized."""
    who = await require_signed_in(request, site)
    return replace(who, unread=await count_unread(site.house, who.viewer))


async def require_own_page(request: AnyRequest, site: Site) -> SignedIn:
    """For every request of a script that changes something. Raises Unauthorized, ForgedRequest."""
    who = await require_signed_in(request, site)
    check_origin(request, site)
    check_csrf(who, request.headers.get(CSRF_HEADER))
    return who


def check_csrf(who: SignedIn, given: object) -> None:
    """Raises ForgedRequest unless `given` is the token of this session."""
    if not isinstance(given, str) or not is_csrf_token(given, who.secret):
        raise ForgedRequest("wrong or missing token")


def check_origin(request: AnyRequest, site: Site) -> None:
    """Raises ForgedRequest when the browser says that another site asked.

    Programs that are no browsers send neither header; the token still protects sessions then.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        if urlsplit(origin).netloc not in (site.host, request.headers.get("host", "")):
            raise ForgedRequest(f"origin {origin!r}")
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequest("sec-fetch-site")


def session_cookie(site: Site, secret: str) -> Cookie:
    return Cookie(
        key=site.cookie_name,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=site.is_secure,
        max_age=int(SESSION_LIFETIME.total_seconds()),
    )


def no_cookie(site: Site) -> Cookie:
    return Cookie(
        key=site.cookie_name, value="", path="/", httponly=True, samesite="lax", secure=site.is_secure, max_age=0
    )


async def own_form(request: AnyRequest, site: Site) -> tuple[SignedIn, dict[str, str]]:
    """A form that somebody signed in has sent from one of our pages. Raises Unauthorized, ForgedRequest."""
    who = await require_signed_in(request, site)
    check_origin(request, site)
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    check_csrf(who, fields.get(CSRF_FIELD))
    return who, fields


async def open_form(request: AnyRequest, site: Site) -> dict[str, str]:
    """A form of somebody who is not signed in: only its origin can be checked. Raises ForgedRequest."""
    check_origin(request, site)
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
