"""Becoming a member: the sign-up form, an invitation's link, and the link that confirms an address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.sign_up import (
    SignedUp,
    SignUpRefused,
    SignUpWish,
    check_open,
    confirm,
    look_at_confirmation,
    needs_email,
    sign_up,
)
from rostra.network.credentials import Registration
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MIN
from rostra.platform.errors import RostraError
from rostra.platform.wording import _
from rostra.shield.limits import TooMany
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.browsers import browser_of
from rostra.web.guards.sessions import open_form, session_cookie
from rostra.web.pages.views.membership import ConfirmPage, MessagePage, SignUpForm, SignUpPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/sign-up")
async def form(site: TheSite) -> Response[bytes]:
    await check_open(site.house, None)
    return _show(site, None, SignUpForm())


@post("/sign-up")
async def send(request: AnyRequest, site: TheSite) -> Response[Any]:
    return await _take(request, site, None)


@get("/join/{token:str}")
async def invited_form(site: TheSite, token: FromPath[str]) -> Response[bytes]:
    await check_open(site.house, token)
    return _show(site, token, SignUpForm())


@post("/join/{token:str}")
async def invited(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    return await _take(request, site, token)


@get("/confirm/{token:str}")
async def confirm_form(site: TheSite, token: FromPath[str]) -> Response[bytes]:
    page = ConfirmPage(email=await look_at_confirmation(site.house, token), action_url=f"/confirm/{token}")
    return answers.private(site.renderer.html(page, public_frame(site, "/confirm")))


@post("/confirm/{token:str}")
async def confirm_address(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    await open_form(request, site)
    said = await confirm(site.house, token)
    if not said.is_in_force:
        text = _("The other address has to agree too, by the link in the letter that we sent there.")
        return _message(site, _("This address agrees"), text)
    if said.waits:
        text = _("Now an owner of this place decides about your sign-up. You get a letter when that has happened.")
        return _message(site, _("Your address is confirmed"), text)
    return answers.see_other("/sign-in?done=confirmed")


async def _take(request: AnyRequest, site: Site, token: str | None) -> Response[Any]:
    fields = await open_form(request, site)
    typed = SignUpForm(**{name: fields.get(name, "") for name in ("handle", "display_name", "email", "reason")})
    wish = SignUpWish(
        handle=typed.handle,
        display_name=typed.display_name,
        email=typed.email,
        reason=typed.reason,
        password=fields.get("password", ""),
        agreed=fields.get("agreed") == "yes",
        invitation=token,
    )
    browser = browser_of(request, site)
    try:
        made = await sign_up(site.house, site.limits.entry, wish, address=browser.address, where=browser.where)
    except SignUpRefused as error:
        return _show(site, token, typed, errors={each.field: each.text for each in error.faults}, error=error)
    except TooMany as error:
        return _show(site, token, typed, errors={"": error.user_message}, error=error)
    if made.session is None:
        return _what_is_missing(site, made)
    answer = answers.see_other("/settings/security?done=joined")
    answer.set_cookie(session_cookie(site, made.session))
    return answer


def _what_is_missing(site: Site, made: SignedUp) -> Response[bytes]:
    if made.waits_for_email:
        return _message(
            site,
            _("One more step: your address"),
            _("We sent a letter to the address that you gave. Open the link in it within three days."),
            _("No letter after a few minutes? Look among the unwanted ones, or ask the people who run this place."),
        )
    text = _("An owner of this place decides about your sign-up. Try to sign in tomorrow: then you will see.")
    return _message(site, _("Your sign-up is here"), text)


def _show(
    site: Site,
    token: str | None,
    form: SignUpForm,
    *,
    errors: dict[str, str] | None = None,
    error: RostraError | None = None,
) -> Response[bytes]:
    membership = site.house.membership
    page = SignUpPage(
        action_url="/sign-up" if token is None else f"/join/{token}",
        form=form,
        errors=errors or {},
        email="must" if needs_email(site.house, token is not None) else "may",
        waits=membership.registration is Registration.APPROVAL and token is None,
        invited=token is not None,
        rules_url=membership.rules_url,
        domain=site.host,
        password_min=PASSWORD_LENGTH_MIN,
    )
    html = site.renderer.html(page, public_frame(site, "/sign-up"))
    return answers.private(html, status_code=error.status if error else 200)


def _message(site: Site, title: str, *paragraphs: str) -> Response[bytes]:
    page = MessagePage(title=title, paragraphs=paragraphs, links=((_("To the home page"), "/"),))
    return answers.private(site.renderer.html(page, public_frame(site, "/sign-up")))


handlers = [form, send, invited_form, invited, confirm_form, confirm_address]
