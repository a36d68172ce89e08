"""A decision of a person about a case: what is done, where and for how long, and why (DSA, Articles 16(5) and 17)."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, DecisionId, Standing
from rostra.safety.categories import BREAKS_RULES, check_category
from rostra.safety.category_tree import Use
from rostra.safety.deadlines import SafetyRules
from rostra.safety.notices import paragraphs
from rostra.safety.restrictions import IN_ROOM, OF_SERVICE, Measure
from rostra.safety.subjects import Subject, SubjectKind

FACTS_CHARACTERS: Final = 5_000
GROUND_CHARACTERS: Final = 500
WHY_CHARACTERS: Final = 2_000
LABEL_CHARACTERS: Final = 200
MEASURES_MAX: Final = 10
"""Limits of the Commission's database, which gets the same texts (decision_facts, ..._ground, ..._explanation)."""
SECOND_CHARACTERS: Final = 2_000
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


ON_ACCOUNTS: Final = OF_SERVICE | {Measure.SUSPEND, Measure.TERMINATE}


class Ground(StrEnum):
    """Why: the law (Article 17(3)(d)) or the house's terms (Article 17(3)(e))."""

    LAW = "law"
    TERMS = "terms"


class Source(StrEnum):
    """How the house came to look at it (Article 17(3)(b)), in the words of the Commission's database."""

    NOTICE = "article_16"
    FLAGGER = "trusted_flagger"
    OTHER_NOTICE = "type_other_notification"
    VOLUNTARY = "voluntary"


class Automation(StrEnum):
    """How much of the decision a machine made (Article 17(3)(c))."""

    NONE = "not_automated"
    PARTLY = "partially"
    FULLY = "fully"


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """One measure. subject: a key of `Subject`. territories: ISO 3166-1 alpha-2 in order; empty for everywhere.
    until: None for no end. label: the text that a label shows; of a mute, the name of the voice, and seat its id.
    """

    measure: Measure
    subject: str
    territories: tuple[str, ...] = ()
    until: datetime | None = None
    label: str = ""
    seat: str = ""


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """Why. facts: what was found, and relied on. ground_text: the provision or the rule. why: how it follows from that.

    found_automatically: whether a machine found it. language: of the content, as whoever decides has read it.
    filed_by_machine: a machine has recognised the language before that.
    """

    category: str
    keyword: str = ""
    ground: Ground = Ground.LAW
    ground_text: str = ""
    why: str = ""
    facts: str = ""
    found_automatically: bool = False
    automation: Automation = Automation.NONE
    language: str = ""
    filed_by_machine: bool = False


class DecisionWish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decides. No measures: nothing is done, and the reasons say why."""

    measures: tuple[Ordered, ...] = ()
    reasons: Reasons


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it was made. by: None for the outside reviewer. second_by: who agreed, where two had to.

    in_force_at: None while it is only proposed. informed_at: when those concerned were told, which begins their six
    months; complaints_until: when these end. replaced_by: the decision that a complaint has put in its place.
    bulk_id: of the act on several cases that it was part of. undone_at: when it was taken back.
    """

    id: DecisionId
    case_id: CaseId
    made_at: datetime
    by: AccountId | None
    wish: DecisionWish
    source: Source
    affected: AccountId | None = None
    second_by: AccountId | None = None
    in_force_at: datetime | None = None
    informed_at: datetime | None = None
    complaints_until: datetime | None = None
    replaced_by: DecisionId | None = None
    replaces: DecisionId | None = None
    bulk_id: int | None = None
    undone_at: datetime | None = None

    @property
    def acts(self) -> bool:
        return bool(self.wish.measures)

    @property
    def stands(self) -> bool:
        """In force, and neither replaced nor taken back since."""
        return self.in_force_at is not None and self.replaced_by is None and self.undone_at is None


def checked(
    wish: DecisionWish, *, subject: Subject, affected: AccountId | None, now: datetime, on_air: bool = False
) -> DecisionWish:
    """The wish with its texts tidied and its territories in order. Raises Invalid with what is missing.

    subject: of the case. A measure on an account can only be on the one whose content it is. on_air: the live desk
    decides, which tells the room in the same transaction; nobody else can take its measures.
    """
    if not on_air and any(each.measure in IN_ROOM for each in wish.measures):
        raise _unfit("in the room", "Mute, pause and end at the live desk, where the room obeys at once.")
    reasons = wish.reasons
    if wish.measures:
        check_category(reasons.category, reasons.keyword, use=_use(reasons))
    facts, ground, why = (paragraphs(each) for each in (reasons.facts, reasons.ground_text, reasons.why))
    needed = [("facts", facts, FACTS_CHARACTERS, "what you found and what you rely on")]
    if wish.measures:
        needed.append(("ground_text", ground, GROUND_CHARACTERS, _GROUND_ASKED[reasons.ground]))
    needed.append(("why", why, WHY_CHARACTERS, _WHY_ASKED[reasons.ground] if wish.measures else _NO_ACTION_ASKED))
    for field, text, characters, what in needed:
        if not text or len(text) > characters:
            message = f"Write down {what}, in up to {characters} characters. The person reads it word for word."
            raise Invalid(f"decision: {field}", user_message=message, field=field)
    if len(wish.measures) > MEASURES_MAX:
        text = f"One decision may have {MEASURES_MAX} measures."
        raise Invalid("measures", user_message=text, field="measures")
    measures = tuple(_measure(each, subject=subject, affected=affected, now=now) for each in wish.measures)
    tidy = msgspec.structs.replace(reasons, facts=facts, ground_text=ground, why=why)
    return DecisionWish(measures=measures, reasons=tidy)


