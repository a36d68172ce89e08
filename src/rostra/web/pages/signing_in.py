"""Signing in and out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.sign_in import sign_in, sign_out
from rostra.network.accounts import LinkSpent
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.sessions import (
    CSRF_FIELD,
    check_csrf,
    check_origin,
    client_address,
    no_cookie,
    session_cookie,
    signed_in,
)
from rostra.web.pages.views.frame import SignInPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/sign-in")
async def how_to_sign_in(site: TheSite) -> Response[bytes]:
    text = "A sign-in link is printed when Rostra starts. For a new one, run `rostra sign-in` on the server."
    page = SignInPage(reason="needed", text=text)
    return answers.private(site.renderer.html(page, public_frame(site, "/sign-in")))


@get("/sign-in/{token:str}")
async def open_link(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    """Spends the link and opens a session. A browser that only fetches ahead spends nothing."""
    site.limits.sign_in.take(client_address(request))
    if "prefetch" in request.headers.get("sec-purpose", "") or request.headers.get("purpose") == "prefetch":
        return answers.private(b"", status_code=204)
    try:
        secret = await sign_in(site.house, token)
    except LinkSpent as error:
        if await signed_in(request, site) is not None:  # the same person, coming back through the history
            return answers.see_other("/broadcasts")
        page = SignInPage(reason="used", text=error.user_message)
        return answers.private(site.renderer.html(page, public_frame(site, "/sign-in")), status_code=error.status)
    answer = answers.see_other("/broadcasts")
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
    page = SignInPage(reason="signed_out", text="You are signed out.")
    answer = answers.private(site.renderer.html(page, public_frame(site, "/sign-in")))
    answer.set_cookie(no_cookie(site))
    return answer


handlers = [how_to_sign_in, open_link, leave]
