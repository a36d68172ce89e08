"""A new owner's first page: who they are, how they sign in, and what to do next."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.admit_people import check_is_owner
from rostra.flows.change_credentials import begin, is_new_owner
from rostra.flows.sign_up import SignUpRefused
from rostra.network.accounts import Account, AccountStore
from rostra.network.credentials import CredentialStore
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MIN
from rostra.platform.errors import Conflict, Invalid, NotFound
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_signed_in
from rostra.web.pages.views.membership import WelcomePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/welcome")
async def welcome(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The form for a new owner; afterwards, what comes next."""
    who = await require_signed_in(request, site)
    account, is_new, has_password = await _owner(site, who)
    return _show(site, who, account.handle, account.display_name, done=not is_new, has_password=has_password)


@post("/welcome")
async def choose(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    account, is_new, _ = await _owner(site, who)
    if not is_new:
        return answers.see_other("/welcome")
    handle, name = fields.get("handle", ""), fields.get("display_name", "")
    try:
        await begin(site.house, account, handle=handle, display_name=name, password=fields.get("password", ""))
    except SignUpRefused as error:
        return _show(site, who, handle, name, errors={each.field: each.text for each in error.faults})
    except (Invalid, Conflict) as error:
        field = error.field or "" if isinstance(error, Invalid) else "handle"
        return _show(site, who, handle, name, errors={field: error.user_message})
    return answers.see_other("/welcome")


async def _owner(site: Site, who: SignedIn) -> tuple[Account, bool, bool]:
    own_id = check_is_owner(who.viewer)
    async with site.house.database.reading() as session:
        account = await AccountStore(session).by_id(own_id)
        is_new = await is_new_owner(session, who.viewer)
        has_password = (await CredentialStore(session).of(own_id)).password_hash is not None
    if account is None:
        raise NotFound("the account is gone")
    return account, is_new, has_password


def _show(
    site: Site,
    who: SignedIn,
    handle: str,
    name: str,
    *,
    done: bool = False,
    has_password: bool = False,
    errors: dict[str, str] | None = None,
) -> Response[bytes]:
    page = WelcomePage(
        done=done,
        handle=handle,
        display_name=name,
        errors=errors or {},
        password_min=PASSWORD_LENGTH_MIN,
        has_password=has_password,
        has_mail=site.house.membership.has_mail,
    )
    html = site.renderer.html(page, private_frame(site, "/welcome", who))
    return answers.private(html, status_code=422 if errors else 200)


handlers = [welcome, choose]
