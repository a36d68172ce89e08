"""The way in, as every page that needs somebody signed in shows it, and where it leads afterwards."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Response

from rostra.flows.prove_identity import Entry
from rostra.network.accounts import Viewer
from rostra.network.credentials import Registration
from rostra.network.credentials import passkeys as keys
from rostra.web import answers
from rostra.web.frame import SignInPage
from rostra.web.guards.browsers import device_cookie
from rostra.web.guards.sessions import SUSPENDED_PATH, session_cookie
from rostra.web.site import Site

NEXT_LENGTH = 4000


def sign_in_page(
    site: Site,
    *,
    reason: Literal["asked", "needed", "used", "signed_out"],
    text: str = "",
    typed: str = "",
    error: str = "",
    next_path: str = "",
) -> SignInPage:
    """The sign-in page, with a fresh challenge for passkeys where browsers allow them."""
    house, relying = site.house, site.house.membership.relying
    passkey = None
    if relying is not None:
        challenge = keys.new_challenge(house.seal, keys.SIGN_IN, now=house.clock.now())
        passkey = keys.sign_in_options(challenge, relying)
    is_open = house.membership.registration in (Registration.OPEN, Registration.APPROVAL)
    return SignInPage(
        reason=reason,
        text=text,
        typed=typed,
        error=error,
        next_path=safe_next(next_path),
        passkey=passkey,
        sign_up_url="/sign-up" if is_open else None,
        has_mail=house.membership.has_mail,
    )


def let_in(site: Site, entry: Entry, next_path: str) -> Response[Any]:
    """On to where somebody was going, with the cookies of session and device."""
    answer = answers.see_other(safe_next(next_path) or "/sign-in")  # which knows where this person belongs
    answer.set_cookie(session_cookie(site, entry.session))
    answer.set_cookie(device_cookie(site, entry.device))
    return answer


def safe_next(path: str | None) -> str:
    """`path` if it is one of this site, else nothing: a sign-in must not end at somebody else's."""
    if not path or len(path) > NEXT_LENGTH or not path.startswith("/"):
        return ""
    if path.startswith(("//", "/\\")) or any(ord(sign) < 32 or sign in "\\\x7f" for sign in path):
        return ""
    return path


def home_of(viewer: Viewer) -> str:
    if viewer.suspended:
        return SUSPENDED_PATH
    return "/broadcasts" if viewer.role is not None and viewer.role.may_organise else "/settings/security"
