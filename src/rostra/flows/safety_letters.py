"""The letters of moderation: receipts, reasons, answers. Each says what happens next and what its reader can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rostra.flows.house import House
from rostra.platform.mail import Letter
from rostra.platform.wording import _, said
from rostra.safety.misusing.misuse import Step
from rostra.safety.notices import Notice
from rostra.safety.statements import Statement

KEPT: Final = timedelta(days=30)
"""A mail server may be away for long, and a letter that informs somebody of their rights is worth sending late."""


def receipt(house: House, to: str, notice: Notice, places: list[str], *, url: str) -> Letter:
    """Article 16(4). It repeats nothing of the explanation: the letter may go to a wrong address."""
    lines = "\n".join(f"- {place}" for place in places)
    wrong = _("You flagged this as illegal:") if notice.is_illegal else _("You flagged this as against our rules:")
    return _letter(
        house,
        to,
        _("We have your notice"),
        f"{wrong}\n{lines}",
        _(
            "A person looks into it. You get a letter when it is decided, with the reasons and with what "
            "you can do then."
        ),
        _("How it stands, at any time, without signing in:\n{url}", url=url),
        _("We do not tell anybody that it was you. If it was not you, do nothing: somebody typed your address."),
    )


def statement(house: House, to: str, said: Statement, *, url: str) -> Letter:
    """Reasons or an answer, whole, with the page on which they stand."""
    return _letter(house, to, said.title, said.text, _("This letter as a page: {url}", url=url))


def referral(house: House, to: str, *, what: str, url: str, days: int) -> Letter:
    """To the outside reviewer. It says nothing of what was flagged."""
    return _letter(
        house,
        to,
        _("A case that nobody here may decide"),
        _(
            "Somebody has flagged {what}. Everybody who moderates at {site} is involved in it, so you "
            "are asked to decide.",
            what=what,
            site=house.membership.site_url,
        ),
        _("Everything about it, and the form for your decision, for {days} days:\n{url}", days=days, url=url),
        _("Whoever has this link can decide. Do not pass it on."),
    )


def complaint_received(house: House, to: str, *, what: str, url: str) -> Letter:
    return _letter(
        house,
        to,
        _("We have your complaint"),
        _("It is about our decision on {what}.", what=what),
        _("Somebody who had no part in that decision reads it. You get a letter with the answer."),
        _("How it stands: {url}", url=url),
    )


def acted_live(house: House, to: str, *, what: str, place: str, reason: str, is_over: bool) -> Letter:
    """To whose broadcast it is, where no statement of reasons says it. what: the act, as a sentence.

    is_over: it ends what was done before.
    """
    ends = _(
        "You need not do anything. What was decided before has its own letter, and you can still complain about it."
    )
    stands = _(
        "A moderator can undo it. If you think that it is wrong, write to whoever runs this place: who has done it, "
        "when, and this reason are written down."
    )
    return _letter(
        house,
        to,
        _("A moderator has acted on your broadcast"),
        _("{what} It is about {place}.", what=said(what), place=place),
        _("The reason: {reason}", reason=reason),
        ends if is_over else stands,
    )


def stood_in(house: House, to: str, *, what: str, place: str) -> Letter:
    """To whose broadcast it is, of what an owner of this Rostra did in their place. what: the act, as a sentence."""
    return _letter(
        house,
        to,
        _("An owner of {site} has run your broadcast", site=house.membership.site_url),
        _("It is about {place}. {what}", what=what, place=place),
        _(
            "They did it in your place, as somebody who helps; it is no decision about what was said. Who did it and "
            "when is written down. If you did not want it, ask them, or write to whoever runs this place."
        ),
    )


def post_held(house: House, to: str, url: str, reason: str, until: str) -> Letter:
    """To the author of a post that a machine holds. reason: the rule, in its operator's words."""
    return _letter(
        house,
        to,
        _("Your post waits for a person"),
        _("A machine has held back your post {url} by this rule: {reason}", url=url, reason=reason),
        _(
            "No person has judged it. Somebody looks at it now. Until they have decided only you see it; "
            "if nobody has decided by {until}, it is shown by itself. You need not do anything.",
            until=until,
        ),
        _("If it is decided that it may not be shown, you get the reasons, and you can complain about them."),
    )


def hold_ended(house: House, to: str, url: str, *, by_person: bool) -> Letter:
    """by_person: somebody has decided; otherwise nobody has in time."""
    why = (
        _("A person has looked at it.")
        if by_person
        else _("Nobody has looked at it in time, and a machine may not decide.")
    )
    return _letter(
        house, to, _("Your post is shown now"), _("Your post {url} is no longer held back. {why}", url=url, why=why)
    )


def misuse_step(house: House, to: str, step: Step, *, reason: str, until: datetime | None) -> Letter:
    """To whoever has sent too many notices that were manifestly unfounded (Article 23)."""
    if step is Step.WARNED:
        subject = _("A warning about your notices")
        what = _(
            "Several times you flagged what was clearly nothing to act on. If that goes on, we stop dealing with your "
            "notices for a while. What you only do not like, you can mute or block."
        )
    elif step is Step.SUSPENDED and until is not None:
        subject = _("We do not deal with your notices for a while")
        what = _(
            "Until {moment} (UTC) we do not deal with what you flag, nor with complaints about our answers to it. "
            "We had warned you, and again too much of it was clearly nothing to act on. If a life or a child is in "
            "danger, flag it all the same: we look at that at once.",
            moment=f"{until:%Y-%m-%d %H:%M}",
        )
    else:
        subject, what = _("We deal with your notices again"), _("You can flag things as before.")
    closing = _("A person decided this. If you think that it is wrong, tell whoever runs this place, or go to a court.")
    return _letter(house, to, subject, what, _("The reason: {reason}", reason=reason), closing)


def _letter(house: House, to: str, subject: str, *blocks: str) -> Letter:
    member = house.membership
    text = "\n\n".join((*map(str, blocks), f"-- \n{member.site_name}, {member.site_url}\n"))
    return Letter(to=to, subject=f"{subject} · {member.site_name}", text=text, useful_for=KEPT)
