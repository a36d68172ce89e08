"""What somebody reads whose account is suspended: that it is, why, and what they can still do."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.judge_account import why_held
from rostra.flows.permission import account_of
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SUSPENDED_PATH, require_signed_in
from rostra.web.pages.redressing import STATEMENTS
from rostra.web.pages.securing import moment
from rostra.web.pages.views.judging import SuspendedPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get(SUSPENDED_PATH)
async def suspended(request: AnyRequest, site: TheSite) -> Response[Any]:
    who = await require_signed_in(request, site)
    if not who.viewer.suspended:
        return answers.see_other("/home")
    async with site.house.database.reading() as session:
        why = await why_held(site.house, session, account_of(who.viewer))
    page = SuspendedPage(
        acct=f"@{who.viewer.handle}",
        since="" if why is None else moment(why.since),
        reason="" if why is None else why.reason,
        statement_url="" if why is None or why.decision_id is None else f"{STATEMENTS}/{why.decision_id}",
    )
    return answers.private(site.renderer.html(page, private_frame(site, SUSPENDED_PATH, who)))


handlers = [suspended]
