"""What surrounds every page, and the pages that only say something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

When = Literal["before", "doors_open", "live", "paused", "after", "cancelled"]
"""The form that the broadcast page takes. `after` covers ended and withheld."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time, twice: exact for machines, in words for people, always with its zone.

    iso: UTC, for `<time datetime>`, e.g. "2026-11-24T19:00:00Z". date, time: in the broadcast's zone, "2026-11-24",
    "20:00". text: "Tuesday 24 November 2026, 20:00". zone: IANA name, "Europe/Berlin". offset: "UTC+1".
    """

    iso: str
    date: str
    time: str
    text: str
    zone: str
    offset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerView:
    """Who is signed in. `guest`: somebody who holds the host's seat by invitation, without an account.

    organises: may schedule broadcasts and invite members. moderates: decides about what is flagged.
    url: their profile, empty for a guest. unread: new notifications in words, "3" or "20+", empty for none.
    suspended: the account is, and its pages are closed to them.
    """

    name: str
    guest: bool
    organises: bool = False
    moderates: bool = False
    url: str = ""
    unread: str = ""
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds a page.

    viewer and csrf are None on pages that are the same for everybody (broadcast, errors, and all a visitor sees): those
    are cached. csrf: goes into each POST form as the hidden field `csrf`, and for scripts into
    `<meta name="csrf-token">`; scripts send it back as the header `X-Rostra-CSRF`. notice: a sentence about what was
    just done, or None. path: of this page; here: with its query, where forms come back to. canonical: its absolute URL.
    organiser_url: list of one's own broadcasts (asks to sign in).
    """

    site_name: str
    site_url: str
    path: str
    canonical: str
    home_url: str
    organiser_url: str
    schedule_url: str
    sign_out_url: str
    viewer: ViewerView | None = None
    csrf: str | None = None
    notice: str | None = None
    language: str = "en"
    sign_in_url: str = "/sign-in"
    security_url: str = "/settings/security"
    people_url: str = "/people"
    here: str = "/home"
    home_timeline_url: str = "/home"
    public_url: str = "/public"
    search_url: str = "/search"
    explore_url: str = "/explore"
    compose_url: str = "/compose"
    notifications_url: str = "/notifications"
    settings_url: str = "/settings"
    data_url: str = "/settings/data"
    later_url: str = "/scheduled"
    desk_url: str = "/desk"
    statements_url: str = "/statements"
    flag_url: str = "/flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """`sign_in.html`. reason: why it is shown; text: what to say about it, if there is anything to say.

    typed: handle or address as it was typed. error: why the last attempt did not count. next_path: where to go
    afterwards, a path of this site or empty. passkey: options for `navigator.credentials.get`, None where browsers
    refuse passkeys. sign_up_url: None while nobody can sign up without an invitation. has_mail: letters go out.
    """

    reason: Literal["asked", "needed", "used", "signed_out"]
    text: str = ""
    typed: str = ""
    error: str = ""
    next_path: str = ""
    passkey: Mapping[str, Any] | None = None
    sign_up_url: str | None = None
    has_mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldPage:
    """`withheld.html`. status: 410 or 451. text: what happened, and where. reason: the public one, empty for none.

    until: in words, empty for no end. statement_url: the decision and how to complain, None where there is none.
    own_html: what its author wrote, for its author alone; empty for everybody else. show_url: past an age gate; empty
    where there is no way.
    """

    status: int
    title: str
    text: str
    reason: str
    until: str
    statement_url: str | None
    own_html: Markup
    show_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """`error.html`. title: "Not found". text: what happened and what to do. code: for a report, "not_found"."""

    status: int
    title: str
    text: str
    code: str
    retry_after_s: int | None
