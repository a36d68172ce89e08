"""What a decision does, and undoing it: the one place where moderation touches what people see."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.hold_room import let_go
from rostra.flows.house import House
from rostra.flows.restrict import impose, lift_decision
from rostra.network.accounts import NoSuchAccount
from rostra.network.posts import NoSuchPost
from rostra.platform.errors import Conflict
from rostra.platform.ids import BroadcastId
from rostra.safety.decisions import Decision, Ground, Ordered
from rostra.safety.restrictions import IN_ROOM, Kind, Measure, Span
from rostra.safety.restrictions import Subject as Restricted
from rostra.safety.subjects import Subject, SubjectKind

SAMPLES_PER_MS: Final = 48
_LEADS: Final = {Ground.LAW: "By law", Ground.TERMS: "By the rules of this place"}


class NothingToRestrict(Conflict):
    code = "nothing_to_restrict"
    user_message = (
        "What this is about was deleted in the meantime, so nothing can be done to it. Decide that nothing is done, or "
        "about the account."
    )


async def enforce(house: House, session: AsyncSession, decision: Decision) -> None:
    """Put every measure into effect, in the transaction of the decision. A room on the air was told before in it.

    Raises RestrictionInvalid, NothingToRestrict.
    """
    for each in decision.wish.measures:
        restricted, span = _target(each)
        try:
            await impose(
                session,
                restricted,
                each.measure,
                restriction_id=house.ids.next(),
                now=house.clock.now(),
                reason=each.label
                if each.measure is Measure.LABEL
                else f"{_LEADS[decision.wish.reasons.ground]}: {decision.wish.reasons.ground_text}",
                decision_id=decision.id,
                territories=each.territories,
                until_at=each.until,
                span=span,
            )
        except (NoSuchPost, NoSuchAccount) as error:
            raise NothingToRestrict(each.subject) from error


async def lift(house: House, session: AsyncSession, decision: Decision) -> None:
    """Everything that the decision did ends at once; in a room that is on the air, too.

    Raises Conflict where somebody else changes that broadcast at this moment.
    """
    ordered = {each.measure: each for each in decision.wish.measures}
    for each in await lift_decision(session, decision.id, now=house.clock.now()):
        if each.measure in IN_ROOM:
            await let_go(house, session, BroadcastId(each.subject_id), ordered[each.measure])


def _target(ordered: Ordered) -> tuple[Restricted, Span | None]:
    """What is restricted; a span of a broadcast is something that is done to the broadcast."""
    subject = Subject.parse(ordered.subject)
    if subject.kind is not SubjectKind.SPAN:
        return Restricted(Kind(subject.kind.value), subject.id), None
    assert subject.from_ms is not None
    assert subject.to_ms is not None
    span = Span(subject.from_ms * SAMPLES_PER_MS, subject.to_ms * SAMPLES_PER_MS)
    return Restricted(Kind.BROADCAST, subject.id), span
