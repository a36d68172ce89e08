"""The words of the desk: what states, kinds, measures and spans are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from rostra.network.accounts import Profile
from rostra.platform.ids import AccountId
from rostra.platform.wording import _, counted
from rostra.safety.attention import Age, Around, Why
from rostra.safety.cases import CaseId, Happened, Status
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.complaints import Outcome, Side
from rostra.safety.restrictions import Measure
from rostra.safety.subjects import SubjectKind
from rostra.web.pages import flag_words

WHYS: Final = {
    Why.LIFE: _("Life or safety"),
    Why.FLAGGER: _("Trusted flagger"),
    Why.LIVE: _("On the air now"),
    Why.COMPLAINT: _("Complaint"),
    Why.SECOND: _("Second look"),
    Why.STUCK: _("Nobody may decide"),
}
STATES: Final = {
    Status.OPEN: _("Waits for a decision"),
    Status.PROPOSED: _("Needs a second person"),
    Status.IN_COMPLAINT: _("Waits for the answer to a complaint"),
    Status.DECIDED: _("Decided"),
    Status.CLOSED: _("Closed"),
}
AGES: Final = {
    Age.HOUR: _("Over an hour"),
    Age.DAY: _("Over a day"),
    Age.THREE_DAYS: _("Over three days"),
    Age.WEEK: _("Over a week"),
}
KINDS: Final = {
    SubjectKind.POST: _("A post"),
    SubjectKind.MEDIA: _("A picture, film or sound"),
    SubjectKind.ACCOUNT: _("An account"),
    SubjectKind.BROADCAST: _("A broadcast"),
    SubjectKind.SPAN: _("A moment of a broadcast"),
}
HAPPENED: Final = {
    Happened.OPENED: _("Flagged for the first time."),
    Happened.NOTICED: _("Flagged again."),
    Happened.DETECTED: _("A machine pointed to it."),
    Happened.OVERDUE: _("The time set for deciding passed."),
    Happened.REFERRED: _("A link went to the outside reviewer."),
    Happened.PROPOSED: _("Proposed a decision."),
    Happened.AGREED: _("Agreed; the decision took force."),
    Happened.DECLINED: _("Did not agree; the case is open again."),
    Happened.DECIDED: _("Decided."),
    Happened.UNDONE: _("Took the decision back; the case is open again."),
    Happened.COMPLAINED: _("A complaint came."),
    Happened.UPHELD: _("Answered the complaint: the decision stands."),
    Happened.CHANGED: _("Answered the complaint: another decision took its place."),
    Happened.CLOSED: _("Closed: every time to complain is over."),
}
NOTHING: Final = {"": _("Nothing")}
_CONTENT: Final = {
    Measure.REMOVE: _("Remove it"),
    Measure.DISABLE: _("Disable access to it"),
    Measure.WITHHOLD: _("Withhold it, for the law"),
    Measure.AGE_GATE: _("Show it only after a warning"),
    Measure.LABEL: _("Put a label on it"),
    Measure.DEMOTE: _("Keep it out of lists"),
}
MEASURES: Final[dict[SubjectKind, dict[Measure, str]]] = {
    SubjectKind.POST: _CONTENT | {Measure.LIMIT_INTERACTION: _("No answers, boosts or favourites")},
    SubjectKind.MEDIA: {measure: text for measure, text in _CONTENT.items() if measure is not Measure.DEMOTE},
    SubjectKind.ACCOUNT: {},
    SubjectKind.BROADCAST: _CONTENT,
    SubjectKind.SPAN: {Measure.SILENCE: _("Silence this part of it")},
}
ON_ACCOUNT: Final = {
    Measure.DEMOTE: _("Keep it out of lists"),
    Measure.LABEL: _("Put a label on all it posts"),
    Measure.AGE_GATE: _("Show what it posts only after a warning"),
    Measure.LIMIT_INTERACTION: _("No answers, boosts or favourites"),
    Measure.WITHHOLD: _("Withhold it, for the law"),
    Measure.SUSPEND_POSTING: _("No posting"),
    Measure.SUSPEND_HOSTING: _("No broadcasts of its own"),
    Measure.SUSPEND: _("Suspend it"),
    Measure.TERMINATE: _("End it for good"),
}
DONE: Final = {
    Measure.REMOVE: _("Removed"),
    Measure.DISABLE: _("Disabled"),
    Measure.WITHHOLD: _("Withheld"),
    Measure.DEMOTE: _("Kept out of lists"),
    Measure.LABEL: _("Labelled"),
    Measure.AGE_GATE: _("Behind a warning"),
    Measure.LIMIT_INTERACTION: _("No answers, boosts or favourites"),
    Measure.SUSPEND: _("Account suspended"),
    Measure.TERMINATE: _("Account ended"),
    Measure.SUSPEND_POSTING: _("No posting"),
    Measure.SUSPEND_HOSTING: _("No broadcasts of its own"),
    Measure.SILENCE: _("Silenced"),
    Measure.MUTE: _("Voice muted on the air"),
    Measure.PAUSE: _("Paused on the air"),
    Measure.END: _("Ended on the air"),
}
_DECIDED: Final = tuple(area for area in flag_words.AREAS if area.kinds)
OUTCOMES: Final = {
    Outcome.UPHELD: _("not right: the decision stands"),
    Outcome.REVERSED: _("right: the decision is reversed"),
    Outcome.PARTLY: _("right in part: another decision takes its place"),
}


def reach_words(around: Around) -> str:
    """ "1,200 listen now", "3,400 follow"; empty for nobody."""
    if around.listeners is not None:
        return counted("{n:,} listens now", "{n:,} listen now", around.listeners)
    return "" if not around.followers else counted("{n:,} follows", "{n:,} follow", around.followers)


def about(category: str, keyword: str = "") -> str:
    """ "Threats and violence: It calls for violence or hatred"."""
    area = flag_words.BY_KEY.get(category)
    if area is None:
        return flag_words.RULES_BROKEN
    kind = area.kinds.get(keyword, "")
    return _("{area}: {kind}", area=area.title, kind=kind) if kind else area.title


def short(case_id: CaseId | int) -> str:
    """A number that people can say: the last six digits."""
    return f"{int(case_id) % 1_000_000:06d}"


def span_words(span: timedelta) -> str:
    """ "3 h", "25 min", without a sign."""
    minutes = abs(int(span.total_seconds())) // 60
    if minutes < 90:
        return _("{n} min", n=minutes)
    if minutes < 48 * 60:
        return _("{n} h", n=minutes // 60)
    return counted("{n} day", "{n} days", minutes // 1440)


def listed(found: Iterable[str]) -> str:
    """One after another, each once."""
    several = list(dict.fromkeys(found))
    if len(several) < 2:
        return several[0] if several else ""
    return _("{listed}, {last}", listed=listed(several[:-1]), last=several[-1])


def name_of(account_id: AccountId | None, people: Mapping[int, Profile]) -> str:
    if account_id is None:
        return _("the outside reviewer")
    found = people.get(account_id)
    return _("somebody who is gone") if found is None else f"@{found.handle}"


def notifiers_words(count: int, side: Side | None = None) -> str:
    if side is not None:
        return _("Whoever complained reads this")
    return counted("Whoever flagged it reads this", "All {n} who flagged it read this", count)


def categories() -> dict[str, dict[str, str]]:
    general, other = {"": _("In general")}, {flag_words.OTHER: _("Something else")}
    rules = general | other | {"NUDITY": _("Nudity"), "ADULT_SEXUAL_MATERIAL": _("Sex")}
    found = {area.title: general | area.kinds | other for area in _DECIDED}
    found[flag_words.RULES_BROKEN] = rules
    return {
        title: {(f"{key}/{kind}"): text for kind, text in kinds.items()}
        for (title, kinds), key in zip(found.items(), (*(area.key for area in _DECIDED), BREAKS_RULES), strict=True)
    }
