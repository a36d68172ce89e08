"""Letters about missed notifications: choosing them, and ending them with one click from the letter."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.permission import account_of
from rostra.flows.send_digests import NoAddress, account_of_token, choose_digest, unsubscribe_digest
from rostra.network.notifications import Every
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.sessions import own_form
from rostra.web.pages.views.membership import MessagePage, UnsubscribePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
SECURITY: Final = "/settings/security"
PATH: Final = "/unsubscribe"


@post(f"{SECURITY}/digest", status_code=200)
async def choose(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`every`: daily, weekly, or anything else for none."""
    who, fields = await own_form(request, site)
    wanted = fields.get("every", "")
    try:
        await choose_digest(site.house, account_of(who.viewer), Every(wanted) if wanted in set(Every) else None)
    except NoAddress:
        return answers.see_other(f"{SECURITY}?done=no_address#digest")
    return answers.see_other(f"{SECURITY}?done=digest")


@get(f"{PATH}/{{token:str}}")
async def ask(site: TheSite, token: FromPath[str]) -> Response[bytes]:
    """A link in a letter does nothing by itself: programs that look through mail open every one."""
    account_of_token(site.house, token)
    page = UnsubscribePage(action_url=f"{PATH}/{token}")
    return answers.private(site.renderer.html(page, public_frame(site, PATH)))


@post(f"{PATH}/{{token:str}}", status_code=200)
async def stop(site: TheSite, token: FromPath[str]) -> Response[bytes]:
    """The button of that page, and the one click of a mail program (RFC 8058): no cookie, no session, no question.

    Whoever has the letter can do this, and nothing else with it.
    """
    await unsubscribe_digest(site.house, token)
    page = MessagePage(
        title=_("No more of these letters"),
        paragraphs=(_("You get no more letters about what you missed. Letters about how you sign in still come."),),
        links=((_("To the home page"), "/"),),
    )
    return answers.private(site.renderer.html(page, public_frame(site, PATH)))


handlers = [choose, ask, stop]
