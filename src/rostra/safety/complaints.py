"""A complaint against a decision to act, or not to (DSA, Article 20): free, by whoever was informed, for six months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, ComplaintId, DecisionId, NoticeId
from rostra.safety.decisions import Decision, DecisionWish
from rostra.safety.notices import paragraphs

TEXT_CHARACTERS: Final = 5_000


class Side(StrEnum):
    """Who complains: the person whose content or account it is, or somebody who had reported it."""

    AFFECTED = "affected"
    NOTIFIER = "notifier"


class Outcome(StrEnum):
    """What came of it, in the words of the reports (IR 2024/2835). omitted: the complaint was withdrawn or is void."""

    UPHELD = "upheld"
    PARTLY = "partially_reversed"
    REVERSED = "reversed"


class TooLateToComplain(RostraError):
    """410: the six months are over. It says since when."""

    status, code = HTTPStatus.GONE, "too_late_to_complain"

    def __init__(self, until: datetime, zone: str) -> None:
        last = until.astimezone(ZoneInfo(zone))
        text = (
            f"A complaint about this decision could be made until {last.day} {last:%B %Y, %H:%M} ({zone}). You can "
            "still turn to a court or to a certified out-of-court dispute settlement body."
        )
        super().__init__(f"until {until:%Y-%m-%d}", user_message=text)
        self.until = until


class AlreadyComplained(Conflict):
    code = "already_complained"
    user_message = "You have complained about this decision before; that complaint counts. Its answer goes to you."


class NotStanding(Conflict):
    code = "decision_replaced"
    user_message = (
        "This decision does not hold any more: it was taken back, or another one took its place. Complain about that "
        "one, if you want to."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """account_id: of whoever has one; notice_id: of a notifier. outcome … reasons: None and empty until it is decided.

    new_decision_id: what takes the place of the decision, for every outcome but upheld. attachments: keys
    of the file store.
    """

    id: ComplaintId
    case_id: CaseId
    decision_id: DecisionId
    side: Side
    account_id: AccountId | None
    notice_id: NoticeId | None
    text: str
    attachments: tuple[str, ...]
    filed_at: datetime
    outcome: Outcome | None = None
    decided_at: datetime | None = None
    decided_by: AccountId | None = None
    reasons: str = ""
    new_decision_id: DecisionId | None = None

    @property
    def who(self) -> str:
        """One complaint for each of these and each decision."""
        return f"account:{self.account_id}" if self.notice_id is None else f"notice:{self.notice_id}"


def check_in_time(decision: Decision, *, now: datetime, zone: str) -> None:
    """Raises TooLateToComplain, or NotStanding when there is no decision in force any more."""
    if not decision.stands:
        raise NotStanding(f"decision {decision.id}")
    if decision.complaints_until is not None and now >= decision.complaints_until:
        raise TooLateToComplain(decision.complaints_until, zone)


def checked_text(text: str, field: str = "text") -> str:
    """Raises Invalid."""
    tidy = paragraphs(text)
    if not tidy or len(tidy) > TEXT_CHARACTERS:
        message = f"Say in your own words what is wrong with the decision, in up to {TEXT_CHARACTERS} characters."
        raise Invalid(f"{len(tidy)} characters", user_message=message, field=field)
    return tidy


def check_outcome(complaint: Complaint, decision: Decision, outcome: Outcome, new: DecisionWish | None) -> None:
    """Whether what takes the decision's place fits the outcome. Raises Invalid.

    upheld: nothing does. Reversed for whoever was restricted: a decision without measures. Reversed for a notifier, or
    partly: one with measures.
    """
    if outcome is Outcome.UPHELD:
        if new is not None:
            raise _unfit("The decision stands, so nothing takes its place.")
        return
    if new is None:
        raise _unfit("Say what takes the decision's place.")
    lifts = decision.acts and complaint.side is Side.AFFECTED
    if outcome is Outcome.REVERSED and lifts and new.measures:
        raise _unfit("A decision that is reversed leaves no measure behind. Choose partly reversed.")
    if (outcome is Outcome.PARTLY or not lifts) and not new.measures:
        raise _unfit("Say which measures take the decision's place.")


def _unfit(text: str) -> Invalid:
    return Invalid("outcome", user_message=text, field="outcome")
