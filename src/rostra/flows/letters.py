"""The letters that go with credentials: short, plain, and each says what to do if it was not you."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from rostra.flows.house import Membership
from rostra.network.credentials.credentials import LIFETIME, Purpose
from rostra.platform.mail import Letter
from rostra.platform.wording import _, said

_NEWS_KEPT: Final = timedelta(days=5)
"""A letter that only tells something is worth sending for this long."""


def confirm(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        _("Confirm your address"),
        _(
            "Somebody, hopefully you, gave this address for the account @{handle} at {site}.",
            handle=handle,
            site=house.site_url,
        ),
        _("To confirm it, open this page within three days and press the button there:"),
        f"{house.site_url}/confirm/{secret}",
        _("If it was not you, do nothing: without the button nothing happens."),
        useful_for=LIFETIME[Purpose.CONFIRM],
    )


def known_already(house: Membership, to: str, *, handle: str) -> Letter:
    """To an address that has an account, when somebody gives it for another one."""
    return _letter(
        house,
        to,
        _("You have an account already"),
        _(
            "Somebody, perhaps you, gave this address for a new account at {site}. It belongs to the "
            "account @{handle} there, so it was not taken for the new one.",
            site=house.site_url,
            handle=handle,
        ),
        _("If it was you: sign in as @{handle}, or choose a new password here:", handle=handle),
        f"{house.site_url}/recover",
        _("If it was not you, do nothing. Whoever it was has not been told that the address is known."),
        useful_for=_NEWS_KEPT,
    )


def recover(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        _("Choose a new password"),
        _(
            "Somebody, hopefully you, asked for a new password for @{handle} at {site}.",
            handle=handle,
            site=house.site_url,
        ),
        _("To choose one, open this page within 30 minutes. It works once:"),
        f"{house.site_url}/recover/{secret}",
        _("If it was not you, do nothing: your password stays as it is."),
        useful_for=LIFETIME[Purpose.RECOVER],
    )


def leave_email(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        _("Agree to a new address"),
        _(
            "Somebody, hopefully you, wants to change the address of @{handle} at {site} from this one to another one.",
            handle=handle,
            site=house.site_url,
        ),
        _("The change happens when both addresses agree. To agree here, open this page within three days:"),
        f"{house.site_url}/confirm/{secret}",
        _("If it was not you, do nothing, and choose a new password: {site}/recover", site=house.site_url),
        useful_for=LIFETIME[Purpose.LEAVE_EMAIL],
    )


def changed(house: Membership, to: str, *, handle: str, what: str) -> Letter:
    """what: a sentence about something that was just changed."""
    return _letter(
        house,
        to,
        _("Something changed about how you sign in"),
        _("@{handle} at {site}: {what}", handle=handle, site=house.site_url, what=said(what)),
        _("If it was you, all is well. If not, choose a new password at once: {site}/recover", site=house.site_url),
        useful_for=_NEWS_KEPT,
    )


def digest(
    house: Membership,
    to: str,
    *,
    handle: str,
    lines: list[str],
    is_cut: bool,
    useful_for: timedelta,
    unsubscribe_url: str,
) -> Letter:
    """What somebody missed. is_cut: there is more than `lines`."""
    more = [_("There is more; your app shows it.")] if is_cut else []
    letter = _letter(
        house,
        to,
        _("What you missed"),
        _("@{handle} at {site}:", handle=handle, site=house.site_url),
        *lines,
        *more,
        _("You asked for these letters. To get no more of them: {unsubscribe_url}", unsubscribe_url=unsubscribe_url),
        useful_for=useful_for,
    )
    return replace(letter, unsubscribe_url=unsubscribe_url)


def deleted(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        _("Your account is deleted"),
        _(
            "The account @{handle} at {site} was deleted, as its holder asked with a password or a code. "
            "It cannot be brought back. This is the last letter from us to this address.",
            handle=handle,
            site=house.site_url,
        ),
        _("If it was not you, somebody else knew your password: change it wherever else you use it."),
        useful_for=_NEWS_KEPT,
    )


def reinstated(house: Membership, to: str, *, handle: str, reason: str) -> Letter:
    """An owner has brought the account back. reason: word for word; it may be empty."""
    return _letter(
        house,
        to,
        _("Your account is reinstated"),
        _("The people who run {site} have reinstated the account @{handle} there.", site=house.site_url, handle=handle),
        *((_("They gave this reason:\n\n{reason}", reason=_quoted(reason)),) if reason else ()),
        _("Everything is as it was before: profile, posts, followers. You can sign in:"),
        f"{house.site_url}/sign-in",
        useful_for=_NEWS_KEPT,
    )


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def approved(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        _("Welcome"),
        _("Your account @{handle} at {site} was approved. You can sign in now:", handle=handle, site=house.site_url),
        f"{house.site_url}/sign-in",
        useful_for=_NEWS_KEPT,
    )


def refused(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        _("About your sign-up"),
        _("The people who run {site} have not accepted the sign-up of @{handle}.", site=house.site_url, handle=handle),
        _("The account cannot be used."),
        useful_for=_NEWS_KEPT,
    )


def somebody_waits(house: Membership, to: str) -> Letter:
    """To an owner. Names nobody: the page does."""
    return _letter(
        house,
        to,
        _("Somebody waits for your approval"),
        _("A sign-up at {site} waits until an owner approves or refuses it:", site=house.site_url),
        f"{house.site_url}/people",
        useful_for=_NEWS_KEPT,
    )


def _letter(house: Membership, to: str, subject: str, *paragraphs: str, useful_for: timedelta) -> Letter:
    text = "\n\n".join((*map(str, paragraphs), f"-- \n{house.site_name}, {house.site_url}\n"))
    return Letter(to=to, subject=f"{subject} · {house.site_name}", text=text, useful_for=useful_for)
