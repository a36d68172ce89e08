"""The letters of moderation: receipts, reasons, answers. Each says what happens next and what its reader can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rostra.flows.house import House
from rostra.platform.mail import Letter
from rostra.safety.misusing.misuse import Step
from rostra.safety.notices import Notice
from rostra.safety.statements import Statement

KEPT: Final = timedelta(days=30)
"""A mail server may be away for long, and a letter that informs somebody of their rights is worth sending late."""


def receipt(house: House, to: str, notice: Notice, places: list[str], *, url: str) -> Letter:
    """Article 16(4). It repeats nothing of the explanation: the letter may go to a wrong address."""
    wrong = "illegal" if notice.is_illegal else "against our rules"
    lines = "\n".join(f"- {place}" for place in places)
    return _letter(
        house,
        to,
        "We have your report",
        f"You reported this as {wrong}:\n{lines}",
        "A person looks into it. You get a letter when it is decided, with the reasons and with what you can do then.",
        f"How it stands, at any time, without signing in:\n{url}",
        "We do not tell anybody that it was you. If it was not you, do nothing: somebody typed your address.",
    )


def statement(house: House, to: str, said: Statement, *, url: str) -> Letter:
    """Reasons or an answer, whole, with the page on which they stand."""
    return _letter(house, to, said.title, said.text, f"This letter as a page: {url}")


def referral(house: House, to: str, *, what: str, url: str, days: int) -> Letter:
    """To the outside reviewer. It says nothing of what was reported."""
    return _letter(
        house,
        to,
        "A case that nobody here may decide",
        f"Somebody has reported {what}. Everybody who moderates at {house.membership.site_url} is involved in it, so "
        "you are asked to decide.",
        f"Everything about it, and the form for your decision, for {days} days:\n{url}",
        "Whoever has this link can decide. Do not pass it on.",
    )


def complaint_received(house: House, to: str, *, what: str, url: str) -> Letter:
    return _letter(
        house,
        to,
        "We have your complaint",
        f"It is about our decision on {what}.",
        "Somebody who had no part in that decision reads it. You get a letter with the answer.",
        f"How it stands: {url}",
    )


def acted_live(house: House, to: str, *, what: str, place: str, reason: str) -> Letter:
    """To whose broadcast it is, while it goes on. what: the act, as a sentence."""
    return _letter(
        house,
        to,
        "A moderator has acted on your broadcast",
        f"{what} It is about {place}.",
        f"The reason: {reason}",
        "It can be undone at any moment. If you think that it is wrong, write to whoever runs this place. Where sound "
        "is taken away from listeners for good, you get the reasons in a letter of their own, with a way to complain.",
    )


def post_held(house: House, to: str, url: str, reason: str, until: str) -> Letter:
    """To the author of a post that a machine holds. reason: the rule, in its operator's words."""
    return _letter(
        house,
        to,
        "Your post waits for a person",
        f"A machine has held back your post {url} by this rule: {reason}",
        f"No person has judged it. Somebody looks at it now. Until they have decided only you see it; if nobody has "
        f"decided by {until}, it is shown by itself. You need not do anything.",
        "If it is decided that it may not be shown, you get the reasons, and you can complain about them.",
    )


def hold_ended(house: House, to: str, url: str, *, by_person: bool) -> Letter:
    """by_person: somebody has decided; otherwise nobody has in time."""
    why = (
        "A person has looked at it." if by_person else "Nobody has looked at it in time, and a machine may not decide."
    )
    return _letter(house, to, "Your post is shown now", f"Your post {url} is no longer held back. {why}")


def misuse_step(house: House, to: str, step: Step, *, reason: str, until: datetime | None) -> Letter:
    """To whoever has sent too many notices that were manifestly unfounded (Article 23)."""
    if step is Step.WARNED:
        subject = "A warning about your reports"
        what = (
            "Several of your reports were manifestly unfounded. If that goes on, we stop dealing with them for a while."
        )
    elif step is Step.SUSPENDED and until is not None:
        subject = "We do not deal with your reports for a while"
        what = (
            f"Until {until.day} {until:%B %Y, %H:%M} (UTC) we do not deal with your reports, nor with complaints about "
            "our answers to them, because too many were manifestly unfounded after our warning. Reports of danger to "
            "life, or to children, are dealt with all the same."
        )
    else:
        subject, what = "We deal with your reports again", "What we told you before has ended."
    closing = "A person decided this. If you think that it is wrong, answer this letter, or go to a court."
    return _letter(house, to, subject, what, f"The reason: {reason}", closing)


def _letter(house: House, to: str, subject: str, *blocks: str) -> Letter:
    member = house.membership
    text = "\n\n".join((*blocks, f"-- \n{member.site_name}, {member.site_url}\n"))
    return Letter(to=to, subject=f"{subject} · {member.site_name}", text=text, useful_for=KEPT)