def as_found(wish: DecisionWish, standing: Standing) -> DecisionWish:
    """What machines had to do with it is said to be so, whoever decides (Article 17(3)(c))."""
    reasons = msgspec.structs.replace(
        wish.reasons,
        found_automatically=wish.reasons.found_automatically or standing.is_detected,
        filed_by_machine=standing.filed_by_machine,
    )
    return msgspec.structs.replace(wish, reasons=reasons)


def needs_second(wish: DecisionWish, rules: SafetyRules) -> bool:
    """Whether a second person has to agree before this takes force."""
    if any(each.measure is Measure.TERMINATE for each in wish.measures):
        return True
    return bool(wish.measures) and wish.reasons.category in rules.four_eyes


def checked_second(text: str) -> str:
    """Why a second person agrees, or does not: who only presses has not looked. Raises Invalid without it."""
    tidy = paragraphs(text)
    if not tidy or len(tidy) > SECOND_CHARACTERS:
        message = (
            f"Say in a sentence why you agree or why not, in up to {SECOND_CHARACTERS} characters. It stands in the "
            "history of the case and in the ledger."
        )
        raise Invalid(f"second: {len(tidy)} characters", user_message=message, field="reason")
    return tidy


def _use(reasons: Reasons) -> Use:
    return Use.OWN_TERMS if reasons.ground is Ground.TERMS and reasons.category == BREAKS_RULES else Use.OWN_LAW


def _measure(each: Ordered, *, subject: Subject, affected: AccountId | None, now: datetime) -> Ordered:
    try:
        target = Subject.parse(each.subject)
    except ValueError as error:
        raise _unfit(str(error), "Say what the measure is for.") from error
    is_its_account = target.kind is SubjectKind.ACCOUNT and target.id == affected
    is_inside = target.id == subject.id and target.kind in _INSIDE.get(subject.kind, (subject.kind,))
    if not (is_its_account or is_inside or target == subject):
        raise _unfit(f"{target.key} in a case about {subject.key}", "This measure is for something else than the case.")
    if (each.measure in ON_ACCOUNTS) and target.kind is not SubjectKind.ACCOUNT:
        raise _unfit(f"{each.measure} of {target.key}", "Only an account can be suspended or ended.")
    if (each.measure is Measure.SILENCE) != (target.kind is SubjectKind.SPAN):
        raise _unfit(f"{each.measure} of {target.key}", "A span of a broadcast is silenced, and only a span.")
    if target.kind is SubjectKind.SPAN and target.from_ms == target.to_ms:
        raise _unfit(
            f"{each.measure} of a moment", "A moment cannot be silenced. Give the span a beginning and an end."
        )
    if each.measure in IN_ROOM and target.kind is not SubjectKind.BROADCAST:
        raise _unfit(f"{each.measure} of {target.key}", "Only a broadcast can be paused, muted or ended.")
    if wrong := [code for code in each.territories if _COUNTRY.fullmatch(code) is None]:
        raise _unfit(f"territory {wrong[0]!r}", "Countries are two capital letters, such as DE.")
    if each.until is not None and each.until <= now:
        raise _unfit("until", "The measure would be over before it begins. Check its end.")
    label = each.label.strip()
    if (each.measure in _NAMED) != bool(label) or len(label) > LABEL_CHARACTERS:
        raise _unfit("label", f"A label needs its text, in up to {LABEL_CHARACTERS} characters; nothing else has one.")
    return msgspec.structs.replace(each, territories=tuple(sorted(set(each.territories))), label=label)


_NAMED: Final = frozenset({Measure.LABEL, Measure.MUTE})
_INSIDE: Final = {
    SubjectKind.BROADCAST: (SubjectKind.BROADCAST, SubjectKind.SPAN),
    SubjectKind.SPAN: (SubjectKind.BROADCAST, SubjectKind.SPAN),
}
_GROUND_ASKED: Final = {
    Ground.LAW: "the provision of the law that it breaks",
    Ground.TERMS: "the rule of this place that it breaks",
}
_WHY_ASKED: Final = {
    Ground.LAW: "why it is illegal by that provision",
    Ground.TERMS: "why it breaks that rule",
}
_NO_ACTION_ASKED: Final = "why nothing is done"


def _unfit(log_text: str, text: str) -> Invalid:
    return Invalid(f"measure: {log_text}", user_message=text, field="measures")
