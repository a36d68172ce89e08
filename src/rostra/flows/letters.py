"""The letters that go with credentials: short, plain, and each says what to do if it was not you."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from rostra.flows.house import Membership
from rostra.network.accounts import AccountState, Act
from rostra.network.credentials.credentials import LIFETIME, Purpose
from rostra.platform.mail import Letter

_NEWS_KEPT: Final = timedelta(days=5)
"""A letter that only tells something is worth sending for this long."""


def confirm(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        "Confirm your address",
        f"Somebody, hopefully you, gave this address for the account @{handle} at {house.site_url}.",
        "To confirm it, open this page within three days and press the button there:",
        f"{house.site_url}/confirm/{secret}",
        "If it was not you, do nothing: without the button nothing happens.",
        useful_for=LIFETIME[Purpose.CONFIRM],
    )


def known_already(house: Membership, to: str, *, handle: str) -> Letter:
    """To an address that has an account, when somebody gives it for another one."""
    return _letter(
        house,
        to,
        "You have an account already",
        f"Somebody, perhaps you, gave this address for a new account at {house.site_url}. It belongs to the account "
        f"@{handle} there, so it was not taken for the new one.",
        f"If it was you: sign in as @{handle}, or choose a new password here:",
        f"{house.site_url}/recover",
        "If it was not you, do nothing. Whoever it was has not been told that the address is known.",
        useful_for=_NEWS_KEPT,
    )


def recover(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        "Choose a new password",
        f"Somebody, hopefully you, asked for a new password for @{handle} at {house.site_url}.",
        "To choose one, open this page within 30 minutes. It works once:",
        f"{house.site_url}/recover/{secret}",
        "If it was not you, do nothing: your password stays as it is.",
        useful_for=LIFETIME[Purpose.RECOVER],
    )


def leave_email(house: Membership, to: str, *, handle: str, secret: str) -> Letter:
    return _letter(
        house,
        to,
        "Agree to a new address",
        f"Somebody, hopefully you, wants to change the address of @{handle} at {house.site_url} from this one to "
        "another one.",
        "The change happens when both addresses agree. To agree here, open this page within three days:",
        f"{house.site_url}/confirm/{secret}",
        f"If it was not you, do nothing, and choose a new password: {house.site_url}/recover",
        useful_for=LIFETIME[Purpose.LEAVE_EMAIL],
    )


def changed(house: Membership, to: str, *, handle: str, what: str) -> Letter:
    """what: a sentence about something that was just changed."""
    return _letter(
        house,
        to,
        "Something changed about how you sign in",
        f"@{handle} at {house.site_url}: {what}",
        f"If it was you, all is well. If not, choose a new password at once: {house.site_url}/recover",
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
    more = ["There is more; your app shows it."] if is_cut else []
    letter = _letter(
        house,
        to,
        "What you missed",
        f"@{handle} at {house.site_url}:",
        *lines,
        *more,
        f"You asked for these letters. To get no more of them: {unsubscribe_url}",
        useful_for=useful_for,
    )
    return replace(letter, unsubscribe_url=unsubscribe_url)


def deleted(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        "Your account is deleted",
        f"The account @{handle} at {house.site_url} was deleted, as its holder asked with a password or a code. It "
        "cannot be brought back. This is the last letter from us to this address.",
        "If it was not you, somebody else knew your password: change it wherever else you use it.",
        useful_for=_NEWS_KEPT,
    )


def judged(house: Membership, to: str, *, handle: str, act: Act, was: AccountState, reason: str) -> Letter:
    """An owner has suspended, limited or reinstated the account. reason: word for word; it may be empty."""
    subject, happened, means = _judged(house, act, was)
    return _letter(
        house,
        to,
        subject,
        f"The people who run {house.site_url} have {happened} the account @{handle} there.",
        *((f"They gave this reason:\n\n{_quoted(reason)}",) if reason else ()),
        *means,
        useful_for=_NEWS_KEPT,
    )


def _judged(house: Membership, act: Act, was: AccountState) -> tuple[str, str, tuple[str, ...]]:
    """Subject, what was done, and what it means."""
    if act is Act.SUSPEND:
        kept = (
            "Until it is reinstated, nobody sees its profile and posts, and it can neither post nor follow. Nothing is "
            "deleted: followers and posts are kept as they were."
        )
        can = "You can still sign in, read the reason, and take your data along:"
        return "Your account is suspended", "suspended", (kept, can, f"{house.site_url}/suspended")
    if act is Act.LIMIT:
        before = "It is no longer suspended. " if was is AccountState.SUSPENDED else ""
        means = (
            f"{before}Its posts are not in the public lists. Followers read them as before, and you can go on "
            "as before."
        )
        settings = f"The reason stands in your settings, too: {house.site_url}/settings"
        return "Your account is limited", "limited", (means, settings)
    again = "Everything is as it was before: profile, posts, followers. You can sign in:"
    return "Your account is reinstated", "reinstated", (again, f"{house.site_url}/sign-in")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def approved(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        "Welcome",
        f"Your account @{handle} at {house.site_url} was approved. You can sign in now:",
        f"{house.site_url}/sign-in",
        useful_for=_NEWS_KEPT,
    )


def refused(house: Membership, to: str, *, handle: str) -> Letter:
    return _letter(
        house,
        to,
        "About your sign-up",
        f"The people who run {house.site_url} have not accepted the sign-up of @{handle}.",
        "The account cannot be used.",
        useful_for=_NEWS_KEPT,
    )


def somebody_waits(house: Membership, to: str) -> Letter:
    """To an owner. Names nobody: the page does."""
    return _letter(
        house,
        to,
        "Somebody waits for your approval",
        f"A sign-up at {house.site_url} waits until an owner approves or refuses it:",
        f"{house.site_url}/people",
        useful_for=_NEWS_KEPT,
    )


def _letter(house: Membership, to: str, subject: str, *paragraphs: str, useful_for: timedelta) -> Letter:
    text = "\n\n".join((*paragraphs, f"-- \n{house.site_name}, {house.site_url}\n"))
    return Letter(to=to, subject=f"{subject} · {house.site_name}", text=text, useful_for=useful_for)
