"""People at the door: sign-ups that wait, invitations, links for members, letters that do not go out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows import admit_people as door
from rostra.network.accounts import AccountState, Role
from rostra.network.credentials.handles import tidy_handle
from rostra.platform.errors import Conflict, Forbidden, Invalid, RostraError
from rostra.platform.ids import AccountId, InvitationId
from rostra.platform.mail import Waiting
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages.securing import day, moment
from rostra.web.pages.views.membership import ApplicantView, HeldView, InvitationView, PeoplePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NOTICES = {
    "approved": _("Approved. The account can be used now."),
    "refused": _("Refused. The sign-up stays on record, and the account cannot be used."),
    "withdrawn": _("The invitation is withdrawn. Whoever came in by it stays."),
}


@get("/people")
async def people(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    return await _show(site, who, notice=_NOTICES.get(request.query_params.get("done", "")))


@post("/people/invitations")
async def invite(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who, fields = await own_form(request, site)
    try:
        secret = await door.invite(
            site.house,
            who.viewer,
            places=_number(fields, "places"),
            days=_number(fields, "days"),
            role=Role.ORGANISER if fields.get("role") == "organiser" else Role.MEMBER,
        )
    except Invalid as error:
        return await _show(site, who, error=error)
    return await _show(site, who, link=f"{site.url}/join/{secret}", link_words=_("The new invitation"))


@post("/people/invitations/withdraw")
async def withdraw(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    await door.withdraw_invitation(site.house, who.viewer, InvitationId(_number(fields, "invitation")))
    return answers.see_other("/people?done=withdrawn")


@post("/people/decisions")
async def decide(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    approve = fields.get("decision") == "approve"
    try:
        await door.decide(site.house, who.viewer, AccountId(_number(fields, "account")), approve=approve)
    except Conflict as error:
        return await _show(site, who, error=error)
    return answers.see_other(f"/people?done={'approved' if approve else 'refused'}")


@post("/people/links")
async def link(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who, fields = await own_form(request, site)
    handle = tidy_handle(fields.get("handle", ""))
    try:
        secret = await door.link_for(site.house, who.viewer, handle)
    except Invalid as error:
        return await _show(site, who, error=error)
    words = _("The sign-in link for @{handle}, good for 15 minutes", handle=handle)
    return await _show(site, who, link=f"{site.url}/sign-in/{secret}", link_words=words)


def _number(fields: dict[str, str], name: str) -> int:
    """Raises Invalid."""
    text = fields.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise Invalid(f"{name}: {text[:20]!r}", user_message="Give a whole number.", field=name)
    return int(text)


async def _show(
    site: Site,
    who: SignedIn,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    link: str = "",
    link_words: str = "",
) -> Response[bytes]:
    if who.viewer.is_guest:
        raise Forbidden("a guest", user_message="Owners and organisers may invite people. Ask one of them.")
    seen = await door.look_at_door(site.house, who.viewer)
    field = error.field or "" if isinstance(error, Invalid) else ""
    page = PeoplePage(
        is_owner=who.viewer.role is Role.OWNER,
        registration=site.house.membership.registration,
        waiting=tuple(
            ApplicantView(
                id=str(each.sign_up.account_id),
                handle=each.handle,
                name=each.display_name,
                reason=each.sign_up.reason,
                asked=moment(each.sign_up.agreed_at),
            )
            for each in seen.waiting
        ),
        invitations=tuple(
            InvitationView(id=str(each.id), role=each.role, places=each.places, expires=day(each.expires_at))
            for each in seen.invitations
        ),
        letters=letters_words(seen.letters, has_mail=site.house.membership.has_mail),
        held=tuple(
            HeldView(
                name=each.display_name or each.handle,
                acct=f"@{each.handle}",
                url=f"/people/@{each.handle}",
                suspended=each.state is AccountState.SUSPENDED,
            )
            for each in seen.held
        ),
        link=link,
        link_words=link_words,
        errors={} if error is None else {field: error.user_message},
    )
    html = site.renderer.html(page, private_frame(site, "/people", who, notice=notice))
    return answers.private(html, status_code=error.status if error is not None else 200)


def letters_words(waiting: Waiting | None, *, has_mail: bool) -> str:
    """What an owner should know about letters; empty when all is well."""
    if waiting is None or waiting.count == 0:
        return ""
    count = _("One letter waits") if waiting.count == 1 else _("{count} letters wait", count=waiting.count)
    since = _(", the oldest since {n1}", n1=moment(waiting.oldest_at)) if waiting.oldest_at is not None else ""
    if not has_mail:
        return _(
            "{count}{since}. No mail server is set (ROSTRA_SMTP_URL), so nothing goes out.", count=count, since=since
        )
    why = _(" The last answer: {problem}.", problem=waiting.problem) if waiting.problem else ""
    return _("{count}{since}.{why} Sending is tried again by itself.", count=count, since=since, why=why)


handlers = [people, invite, withdraw, decide, link]
