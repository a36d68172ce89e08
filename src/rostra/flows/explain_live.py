"""The statement of reasons for what a moderator does on the air (DSA, Article 17), and a way to complain about it.

Each act is decided like any other case: of the house's own, about the moment at which it was done, in the transaction
of the deed. So it stands in nobody's way and answers no notice in passing, and what was heard around the moment is kept
as evidence for whoever decides a complaint. Whoever owns the broadcast gets every reason, and somebody else answers.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast
from rostra.flows.decide_case import decide_in
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.locate import Located
from rostra.flows.look_at import Seen
from rostra.flows.open_cases import Opening, open_case_for, seen_apart
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.log import get_logger
from rostra.safety.case_store import CaseStore
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.decisions import GROUND_CHARACTERS, Decision, DecisionWish, Ground, Ordered, Reasons, Source
from rostra.safety.subjects import Subject

_FACTS: Final = "A moderator has acted while the broadcast was on the air. What they found: {reason}"
_log = get_logger(__name__)


class NotExplained(Conflict):
    """No decision can be made now, or two have to agree: the deed has to be done and told without one."""

    code = "not_explained"


def checked_rule(text: str) -> str:
    """The rule that a broadcast breaks, on one line. Raises Invalid without it."""
    rule = " ".join(text.split())
    if not rule or len(rule) > GROUND_CHARACTERS:
        message = (
            f"Say which rule of this place it breaks, in up to {GROUND_CHARACTERS} characters: whose broadcast it is "
            "reads it, and can complain."
        )
        raise Invalid(f"rule: {len(rule)} characters", user_message=message, field="rule")
    return rule


async def seen_at(house: House, judge: Judge, broadcast: Broadcast, at: Subject) -> Seen | None:
    """What is there at this moment, sealed as evidence; None where nothing can be sealed, as with a full disk."""
    try:
        return await seen_apart(house, judge, Located(at, broadcast.owner_id))
    except RostraError as error:
        _log.warning("live_act_without_evidence", broadcast_id=broadcast.id, error=str(error))
        return None


async def explain_live(
    house: House,
    session: AsyncSession,
    judge: Judge,
    seen: Seen,
    measures: tuple[Ordered, ...],
    *,
    rule: str,
    reason: str,
) -> Decision:
    """Open and decide the case about what is done in this transaction; after its commit comes `tell_decided`.

    Raises NotExplained; then nothing of the transaction may stay.
    """
    wish = DecisionWish(
        measures=measures,
        reasons=Reasons(
            category=BREAKS_RULES,
            ground=Ground.TERMS,
            ground_text=rule,
            facts=_FACTS.format(reason=reason),
            why=reason,
        ),
    )
    opening = Opening(source=Source.VOLUNTARY, category=BREAKS_RULES, by=judge.account_id)
    try:
        case_id = await open_case_for(house, session, seen, opening)
        version = (await CaseStore(session).standing(case_id)).version
        decision = await decide_in(house, session, judge, case_id, wish, version=version, on_air=True)
    except RostraError as error:
        raise NotExplained(f"{seen.at.subject.key}: {error}") from error
    if decision.in_force_at is None:
        raise NotExplained(f"{seen.at.subject.key}: two have to agree")
    return decision
