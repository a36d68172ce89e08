"""The statement of reasons for what a moderator does on the air (DSA, Article 17), and a way to complain about it.

Each act is decided like any other case: of the house's own, about the moment at which it was done. So it stands in
nobody's way and answers no notice in passing, and what was heard around the moment is kept as evidence for whoever
decides a complaint. Whoever owns the broadcast gets every reason, and somebody else answers them.
"""

from __future__ import annotations

from typing import Final

from rostra.broadcast import Broadcast
from rostra.flows.decide_case import decide_case
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.locate import Located
from rostra.flows.open_cases import open_case_apart
from rostra.flows.read_cases import open_case
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.log import get_logger
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.decisions import GROUND_CHARACTERS, Decision, DecisionWish, Ground, Ordered, Reasons
from rostra.safety.subjects import Subject

_FACTS: Final = "A moderator has acted while the broadcast was on the air. What they found: {reason}"
_log = get_logger(__name__)


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


async def explain_live(
    house: House,
    judge: Judge,
    broadcast: Broadcast,
    measures: tuple[Ordered, ...],
    *,
    at: Subject,
    rule: str,
    reason: str,
) -> Decision | None:
    """Decide a case about what was just done. at: when, as a span of the broadcast.

    None where it cannot be decided now, or two have to agree: what was done stands all the same, and whose broadcast
    it is has to be told otherwise.
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
    try:
        case_id = await open_case_apart(house, judge, Located(at, broadcast.owner_id), BREAKS_RULES)
        seen = await open_case(house, judge, case_id)
        decision = await decide_case(house, judge, case_id, wish, version=seen.standing.version, on_air=True)
    except RostraError as error:
        _log.warning("live_act_not_explained", broadcast_id=broadcast.id, error=str(error))
        return None
    return decision if decision.in_force_at is not None else None
