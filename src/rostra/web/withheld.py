"""What somebody gets who may not see something: that it is withheld, why, for how long, and what can be done about it.

410 for what was taken down, 451 for what is kept back for legal reasons (RFC 7725), each with the public reason and the
way to the statement of reasons.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from rostra.platform.clock import from_us
from rostra.platform.errors import RostraError
from rostra.platform.wording import _
from rostra.safety.restrictions import Measure, Restriction
from rostra.web import dates

STATEMENTS: Final = "/statements/"
SHOW: Final = "show"
"""`?show=1`: whoever asks has pressed away an age gate."""
_SENTENCES: Final = {
    Measure.REMOVE: _("This was taken down."),
    Measure.DISABLE: _("This is not shown while it is being looked into."),
    Measure.WITHHOLD: _("This is withheld for legal reasons."),
    Measure.SUSPEND: _("This account is suspended."),
    Measure.TERMINATE: _("This account was closed."),
    Measure.AGE_GATE: _("This is for adults."),
    Measure.SILENCE: _("A part of this is withheld."),
}


_GONE: Final = frozenset({Measure.REMOVE, Measure.TERMINATE, Measure.SUSPEND})


class Withheld(RostraError):
    """451. restriction: what withholds it; own_html: what it says, for its author alone."""

    status, code = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "withheld"
    title = "Withheld"

    def __init__(self, restriction: Restriction, *, site_url: str = "") -> None:
        super().__init__(f"restriction {restriction.id}", user_message=told(restriction, site_url=site_url))
        self.restriction = restriction
        self.own_html = ""


class TakenDown(Withheld):
    """410: it was removed."""

    status, code = HTTPStatus.GONE, "taken_down"
    title = "Taken down"


class AgeGated(Withheld):
    """403: behind a press, with the reason."""

    status, code = HTTPStatus.FORBIDDEN, "age_gated"
    title = "For adults"


def refusal(restriction: Restriction, *, site_url: str = "") -> Withheld:
    """The error that says it. site_url: where statements of reasons are."""
    gone = restriction.measure in _GONE and not restriction.territories
    return (TakenDown if gone else Withheld)(restriction, site_url=site_url)


def blocked_by(site_url: str) -> dict[str, str]:
    """The header that says who withholds it (RFC 7725)."""
    return {"Link": f'<{site_url}>; rel="blocked-by"'}


def statement_url(restriction: Restriction, *, site_url: str = "") -> str | None:
    decision = restriction.decision_id
    return None if decision is None else f"{site_url}{STATEMENTS}{decision}"


def sentence(restriction: Restriction) -> str:
    """What happened to it, and where."""
    what = _SENTENCES.get(restriction.measure, _("This is restricted."))
    if not restriction.territories:
        return what
    where = ", ".join(restriction.territories)
    return _(
        "{n1} in these countries: {where}. You are in one of them, or it cannot be told where you are.",
        n1=what[:-1],
        where=where,
    )


def until(restriction: Restriction) -> str:
    """ "2 May 2026, 18:00 (UTC)", or empty where no end is set."""
    if restriction.until_us is None:
        return ""
    moment = from_us(restriction.until_us)
    return _("{date}, {time} (UTC)", date=dates.of_day(moment), time=f"{moment:%H:%M}")


def told(restriction: Restriction, *, site_url: str = "") -> str:
    """All of it as one text, for who reads no page."""
    pieces = [sentence(restriction)]
    if restriction.reason:
        pieces.append(f"Reason: {restriction.reason}")
    if end := until(restriction):
        pieces.append(_("Until {end}.", end=end))
    if url := statement_url(restriction, site_url=site_url):
        pieces.append(_("The decision, and how to complain about it: {url}", url=url))
    return " ".join(pieces)
