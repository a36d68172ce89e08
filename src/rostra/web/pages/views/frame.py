"""What surrounds every page, and the pages that only say something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

    url: their profile, empty for a guest.
    """

    name: str
    guest: bool
    url: str = ""


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
    here: str = "/home"
    home_timeline_url: str = "/home"
    public_url: str = "/public"
    compose_url: str = "/compose"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """`sign_in.html`: how to get a link. reason: needed, used (link spent or expired), signed_out."""

    reason: Literal["needed", "used", "signed_out"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """`error.html`. title: "Not found". text: what happened and what to do. code: for a report, "not_found"."""

    status: int
    title: str
    text: str
    code: str
    retry_after_s: int | None
