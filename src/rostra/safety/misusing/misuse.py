"""When notices or complaints of somebody are not dealt with for a while (DSA, Article 23(2) to (4)). Pure.

A person, never a machine, says of a single notice that it is manifestly unfounded: obvious without any look into the
substance. Who sends such ones often is warned by a person; who goes on after that is suspended by a person, for a
while. How many there were, and how large a part of all that they sent, stands beside the buttons (Article 23(3)).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.platform.errors import Conflict, Invalid, NotFound, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.notices import paragraphs

LOOK_BACK: Final = timedelta(days=180)
OFTEN: Final = 3
"""Manifestly unfounded ones within LOOK_BACK before somebody can be warned."""
AFTER_WARNING: Final = 2
"""And since the warning, before they can be suspended."""
LONGEST: Final = timedelta(days=90)
TEXT_MIN: Final = 20
TEXT_CHARACTERS: Final = 2_000


class Step(StrEnum):
    """What was done about somebody. lifted: the suspension ended early."""

    WARNED = "warned"
    SUSPENDED = "suspended"
    LIFTED = "lifted"


class NotOften(Conflict):
    """409: the law asks for more before this step."""

    code = "misuse_not_often"
    user_message = (
        f"It takes {OFTEN} clearly unfounded ones within {LOOK_BACK.days} days to warn somebody, and "
        f"{AFTER_WARNING} more after the warning to suspend them. Look at where it stands now."
    )


class NoSuchSender(NotFound):
    code = "no_such_sender"
    user_message = "Nobody's misuse is written down under this address."


class NotUnfounded(Conflict):
    """409: the case is not decided, or something was done about what the notice said."""

    code = "notice_not_unfounded"
    user_message = (
        "A notice can be called clearly unfounded once its case is decided and nothing was done. This one is not so."
    )


class SenderSuspended(RostraError):
    """403: what this sender sends is not dealt with for a while."""

    status, code = HTTPStatus.FORBIDDEN, "notices_suspended"

    def __init__(self, until: datetime, reason: str) -> None:
        text = (
            f"Until {until.day} {until:%B %Y, %H:%M} (UTC) we do not deal with what you flag, nor with complaints "
            f"about our answers to it: we had warned you, and again too much of it was clearly nothing to act on. "
            f"Reason: {reason} If a life or a child is in danger, flag it all the same: we look at that at once."
        )
        super().__init__(f"suspended until {until.isoformat()}", user_message=text)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A step. until: of a suspension. reason: the sender reads it word for word."""

    step: Step
    at: datetime
    by: AccountId
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfounded:
    """A notice that somebody has called manifestly unfounded."""

    notice_id: NoticeId
    case_id: CaseId
    found_at: datetime
    found_by: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """unfounded, sent: within LOOK_BACK. since_warning: manifestly unfounded ones after the last warning."""

    unfounded: int
    sent: int
    since_warning: int
    warned_at: datetime | None
    suspended_until: datetime | None
    reason: str

    @property
    def may_be_warned(self) -> bool:
        return self.suspended_until is None and self.warned_at is None and self.unfounded >= OFTEN

    @property
    def may_be_suspended(self) -> bool:
        return self.suspended_until is None and self.warned_at is not None and self.since_warning >= AFTER_WARNING


def standing(found: list[Unfounded], sent: int, steps: list[Taken], now: datetime) -> Standing:
    """Where somebody stands. found, steps: oldest first. A warning, too, is forgotten after LOOK_BACK."""
    recent = [each for each in found if each.found_at > now - LOOK_BACK]
    warned_at = suspended_until = None
    reason = ""
    for each in steps:
        if each.step is Step.WARNED:
            warned_at = each.at if each.at > now - LOOK_BACK else None
        elif each.step is Step.SUSPENDED and each.until is not None:
            suspended_until, reason = each.until, each.reason
            warned_at = each.at if each.at > now - LOOK_BACK else None
        else:
            suspended_until = None
    if suspended_until is not None and suspended_until <= now:
        suspended_until = None
    return Standing(
        unfounded=len(recent),
        sent=sent,
        since_warning=0 if warned_at is None else sum(each.found_at > warned_at for each in recent),
        warned_at=warned_at,
        suspended_until=suspended_until,
        reason=reason if suspended_until is not None else "",
    )


def checked_reason(text: str) -> str:
    """Raises Invalid."""
    reason = paragraphs(text)
    if not TEXT_MIN <= len(reason) <= TEXT_CHARACTERS:
        text = f"Say why, in {TEXT_MIN} to {TEXT_CHARACTERS} characters. The person reads it word for word."
        raise Invalid("misuse: reason", user_message=text, field="reason")
    return reason


def checked_until(until: datetime | None, now: datetime) -> datetime:
    """Raises Invalid."""
    if until is None or not now < until <= now + LONGEST:
        text = f"Give the last day of it: a day to come, within {LONGEST.days} days."
        raise Invalid("misuse: until", user_message=text, field="until")
    return until
