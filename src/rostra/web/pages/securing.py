"""One's own credentials: address, password, passkeys, codes of an app, sessions."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows import change_credentials as change
from rostra.flows.permission import account_of
from rostra.network.accounts import Account, AccountStore
from rostra.network.accounts.accounts import session_id
from rostra.network.credentials import CredentialStore, PasskeyRefused, WrongCode
from rostra.network.credentials.codes import qr_svg, totp_address
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MIN
from rostra.network.notifications import DigestStore
from rostra.platform.errors import Conflict, Invalid, NotFound, RostraError
from rostra.platform.randomness import fingerprint
from rostra.platform.wording import _
from rostra.shield.limits import TooMany
from rostra.web import answers, dates
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages.signing_in import passkey_answer
from rostra.web.pages.views.membership import PasskeyView, RecoveryCodesPage, SecurityPage, SessionView, TotpPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/settings/security"
_EXPECTED: Final = (change.ProofWanted, change.LastWayIn, Conflict, Invalid, PasskeyRefused, TooMany)
_NOTICES: Final = {
    "joined": _("Welcome. You are a member now. A passkey or codes of an app make your account safer."),
    "password": _("Your password was changed. Every other session was ended."),
    "email": _("We sent a letter to the new address. Open the link in it within three days."),
    "passkey": _("The passkey is added."),
    "removed": _("The passkey is removed. Delete it on your device too."),
    "totp_off": _("The second factor is off."),
    "digest": _("Your choice is kept."),
    "no_address": _("Confirm an e-mail address first; the letters have to go somewhere."),
    "ended": _("Done. Whoever used those sessions has to sign in again."),
}


@get(PATH)
async def security(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    return await _show(site, who, notice=_NOTICES.get(request.query_params.get("done", "")))


@post(f"{PATH}/password")
async def password(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        account_id = await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        await change.change_password(site.house, account_id, fields.get("password", ""), but=who.secret)
    except _EXPECTED as error:
        return await _show(site, who, at="password", error=error)
    return answers.see_other(f"{PATH}?done=password")


@post(f"{PATH}/email")
async def email(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        site.limits.entry.take_letter(f"account {who.viewer.account_id}", fields.get("email", "").strip().lower())
        await change.change_email(site.house, await _account(site, who), fields.get("email", ""))
    except _EXPECTED as error:
        return await _show(site, who, at="email", error=error)
    return answers.see_other(f"{PATH}?done=email")


@post(f"{PATH}/passkeys")
async def add_passkey(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        account_id = await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        await change.add_passkey(site.house, account_id, passkey_answer(fields), fields.get("passkey-name", ""))
    except _EXPECTED as error:
        return await _show(site, who, at="passkey", error=error)
    return answers.see_other(f"{PATH}?done=passkey")


@post(f"{PATH}/passkeys/remove")
async def remove_passkey(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        account_id = await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        await change.remove_passkey(site.house, account_id, fields.get("passkey", ""))
    except _EXPECTED as error:
        return await _show(site, who, at="passkey", error=error)
    return answers.see_other(f"{PATH}?done=removed")


@post(f"{PATH}/totp")
async def offer_totp(request: AnyRequest, site: TheSite) -> Response[Any]:
    """The picture for the app, once the person has proved who they are; a code switches it on."""
    who, fields = await own_form(request, site)
    try:
        await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        return await _show_totp(site, who)
    except _EXPECTED as error:
        return await _show(site, who, at="totp", error=error)


@post(f"{PATH}/totp/on")
async def switch_totp_on(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    account_id = account_of(who.viewer)
    try:
        site.limits.entry.code.take(str(account_id))
        codes = await change.switch_totp_on(site.house, account_id, fields.get("code", ""))
    except (WrongCode, TooMany) as error:
        return await _show_totp(site, who, error=error)
    return _show_codes(site, who, codes)


@post(f"{PATH}/totp/off")
async def switch_totp_off(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        account_id = await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        await change.switch_totp_off(site.house, account_id)
    except _EXPECTED as error:
        return await _show(site, who, at="totp", error=error)
    return answers.see_other(f"{PATH}?done=totp_off")


@post(f"{PATH}/recovery-codes")
async def recovery_codes(request: AnyRequest, site: TheSite) -> Response[Any]:
    who, fields = await own_form(request, site)
    try:
        account_id = await change.prove(site.house, site.limits.entry, who.viewer, fields.get("present", ""))
        codes = await change.renew_recovery_codes(site.house, account_id)
    except _EXPECTED as error:
        return await _show(site, who, at="totp", error=error)
    return _show_codes(site, who, codes)


@post(f"{PATH}/sessions")
async def end_sessions(request: AnyRequest, site: TheSite) -> Response[Any]:
    """One session, or all others. Closing needs no proof: whoever does it in error only has to sign in again."""
    who, fields = await own_form(request, site)
    only = fields.get("session")
    but = None if only == session_id(fingerprint(who.secret)) else who.secret
    await change.end_sessions(site.house, account_of(who.viewer), only=only, but=but)
    return answers.see_other(f"{PATH}?done=ended")


async def _account(site: Site, who: SignedIn) -> Account:
    async with site.house.database.reading() as session:
        found = await AccountStore(session).by_id(account_of(who.viewer))
    if found is None:
        raise NotFound("the account is gone")
    return found


async def _show(
    site: Site, who: SignedIn, *, at: str = "", error: RostraError | None = None, notice: str | None = None
) -> Response[bytes]:
    page = await _page(site, who, {at: error.user_message} if error is not None else {})
    html = site.renderer.html(page, private_frame(site, PATH, who, notice=notice))
    return answers.private(html, status_code=error.status if error is not None else 200)


async def _page(site: Site, who: SignedIn, errors: Mapping[str, str]) -> SecurityPage:
    account, house = await _account(site, who), site.house
    async with house.database.reading() as session:
        store = CredentialStore(session)
        credential, passkeys = await store.of(account.id), await store.passkeys(account.id)
        codes_left = await store.recovery_codes_left(account.id)
        sessions = await AccountStore(session).sessions(account.id, now=house.clock.now())
        digest = await DigestStore(session).of(account.id)
    this, fresh = session_id(fingerprint(who.secret)), change.is_fresh(house, who.viewer)
    return SecurityPage(
        handle=account.handle,
        email=credential.email or "",
        has_password=credential.password_hash is not None,
        passkeys=tuple(
            PasskeyView(
                id=each.id,
                name=each.name,
                made=day(each.created_at),
                used=day(each.last_used_at) if each.last_used_at else "",
                synced=each.backed_up,
            )
            for each in passkeys
        ),
        passkey=await change.passkey_options(house, account) if house.membership.relying is not None else None,
        has_totp=credential.has_totp,
        codes_left=codes_left,
        sessions=tuple(
            SessionView(
                id=each.id,
                device=each.where.device or _("A sign-in link"),
                place=each.where.place,
                opened=moment(each.created_at),
                used=moment(each.last_used_at),
                is_this=each.id == this,
            )
            for each in sessions
        ),
        errors=errors,
        wants_password=not fresh and credential.password_hash is not None,
        wants_new_sign_in=not fresh and credential.password_hash is None,
        has_mail=house.membership.has_mail,
        password_min=PASSWORD_LENGTH_MIN,
        digest=digest or "",
    )


async def _show_totp(site: Site, who: SignedIn, *, error: RostraError | None = None) -> Response[bytes]:
    account = await _account(site, who)
    secret = await change.offer_totp(site.house, account.id)
    address = totp_address(secret, handle=account.handle, site=site.name)
    picture = base64.b64encode(qr_svg(address).encode()).decode()
    page = TotpPage(
        picture=f"data:image/svg+xml;base64,{picture}",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        address=address,
        error=error.user_message if error else "",
    )
    html = site.renderer.html(page, private_frame(site, f"{PATH}/totp", who))
    return answers.private(html, status_code=error.status if error is not None else 200)


def _show_codes(site: Site, who: SignedIn, codes: list[str]) -> Response[bytes]:
    page = RecoveryCodesPage(codes=tuple(codes))
    return answers.private(site.renderer.html(page, private_frame(site, f"{PATH}/totp", who)))


def day(at: datetime) -> str:
    """ "4 May 2026"."""
    return dates.of_day(at)


def moment(at: datetime) -> str:
    """ "4 May 2026, 18:00 UTC"."""
    return f"{day(at)}, {at:%H:%M} UTC"


handlers = [
    security,
    password,
    email,
    add_passkey,
    remove_passkey,
    offer_totp,
    switch_totp_on,
    switch_totp_off,
    recovery_codes,
    end_sessions,
]
