"""The statement of reasons for a broadcast that a moderator has ended on the air (DSA, Article 17).

The end is decided like any other case: of the house's own, about the whole broadcast, with what was there as evidence.
Whoever owns the broadcast gets every reason and a way to complain, and somebody else answers. What a decision can take
back is the text that says on the page who has ended it; the page of a broadcast that is over stays where it is.
"""

from __future__ import annotations

from typing import Final

from rostra.broadcast import Broadcast
from rostra.flows.decide_case import decide_case
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.open_cases import open_own_case
from rostra.flows.read_cases import open_case
from rostra.platform.errors import Invalid
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseChanged
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.claims import Claimed
from rostra.safety.decisions import GROUND_CHARACTERS, DecisionWish, Ground, Ordered, Reasons
from rostra.safety.notices import AlreadyRemoved
from rostra.safety.recusal import Recused
from rostra.safety.restrictions import Measure
from rostra.safety.subjects import Subject, SubjectKind

LABEL: Final = "A moderator has ended this broadcast."
_FACTS: Final = (
    "A moderator has ended the broadcast while it was on the air. This cannot be undone: nothing starts it again. "
    "What they found: {reason}"
)
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


async def explain_end(house: House, judge: Judge, broadcast: Broadcast, *, rule: str, reason: str) -> bool:
    """Decide a case about the end. False where it cannot be: somebody else works on one about this broadcast, or has
    reported it, or it is taken down already; then whose broadcast it is has to be told otherwise.

    Raises Forbidden.
    """
    subject = Subject(SubjectKind.BROADCAST, broadcast.id)
    wish = DecisionWish(
        measures=(Ordered(measure=Measure.LABEL, subject=subject.key, label=LABEL),),
        reasons=Reasons(
            category=BREAKS_RULES,
            ground=Ground.TERMS,
            ground_text=rule,
            facts=_FACTS.format(reason=reason),
            why=reason,
        ),
    )
    try:
        location = f"{house.membership.site_url}/b/{broadcast.slug}"
        case_id = await open_own_case(house, judge, location, BREAKS_RULES)
        seen = await open_case(house, judge, case_id)
        if any(each.by != judge.account_id for each in seen.log):
            _log.info("end_left_to_the_case", broadcast_id=broadcast.id, case_id=case_id)
            return False  # what others have reported is weighed by itself, and not answered in passing
        decision = await decide_case(house, judge, case_id, wish, version=seen.standing.version)
    except (AlreadyRemoved, CaseChanged, Claimed, Recused) as error:
        _log.warning("end_not_decided", broadcast_id=broadcast.id, error=str(error))
        return False
    return decision.in_force_at is not None
