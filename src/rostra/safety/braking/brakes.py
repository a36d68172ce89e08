"""A brake on amplification: for a while nobody is shown posts with certain words who does not look for them.

It is the temporary measure for a crisis (DSA, Articles 36 and 48): a subject, why, on whose request, until when. It
takes nothing away: every post stays at its address and before those who follow its author. Two people set it, one
lifts it, and it ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType

from rostra.platform.errors import Conflict, Invalid, NotFound, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.notices import line, paragraphs

BrakeId = NewType("BrakeId", int)
TERMS_MAX: Final = 10
TERM_CHARACTERS: Final = 60
TERM_MIN: Final = 3
"""Of a word. A shorter one is in half of all posts."""
ABOUT_CHARACTERS: Final = 120
TEXT_MIN: Final = 20
REASON_CHARACTERS: Final = 2_000
AUTHORITY_CHARACTERS: Final = 200
LONGEST: Final = timedelta(days=92)
"""DSA, Article 36(3)(c) and (8)(a): a measure for a crisis lasts three months at most. To go on, it is set anew."""
GRACE: Final = timedelta(minutes=1)
"""How long after a brake begins or ends posts may still be committed that were written under what was before."""


class State(StrEnum):
    """proposed: waits for a second person. declined: they did not agree, or its end came before they did. lifted: by
    somebody, with a reason. ended: by itself.
    """

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    LIFTED = "lifted"
    ENDED = "ended"


class NoSuchBrake(NotFound):
    code = "no_such_brake"
    user_message = "There is no such measure."


class BrakeMoved(Conflict):
    """409: somebody was quicker, or its time is over. Nothing of this act was written."""

    code = "brake_moved"
    user_message = "Somebody has acted on this measure since you opened it, or it is over. Look at where it stands now."


class SamePerson(RostraError):
    """403: two people set a brake, never one alone."""

    status, code = HTTPStatus.FORBIDDEN, "same_person"
    user_message = "You have proposed this yourself. Somebody else has to agree."


class OwnPosts(RostraError):
    """403: whoever has posted about the subject neither agrees, declines nor lifts. Holds for everybody."""

    status, code = HTTPStatus.FORBIDDEN, "own_posts"
    user_message = "Posts of your own are about this subject, so somebody else decides about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeWish:
    """A brake as somebody filled it in. terms: words that follow one another, or a hashtag with its sign; a post with
    one of them is about it.

    about: the subject in a few words. authority, reference: who asks for it, and their file number or the like.
    """

    about: str
    terms: tuple[str, ...]
    reason: str
    authority: str
    reference: str
    until: datetime | None

    def checked(self, now: datetime) -> BrakeWish:
        """The wish with its texts tidied. Raises Invalid."""
        about, reason = line(self.about, ABOUT_CHARACTERS), paragraphs(self.reason)
        authority, reference = line(self.authority, AUTHORITY_CHARACTERS), line(self.reference, AUTHORITY_CHARACTERS)
        if not about:
            raise _unfit("about", "Name the subject in a few words: everybody reads it.")
        if not TEXT_MIN <= len(reason) <= REASON_CHARACTERS:
            text = f"Say why, in {TEXT_MIN} to {REASON_CHARACTERS} characters. Everybody reads it word for word."
            raise _unfit("reason", text)
        if not authority:
            raise _unfit("authority", "Name the authority that asks for it.")
        if not reference:
            raise _unfit("reference", "Give the authority's reference, such as its file number and date.")
        if self.until is None or self.until <= now:
            raise _unfit("until", "Give the day on which it ends. It has to be a day to come.")
        if self.until > now + LONGEST:
            raise _unfit("until", f"It can last {LONGEST.days} days at most. To go on, it is proposed anew.")
        return replace(
            self,
            about=about,
            terms=checked_terms(self.terms),
            reason=reason,
            authority=authority,
            reference=reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """A brake as it lies in the database.

    in_force_at: when the second person agreed. over_by, over_why: who declined or lifted it, and in which words.
    ended_at: when the clock has seen its end. swept_to: posts with smaller ids are still to be looked for, 0 for none.
    closed_at: when its last post was free again.
    """

    id: BrakeId
    wish: BrakeWish
    proposed_by: AccountId
    proposed_at: datetime
    until: datetime
    agreed_by: AccountId | None = None
    in_force_at: datetime | None = None
    over_by: AccountId | None = None
    over_at: datetime | None = None
    over_why: str = ""
    swept_to: int = 0
    ended_at: datetime | None = None
    closed_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Where it stands. Nothing writes this down, so its end needs nobody."""
        if self.in_force_at is None:
            return State.DECLINED if self.over_at is not None or now >= self.until else State.PROPOSED
        if self.over_at is not None:
            return State.LIFTED
        return State.ENDED if now >= self.until else State.IN_FORCE

    def ends_at(self) -> datetime:
        """When it was or will be over."""
        return self.until if self.over_at is None else min(self.over_at, self.until)


def checked_terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order. Raises Invalid."""
    found = tuple(dict.fromkeys(term for each in terms if (term := line(each, TERM_CHARACTERS + 1))))
    if not 1 <= len(found) <= TERMS_MAX:
        raise _unfit("terms", f"Give the words or hashtags that it is about: one to {TERMS_MAX}, one a line.")
    for each in found:
        if not TERM_MIN <= len(each.removeprefix("#")) <= TERM_CHARACTERS:
            text = (
                f"“{each}” has to have {TERM_MIN} to {TERM_CHARACTERS} characters, or it would meet nearly everything."
            )
            raise _unfit("terms", text)
    return found


def checked_why(text: str) -> str:
    """Why somebody declines or lifts. Raises Invalid."""
    why = paragraphs(text)
    if not TEXT_MIN <= len(why) <= REASON_CHARACTERS:
        raise _unfit(
            "why", f"Say why, in {TEXT_MIN} to {REASON_CHARACTERS} characters. Everybody reads it word for word."
        )
    return why


def _unfit(field: str, text: str) -> Invalid:
    return Invalid(f"brake: {field}", user_message=text, field=field)
