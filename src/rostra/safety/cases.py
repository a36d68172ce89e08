"""A case: a log of what happened, to which things are only ever added, and where it stands, derived by one function.

Nothing about a case is written down twice. `standing` reads the log from the beginning; the columns by which lists of
cases are sorted are what it said in the transaction that added the last event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType

import msgspec

from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId

CaseId = NewType("CaseId", int)
DecisionId = NewType("DecisionId", int)
ComplaintId = NewType("ComplaintId", int)
NoticeId = NewType("NoticeId", int)


class Status(StrEnum):
    """open: waits for a decision. proposed: waits for a second person. decided: the decision stands, and can be
    complained about. in_complaint: somebody has. closed: every window to complain is over; what was taken away can be
    given back even then, which opens nothing.
    """

    OPEN = "open"
    PROPOSED = "proposed"
    DECIDED = "decided"
    IN_COMPLAINT = "in_complaint"
    CLOSED = "closed"


UNDECIDED: Final = (Status.OPEN, Status.PROPOSED)


class Happened(StrEnum):
    """What can happen to a case. detected: a machine points to it once more. overdue: the target for deciding is past.

    referred: a link for the outside reviewer went out. upheld, changed: a complaint was decided, and the decision
    stands or another one takes its place. undone: a decision was taken back before anybody complained.
    """

    OPENED = "opened"
    NOTICED = "noticed"
    DETECTED = "detected"
    OVERDUE = "overdue"
    REFERRED = "referred"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    DECIDED = "decided"
    UNDONE = "undone"
    COMPLAINED = "complained"
    UPHELD = "upheld"
    CHANGED = "changed"
    CLOSED = "closed"


MOVES: Final = {  # (status, what happens) -> next status; what is absent is illegal
    (None, Happened.OPENED): Status.OPEN,
    (Status.OPEN, Happened.NOTICED): Status.OPEN,
    (Status.OPEN, Happened.DETECTED): Status.OPEN,
    (Status.OPEN, Happened.OVERDUE): Status.OPEN,
    (Status.OPEN, Happened.REFERRED): Status.OPEN,
    (Status.OPEN, Happened.PROPOSED): Status.PROPOSED,
    (Status.OPEN, Happened.DECIDED): Status.DECIDED,
    (Status.PROPOSED, Happened.NOTICED): Status.PROPOSED,
    (Status.PROPOSED, Happened.DETECTED): Status.PROPOSED,
    (Status.PROPOSED, Happened.OVERDUE): Status.PROPOSED,
    (Status.PROPOSED, Happened.REFERRED): Status.PROPOSED,
    (Status.PROPOSED, Happened.AGREED): Status.DECIDED,
    (Status.PROPOSED, Happened.DECLINED): Status.OPEN,
    (Status.PROPOSED, Happened.UNDONE): Status.OPEN,
    (Status.DECIDED, Happened.UNDONE): Status.OPEN,
    (Status.CLOSED, Happened.UNDONE): Status.CLOSED,
    (Status.DECIDED, Happened.COMPLAINED): Status.IN_COMPLAINT,
    (Status.DECIDED, Happened.CLOSED): Status.CLOSED,
    (Status.IN_COMPLAINT, Happened.COMPLAINED): Status.IN_COMPLAINT,
    (Status.IN_COMPLAINT, Happened.OVERDUE): Status.IN_COMPLAINT,
    (Status.IN_COMPLAINT, Happened.REFERRED): Status.IN_COMPLAINT,
    (Status.IN_COMPLAINT, Happened.UPHELD): Status.DECIDED,
    (Status.IN_COMPLAINT, Happened.CHANGED): Status.DECIDED,
}
_SAYS_WHO: Final = frozenset({Happened.PROPOSED, Happened.AGREED, Happened.DECLINED, Happened.DECIDED, Happened.UNDONE})
_ANSWERS: Final = frozenset({Happened.UPHELD, Happened.CHANGED})
_TAKES_FORCE: Final = frozenset({Happened.DECIDED, Happened.AGREED, Happened.CHANGED})
_BESIDE: Final = frozenset({Happened.NOTICED, Happened.DETECTED, Happened.OVERDUE, Happened.REFERRED})
"""What changes nothing about what there is to decide: whoever is deciding is not disturbed by it."""


class IllegalEvent(RostraError):
    """409: this cannot happen to a case that stands where this one does."""

    status, code = HTTPStatus.CONFLICT, "case_elsewhere"
    user_message = "The case has moved on in the meantime. Look at where it stands now."


class CaseChanged(RostraError):
    """409: somebody decided something here between this person's look and their answer. Nothing of it was written."""

    status, code = HTTPStatus.CONFLICT, "case_changed"
    user_message = (
        "Somebody else has acted on this case since you opened it. Yours was not taken. Read what they did, then "
        "decide again if there is still something to decide."
    )


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a case. by: who did it; None for the clock, for people without an account, and for the
    outside reviewer (outside). The ids say which notice, decision or complaint it is about.

    machine: the rule or the list of hashes that found it; empty where people did. recognised: in which language a
    machine holds what a new case is about to be, ISO 639-1; filed_by_machine: the case was filed under that. why: in
    their own words, of a second person and of whoever took a decision back.
    """

    what: Happened
    at: datetime
    by: AccountId | None = None
    outside: bool = False
    notice_id: NoticeId | None = None
    decision_id: DecisionId | None = None
    complaint_id: ComplaintId | None = None
    machine: str = ""
    recognised: str = ""
    filed_by_machine: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands. version: counts what those who decide must have seen; see _BESIDE.

    events: how many there are. decision_id: what stands, or is proposed. deciders: every account that has decided,
    proposed, agreed, declined or undone something here. proposer: of the newest proposal. outside: an outside reviewer
    has decided. open_complaints: oldest first. is_detected: a machine has found what it is about (Article 17(3)(c)),
    whoever else has. filed_by_machine: one has said in which language it is.
    """

    status: Status
    opened_at: datetime
    version: int = 1
    events: int = 1
    notices: int = 0
    decision_id: DecisionId | None = None
    decided_at: datetime | None = None
    deciders: frozenset[AccountId] = frozenset()
    proposer: AccountId | None = None
    outside: bool = False
    open_complaints: tuple[ComplaintId, ...] = ()
    is_overdue: bool = False
    is_detected: bool = False
    filed_by_machine: bool = False
    referred_at: datetime | None = None


