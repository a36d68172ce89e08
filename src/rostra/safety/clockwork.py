"""What time does to a case, decided by one pure function: `next_steps`. Whoever runs it may be killed between two
steps, for each step is one transaction, and what is due is read from the case anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rostra.safety.cases import Happened, Standing, Status
from rostra.safety.deadlines import OUTSIDE_LINK

LOOK_AGAIN: Final = timedelta(hours=1)
"""How often a case that waits is looked at: whether there is still somebody who may decide it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the log of a case does not say. answer_by: the target. complaints_until: of the decision that stands.

    can_be_decided: somebody here may. has_outside: there is a reviewer elsewhere who could.
    """

    answer_by: datetime | None = None
    complaints_until: datetime | None = None
    can_be_decided: bool = True
    has_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """happened: what is to be added to the log, in this order. due_at: when to look next; None for never.

    stuck: nobody here may decide, so the case waits for another moderator or for the outside reviewer.
    """

    happened: tuple[Happened, ...]
    due_at: datetime | None
    stuck: bool


def next_steps(standing: Standing, around: Around, now: datetime) -> Steps:
    """What is due at `now`."""
    if standing.status is Status.CLOSED:
        return Steps(happened=(), due_at=None, stuck=False)
    if standing.status is Status.DECIDED:
        if around.complaints_until is None or now < around.complaints_until:
            return Steps(happened=(), due_at=around.complaints_until, stuck=False)
        return Steps(happened=(Happened.CLOSED,), due_at=None, stuck=False)
    happened: list[Happened] = []
    due_at = now + LOOK_AGAIN
    if around.answer_by is not None and not standing.is_overdue:
        if now >= around.answer_by:
            happened.append(Happened.OVERDUE)
        else:
            due_at = min(due_at, around.answer_by)
    stuck = not around.can_be_decided
    is_out = standing.referred_at is not None and now < standing.referred_at + OUTSIDE_LINK
    if stuck and around.has_outside and not is_out:
        happened.append(Happened.REFERRED)
    return Steps(happened=tuple(happened), due_at=due_at, stuck=stuck)
