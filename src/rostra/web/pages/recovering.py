"""Getting back in without the password: by a letter, or, without mail, by asking the people who run the place."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.recover_account import ask_for_recovery, look_at_recovery, recover
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MIN
from rostra.platform.errors import Invalid
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.browsers import client_address
from rostra.web.guards.sessions import open_form
from rostra.web.pages.views.membership import RecoverPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/recover")
async def form(site: TheSite) -> Response[bytes]:
    return _show(site, RecoverPage(step="ask", has_mail=site.house.membership.has_mail))


@post("/recover")
async def ask(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The same answer, whoever was named."""
    fields = await open_form(request, site)
    if name := fields.get("name", "").strip():
        await ask_for_recovery(site.house, site.limits.entry, name, address=client_address(request))
    return _show(site, RecoverPage(step="sent", has_mail=site.house.membership.has_mail))


@get("/recover/{token:str}")
async def new_password_form(site: TheSite, token: FromPath[str]) -> Response[bytes]:
    await look_at_recovery(site.house, token)
    return _show(site, _choose(token))


@post("/recover/{token:str}")
async def new_password(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    fields = await open_form(request, site)
    try:
        await recover(site.house, token, fields.get("password", ""))
    except Invalid as error:
        return _show(site, _choose(token, error.user_message), status_code=error.status)
    return answers.see_other("/sign-in?done=recovered")


def _choose(token: str, error: str = "") -> RecoverPage:
    return RecoverPage(step="choose", action_url=f"/recover/{token}", error=error, password_min=PASSWORD_LENGTH_MIN)


def _show(site: Site, page: RecoverPage, *, status_code: int = 200) -> Response[bytes]:
    return answers.private(site.renderer.html(page, public_frame(site, "/recover")), status_code=status_code)


handlers = [form, ask, new_password_form, new_password]
