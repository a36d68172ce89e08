"""Signing in and out: by password and second factor, passkey, or a link that works once."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.prove_identity import Halfway, finish_sign_in, sign_in_with_passkey, sign_in_with_password
from rostra.flows.sign_in import sign_in, sign_out
from rostra.network.accounts import LinkSpent
from rostra.network.credentials import NotYet, PasskeyRefused, SecretSpent, WrongCode, WrongCredentials
from rostra.platform.errors import RostraError
from rostra.platform.wording import _
from rostra.shield.limits import TooMany
from rostra.web import answers
from rostra.web.entry import home_of, let_in, safe_next, sign_in_page
from rostra.web.framing import public_frame
from rostra.web.guards.browsers import browser_of, client_address
from rostra.web.guards.sessions import (
    CSRF_FIELD,
    check_csrf,
    check_origin,
    no_cookie,
    open_form,
    session_cookie,
    signed_in,
)
from rostra.web.pages.views.membership import SecondFactorPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_Answer = dict[str, Any]


@get("/sign-in")
async def sign_in_form(request: AnyRequest, site: TheSite) -> Response[Any]:
    next_path = safe_next(request.query_params.get("next"))
    who = await signed_in(request, site)
    if who is not None and not who.viewer.is_guest:
        return answers.see_other(next_path or home_of(who.viewer))
    text = _TEXTS.get(request.query_params.get("done", ""), "")
    return _show(site, text=text, next_path=next_path)


@post("/sign-in")
async def with_password(request: AnyRequest, site: TheSite) -> Response[Any]:
    fields = await open_form(request, site)
    typed, next_path = fields.get("name", ""), fields.get("next", "")
    try:
        entry = await sign_in_with_password(
            site.house, site.limits.entry, typed, fields.get("password", ""), browser_of(request, site)
        )
    except (WrongCredentials, NotYet, TooMany) as error:
        return _show(site, typed=typed, error=error, next_path=next_path)
    if isinstance(entry, Halfway):
        return _show_second(site, entry.secret, next_path)
    return let_in(site, entry, next_path)


@post("/sign-in/code")
async def with_code(request: AnyRequest, site: TheSite) -> Response[Any]:
    """The second factor. The secret of the first half travels in the form, not in the address."""
    fields = await open_form(request, site)
    secret, next_path = fields.get("secret", ""), fields.get("next", "")
    try:
        entry = await finish_sign_in(
            site.house, site.limits.entry, secret, fields.get("code", ""), browser_of(request, site)
        )
    except SecretSpent:
        text = _("That took longer than ten minutes. Type your password again.")
        return _show(site, text=text, next_path=next_path)
    except (WrongCode, TooMany) as error:
        return _show_second(site, secret, next_path, error=error)
    except NotYet as error:
        return _show(site, error=error, next_path=next_path)
    return let_in(site, entry, next_path)


@post("/sign-in/passkey")
async def with_passkey(request: AnyRequest, site: TheSite) -> Response[Any]:
    site.limits.sign_in.take(client_address(request))
    fields = await open_form(request, site)
    next_path = fields.get("next", "")
    try:
        answer = passkey_answer(fields)
        entry = await sign_in_with_passkey(site.house, answer, browser_of(request, site))
    except (PasskeyRefused, NotYet) as error:
        return _show(site, error=error, next_path=next_path)
    return let_in(site, entry, next_path)


@get("/sign-in/{token:str}")
async def open_link(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    """Spends the link and opens a session. A browser that only fetches ahead spends nothing."""
    site.limits.sign_in.take(client_address(request))
    if "prefetch" in request.headers.get("sec-purpose", "") or request.headers.get("purpose") == "prefetch":
        return answers.private(b"", status_code=204)
    who = await signed_in(request, site)
    try:
        secret = await sign_in(site.house, token, browser_of(request, site).where)
    except LinkSpent as error:
        if who is not None:  # the same person, coming back through the history
            return answers.see_other(home_of(who.viewer))
        page = sign_in_page(site, reason="used", text=error.user_message)
        return answers.private(site.renderer.html(page, public_frame(site, "/sign-in")), status_code=error.status)
    answer = answers.see_other("/sign-in")  # which knows where this person belongs
    answer.set_cookie(session_cookie(site, secret))
    return answer


@post("/sign-out", status_code=200)
async def leave(request: AnyRequest, site: TheSite) -> Response[Any]:
    """Ends the session here and on the server."""
    check_origin(request, site)
    who = await signed_in(request, site)
    if who is not None:
        check_csrf(who, (await request.form()).get(CSRF_FIELD))
        await sign_out(site.house, who.secret)
    page = sign_in_page(site, reason="signed_out", text=_("You are signed out."))
    answer = answers.private(site.renderer.html(page, public_frame(site, "/sign-in")))
    answer.set_cookie(no_cookie(site))
    return answer


def passkey_answer(fields: dict[str, str]) -> _Answer:
    """What the browser's script put into the form. Raises PasskeyRefused."""
    try:
        return msgspec.json.decode(fields.get("answer", ""), type=_Answer)
    except msgspec.DecodeError as error:
        raise PasskeyRefused("no answer in the form") from error


_TEXTS = {
    "recovered": _("Your new password counts from now on, and every session was ended. Sign in with it."),
    "confirmed": _("Your address is confirmed. Sign in with your handle and your password."),
}


def _show(
    site: Site, *, text: str = "", typed: str = "", error: RostraError | None = None, next_path: str = ""
) -> Response[bytes]:
    message = error.user_message if error is not None else ""
    page = sign_in_page(site, reason="asked", text=text, typed=typed, error=message, next_path=next_path)
    answer = answers.private(
        site.renderer.html(page, public_frame(site, "/sign-in")), status_code=error.status if error else 200
    )
    if error is not None and error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _show_second(site: Site, secret: str, next_path: str, *, error: RostraError | None = None) -> Response[bytes]:
    page = SecondFactorPage(secret=secret, next_path=safe_next(next_path), error=error.user_message if error else "")
    html = site.renderer.html(page, public_frame(site, "/sign-in"))
    return answers.private(html, status_code=error.status if error else 200)


handlers = [sign_in_form, with_password, with_code, with_passkey, open_link, leave]