def begin(event: Event) -> Standing:
    """Raises IllegalEvent unless it opens a case."""
    if (None, event.what) not in MOVES:
        raise IllegalEvent(f"a case begins with {event.what}")
    return Standing(
        status=MOVES[None, event.what],
        opened_at=event.at,
        notices=int(event.notice_id is not None),
        is_detected=bool(event.machine),
        filed_by_machine=event.filed_by_machine,
    )


def after(standing: Standing, event: Event) -> Standing:
    """Where the case stands once this has happened. Raises IllegalEvent."""
    status = MOVES.get((standing.status, event.what))
    if status is None:
        raise IllegalEvent(f"{event.what} of a case that is {standing.status}")
    complaints = standing.open_complaints
    if event.what is Happened.COMPLAINED:
        if event.complaint_id is None or event.complaint_id in complaints:
            raise IllegalEvent(f"complaint {event.complaint_id} cannot be filed")
        complaints = (*complaints, event.complaint_id)
    if event.what in _ANSWERS:
        if event.complaint_id not in complaints:
            raise IllegalEvent(f"complaint {event.complaint_id} is not open")
        complaints = tuple(each for each in complaints if each != event.complaint_id)
        status = Status.IN_COMPLAINT if complaints else status
    decision_id, decided_at = standing.decision_id, standing.decided_at
    if event.what in _TAKES_FORCE:
        decision_id, decided_at = event.decision_id or decision_id, event.at
    elif event.what is Happened.PROPOSED:
        decision_id = event.decision_id
    elif event.what in (Happened.DECLINED, Happened.UNDONE) and status is Status.OPEN:
        decision_id, decided_at = None, None
    decides = event.what in _SAYS_WHO or event.what in _ANSWERS
    is_new = event.what in _TAKES_FORCE or event.what in (Happened.COMPLAINED, Happened.UNDONE)
    return replace(
        standing,
        status=status,
        version=standing.version + (event.what not in _BESIDE),
        events=standing.events + 1,
        notices=standing.notices + (event.what is Happened.NOTICED),
        decision_id=decision_id,
        decided_at=decided_at,
        deciders=standing.deciders | {event.by} if decides and event.by is not None else standing.deciders,
        proposer=event.by if event.what is Happened.PROPOSED else standing.proposer,
        outside=standing.outside or event.outside,
        open_complaints=complaints,
        is_detected=standing.is_detected or bool(event.machine),
        is_overdue=not is_new and (standing.is_overdue or event.what is Happened.OVERDUE),
        referred_at=event.at if event.what is Happened.REFERRED else None if is_new else standing.referred_at,
    )


def standing(events: Iterable[Event]) -> Standing:
    """Where a case stands after all this, in this order. Raises IllegalEvent; ValueError when there is no event."""
    log = iter(events)
    if (first := next(log, None)) is None:
        raise ValueError("a case has at least the event that opened it")
    found = begin(first)
    for event in log:
        found = after(found, event)
    return found
