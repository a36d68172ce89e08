"""The statement of reasons that the person concerned gets, and the answer to whoever had reported it.

`Statement` has every element of Article 17(3) as a section of its own, so a page can show them apart and a test can
count them. The texts are for people who have never read a law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from rostra.safety.categories import BY_CODE
from rostra.safety.complaints import Outcome, Side
from rostra.safety.decisions import Automation, Decision, Ground, Ordered, Source
from rostra.safety.restrictions import IN_ROOM, Measure
from rostra.safety.subjects import Subject, SubjectKind, clock_time

BODIES_URL: Final = "https://digital-strategy.ec.europa.eu/en/policies/dsa-out-court-dispute-settlement"
"""The Commission's list of certified bodies (Article 21(8))."""
TAKE_BACK_MINUTES: Final = 10
"""Of an end on the air (`rostra.broadcast.lifecycle.TAKE_BACK`; a test holds the two together)."""
AN_INSTANT: Final = timedelta(microseconds=1)
"""A window ends with the midnight after its last day; people count in days."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """element: of Article 17(3), such as "a". key: for pages that want to place it."""

    key: str
    element: str
    title: str
    paragraphs: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Reasons, as they were given. Kept with the decision: what somebody was told does not change afterwards."""

    title: str
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """For letters and downloads: titles and paragraphs, apart by empty lines."""
        blocks = [self.title]
        blocks += ["\n".join((each.title.upper(), "", *each.paragraphs)) for each in self.sections]
        return "\n\n".join(blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a statement needs to know besides the decision. what: what it is about, in words with its address.

    zone: in which times are written. complain_url: where a complaint is made. terms_url: of the house's rules; may be
    empty. begins_ms: of a broadcast, the media time that its listeners know as 0:00.
    """

    what: str
    zone: str
    complain_url: str
    terms_url: str = ""
    begins_ms: int = 0


def statement_of(decision: Decision, told: Told, *, complaints_until: datetime) -> Statement:
    """For the person whose content or account is restricted. Raises ValueError for a decision that does nothing."""
    if not decision.acts:
        raise ValueError("nothing was restricted, so there are no reasons for a restriction")
    wish = decision.wish
    sections = (
        _section("what", "a", "What we did", *(_measure_line(each, told) for each in wish.measures)),
        _section("about", "a", "What it is about", told.what),
        _section("facts", "b", "What we found", wish.reasons.facts, _SOURCES[decision.source]),
        _section("automation", "c", "People and machines", *_automation(decision)),
        _ground(decision, told),
        _section("redress", "f", "What you can do", *_redress(told, complaints_until)),
    )
    return Statement(title="A decision about what you published here", sections=sections)


def no_longer_restricted(decision: Decision, told: Told, *, before: Decision, complaints_until: datetime) -> Statement:
    """For the person whose content or account it is, once a complaint has lifted everything that `before` did."""
    sections = (
        _section("what", "a", "What we did", _LET_GO if is_in_room(before) else _GIVEN_BACK),
        _section("about", "a", "What it is about", told.what),
        _section("facts", "b", "Why", decision.wish.reasons.facts, decision.wish.reasons.why),
        _section("redress", "f", "What you can do", *_redress(told, complaints_until)),
    )
    return Statement(title="A decision about you was reversed", sections=sections)


def answer_of(decision: Decision, told: Told, *, complaints_until: datetime) -> Statement:
    """For whoever reported it (Article 16(5)): what was decided, why if nothing is done, and how to complain.

    It names nobody: neither whose content it is nor who decided. What takes the place of a decision that acted, and
    acts no more, is said to be that.
    """
    if decision.acts:
        done = tuple(_measure_line(each, told) for each in decision.wish.measures)
        lead = "We looked into what you flagged and acted:"
    elif decision.replaces is not None:
        done = (decision.wish.reasons.why,)
        lead = _NO_LONGER
    else:
        done = (decision.wish.reasons.why,)
        lead = "We looked into what you flagged, and nothing was changed. This is why:"
    sections = (
        _section("about", "", "What you flagged", told.what),
        _section("what", "", "What we decided", lead, *done),
        _section("automation", "", "People and machines", *_automation(decision)),
        _section("redress", "", "What you can do", *_redress(told, complaints_until)),
    )
    return Statement(title="Our decision about what you flagged", sections=sections)


def complaint_answer(outcome: Outcome, side: Side, reasons: str, told: Told, *, before: Decision) -> Statement:
    """For whoever complained about `before` (Article 20(5))."""
    decided = _OUTCOMES[outcome, side]
    if outcome is Outcome.REVERSED and is_in_room(before):
        decided = f"You were right. {_LET_GO}"
    sections = (
        _section("about", "", "What it is about", told.what),
        _section("what", "", "What we decided", decided, reasons),
        _section(
            "automation",
            "",
            "People and machines",
            "A person who had not decided in this matter before has read your complaint and decided about it.",
        ),
        _section("redress", "", "What you can do", *_OTHER_WAYS),
    )
    return Statement(title="Our answer to your complaint", sections=sections)


def is_in_room(decision: Decision) -> bool:
    """Whether it was about what was on the air at that moment, which nothing brings back."""
    return any(each.measure in IN_ROOM for each in decision.wish.measures)


def _section(key: str, element: str, title: str, *paragraphs: str) -> Section:
    return Section(key=key, element=element, title=title, paragraphs=tuple(each for each in paragraphs if each))


def _measure_line(ordered: Ordered, told: Told) -> str:
    subject = Subject.parse(ordered.subject)
    noun = _NOUNS[subject.kind]
    if subject.kind is SubjectKind.SPAN and subject.from_ms is not None and subject.to_ms is not None:
        first, last = (clock_time(max(0, each - told.begins_ms)) for each in (subject.from_ms, subject.to_ms))
        noun = f"The broadcast from {first} to {last}"
    done = _DONE[ordered.measure].format(what=noun, label=ordered.label.removesuffix("."))
    if ordered.measure in IN_ROOM:
        return done
    where = f"only in {', '.join(ordered.territories)}" if ordered.territories else "everywhere"
    if ordered.until is None:
        return f"{done} This holds {where}, and has no end date."
    return f"{done} This holds {where}, until {_moment(ordered.until, told.zone)}. Then it ends by itself."


def _automation(decision: Decision) -> tuple[str, ...]:
    found = decision.wish.reasons.found_automatically
    return (
        "A computer program pointed to it." if found else "People pointed to it, not a computer program.",
        _FILED if decision.wish.reasons.filed_by_machine else "",
        _AUTOMATION[decision.wish.reasons.automation],
    )


def _ground(decision: Decision, told: Told) -> Section:
    reasons = decision.wish.reasons
    category = BY_CODE[reasons.category].official
    if reasons.ground is Ground.LAW:
        lead = f"In our view it is against the law: {reasons.ground_text} (kind: {category})."
        return _section("ground", "d", "The law", lead, reasons.why)
    lead = f"It is against a rule of this place ({category}): {reasons.ground_text}"
    rules = f"All rules: {told.terms_url}" if told.terms_url else ""
    return _section("ground", "e", "Our rules", lead, reasons.why, rules)


def _redress(told: Told, until: datetime) -> tuple[str, ...]:
    last_day = _day(until - AN_INSTANT, told.zone)
    return (
        f"If you think that we are wrong, complain here until the end of {last_day}: {told.complain_url}",
        _WHO_READS,
        *_OTHER_WAYS,
    )


_WHO_READS: Final = (
    "It costs nothing. Somebody who had no part in this decision reads your complaint and answers it. You may explain "
    "in your own words and attach files."
)
_OTHER_WAYS: Final = (
    f"You can also ask a certified out-of-court body of your choice to settle it. This is the list: {BODIES_URL}",
    "And you can go to court at any time.",
)
_NO_LONGER: Final = (
    "We had acted on what you flagged. After a complaint somebody else looked at it again and took that back. "
    "This is why:"
)
_GIVEN_BACK: Final = "We have taken our decision back. Everything that it took away is there again, as it was before."
_LET_GO: Final = (
    "We have taken our decision back, and whatever still held of it has ended. What listeners did not hear meanwhile "
    "was never on the air, so that cannot be given back."
)
_NOUNS: Final = {
    SubjectKind.POST: "The post",
    SubjectKind.MEDIA: "The file",
    SubjectKind.ACCOUNT: "The account",
    SubjectKind.BROADCAST: "The broadcast",
    SubjectKind.SPAN: "The part of the broadcast",
}
_DONE: Final = {
    Measure.REMOVE: "{what} was removed.",
    Measure.DISABLE: "Access to it was disabled: {what} is not shown.",
    Measure.WITHHOLD: "{what} is not shown.",
    Measure.DEMOTE: "{what} is no longer recommended or listed; whoever has its address still finds it.",
    Measure.LABEL: "{what} carries a label: “{label}”.",
    Measure.AGE_GATE: "{what} is shown only after a warning.",
    Measure.LIMIT_INTERACTION: "Nobody can answer, boost or favourite it: {what} is only shown.",
    Measure.SUSPEND: "{what} is suspended. It is shown to nobody; its holder can sign in to read this and to complain.",
    Measure.TERMINATE: "{what} is ended. It is shown to nobody; its holder can sign in to read this, to complain and "
    "to take along what is theirs.",
    Measure.SUSPEND_POSTING: "{what} cannot post or boost any more. What it has posted stays, and its holder can read, "
    "follow and listen as before.",
    Measure.SUSPEND_HOSTING: "{what} cannot bring broadcasts on the air any more. Those that are over stay, and its "
    "holder can post and listen as before.",
    Measure.SILENCE: "{what} is silent: nobody hears what was said then. All the rest stays.",
    Measure.MUTE: "“{label}” was muted in the broadcast, so nobody hears this voice there. This holds everywhere, "
    "until a moderator lets it speak again, at most until the broadcast is over.",
    Measure.PAUSE: "{what} was paused: everybody hears silence. This holds everywhere, until a moderator lets it go "
    "on, at most until the broadcast is over, which whoever hosts may end.",
    Measure.END: "{what} was ended: everybody hears silence. This holds everywhere. Within "
    f"{TAKE_BACK_MINUTES} minutes a moderator can take it back; after that the room is closed, and it is over for "
    "good.",
}
_SOURCES: Final = {
    Source.NOTICE: "Somebody flagged it. We do not say who.",
    Source.FLAGGER: "It was flagged by an organisation that an authority has named a trusted flagger.",
    Source.OTHER_NOTICE: "Somebody told us about it, in another way than by our form.",
    Source.VOLUNTARY: "We came upon it ourselves.",
}
_FILED: Final = "A computer program recognised its language, so that it came to somebody who reads that."
_AUTOMATION: Final = {
    Automation.NONE: "A person has decided. No computer program took part in the decision.",
    Automation.PARTLY: "A person has decided, with the help of a computer program.",
    Automation.FULLY: "A computer program has decided. A complaint is decided by a person.",
}
_OUTCOMES: Final = {
    (Outcome.UPHELD, Side.AFFECTED): "The decision stands.",
    (Outcome.UPHELD, Side.NOTIFIER): "The decision stands.",
    (Outcome.PARTLY, Side.AFFECTED): "You were right in part. Another decision takes the place of the first one.",
    (Outcome.PARTLY, Side.NOTIFIER): "You were right in part. Another decision takes the place of the first one.",
    (Outcome.REVERSED, Side.AFFECTED): "You were right. We have taken the decision back, and everything that it took "
    "away is there again.",
    (Outcome.REVERSED, Side.NOTIFIER): "You were right. We have acted on what you flagged.",
}


def _day(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y} ({zone.rpartition('/')[2].replace('_', ' ')} time)"


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone})"
