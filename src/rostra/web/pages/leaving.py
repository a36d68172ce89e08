"""Deleting one's account: what goes, what stays, and the proof that it is the holder who asks."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.change_credentials import ProofWanted, is_fresh
from rostra.flows.delete_account import BroadcastsToCome, OnlyOwner, delete_account, prove_again
from rostra.flows.permission import account_of
from rostra.network.credentials import CredentialStore, WrongCode
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.wording import _
from rostra.shield.limits import TooMany
from rostra.web import answers
from rostra.web.framing import private_frame, public_frame
from rostra.web.guards.sessions import SignedIn, no_cookie, own_form, require_signed_in
from rostra.web.pages.views.membership import LeavePage, MessagePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/settings/security/delete"
_EXPECTED: Final = (ProofWanted, WrongCode, Invalid, OnlyOwner, BroadcastsToCome, TooMany)


@get(PATH)
async def leave(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show(site, await require_signed_in(request, site))


@post(PATH, status_code=200)
async def delete(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who, fields = await own_form(request, site)
    try:
        account_id = await prove_again(
            site.house,
            site.limits.entry,
            who.viewer,
            password=fields.get("present", ""),
            code=fields.get("code", "").strip(),
        )
        await delete_account(site.house, account_id, typed_handle=fields.get("handle", ""))
    except _EXPECTED as error:
        return await _show(site, who, error=error, typed=fields.get("handle", ""))
    page = MessagePage(
        title=_("Your account is deleted"),
        paragraphs=(
            _("Nobody can read anything of it any more. Its posts, files and follows are being removed now."),
            _("@{handle} will not be given to anybody else. Thank you for having been here.", handle=who.viewer.handle),
        ),
        links=((_("To the home page"), "/"),),
    )
    answer = answers.private(site.renderer.html(page, public_frame(site, PATH)))
    answer.set_cookie(no_cookie(site))
    return answer


async def _show(site: Site, who: SignedIn, *, error: RostraError | None = None, typed: str = "") -> Response[bytes]:
    account_id = account_of(who.viewer)
    async with site.house.database.reading() as session:
        stored = await CredentialStore(session).of(account_id)
    has_something = stored.password_hash is not None or stored.has_totp
    page = LeavePage(
        handle=who.viewer.handle,
        typed=typed[:60],
        has_password=stored.password_hash is not None,
        has_totp=stored.has_totp,
        wants_new_sign_in=not has_something and not is_fresh(site.house, who.viewer),
        has_email=stored.email is not None,
        organises=who.viewer.role is not None and who.viewer.role.may_organise,
        error="" if error is None else error.user_message,
    )
    html = site.renderer.html(page, private_frame(site, PATH, who))
    return answers.private(html, status_code=200 if error is None else int(error.status))


handlers = [leave, delete]
