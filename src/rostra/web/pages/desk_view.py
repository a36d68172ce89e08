"""The desk's pages from what the flows know. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from rostra.flows.judges import Judge
from rostra.flows.read_cases import CaseFile, FiledNotice
from rostra.flows.work_at_desk import Queue, Waiting
from rostra.network.accounts import Profile
from rostra.platform.ids import AccountId
from rostra.safety.attention import Around, Budget, Exposure, Only, Why, reasons
from rostra.safety.cases import CaseId, Event, Happened, Status
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.complaints import Outcome, Side
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Decision, DecisionWish, Ground, Ordered, Reasons
from rostra.safety.desk_store import Note
from rostra.safety.restrictions import Measure
from rostra.safety.store import Case
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.templates import TemplateText
from rostra.web.pages import flag_words, words
from rostra.web.pages.enclosing import file_words
from rostra.web.pages.views.desk import (
    DecideView,
    DecisionView,
    EventView,
    ExposureView,
    FilterView,
    NoteView,
    NoticeView,
    QueueRow,
    TypedDecision,
)

PATH: Final = "/desk"
WHYS: Final = {
    Why.LIFE: "Life or safety",
    Why.FLAGGER: "Trusted flagger",
    Why.LIVE: "On the air now",
    Why.COMPLAINT: "Complaint",
    Why.SECOND: "Second look",
    Why.STUCK: "Nobody may decide",
}
STATES: Final = {
    Status.OPEN: "Waits for a decision",
    Status.PROPOSED: "Needs a second person",
    Status.IN_COMPLAINT: "Waits for the answer to a complaint",
    Status.DECIDED: "Decided",
    Status.CLOSED: "Closed",
}
KINDS: Final = {
    SubjectKind.POST: "A post",
    SubjectKind.MEDIA: "A picture, film or sound",
    SubjectKind.ACCOUNT: "An account",
    SubjectKind.BROADCAST: "A broadcast",
    SubjectKind.SPAN: "A moment of a broadcast",
}
_HAPPENED: Final = {
    Happened.OPENED: "Flagged for the first time.",
    Happened.NOTICED: "Flagged again.",
    Happened.DETECTED: "A machine pointed to it.",
    Happened.OVERDUE: "The time set for deciding passed.",
    Happened.REFERRED: "A link went to the outside reviewer.",
    Happened.PROPOSED: "Proposed a decision.",
    Happened.AGREED: "Agreed; the decision took force.",
    Happened.DECLINED: "Did not agree; the case is open again.",
    Happened.DECIDED: "Decided.",
    Happened.UNDONE: "Took the decision back; the case is open again.",
    Happened.COMPLAINED: "A complaint came.",
    Happened.UPHELD: "Answered the complaint: the decision stands.",
    Happened.CHANGED: "Answered the complaint: another decision took its place.",
    Happened.CLOSED: "Closed: every time to complain is over.",
}
NOTHING: Final = {"": "Nothing"}
_CONTENT: Final = {
    Measure.REMOVE: "Remove it",
    Measure.WITHHOLD: "Withhold it, for the law",
    Measure.AGE_GATE: "Show it only after a warning",
    Measure.LABEL: "Put a label on it",
    Measure.DEMOTE: "Keep it out of lists",
}
MEASURES: Final[dict[SubjectKind, dict[Measure, str]]] = {
    SubjectKind.POST: _CONTENT | {Measure.LIMIT_INTERACTION: "No answers, boosts or favourites"},
    SubjectKind.MEDIA: {measure: text for measure, text in _CONTENT.items() if measure is not Measure.DEMOTE},
    SubjectKind.ACCOUNT: {},
    SubjectKind.BROADCAST: _CONTENT,
    SubjectKind.SPAN: {Measure.SILENCE: "Silence this part of it"},
}
ON_ACCOUNT: Final = {
    Measure.DEMOTE: "Keep it out of lists",
    Measure.LABEL: "Put a label on all it posts",
    Measure.AGE_GATE: "Show what it posts only after a warning",
    Measure.LIMIT_INTERACTION: "No answers, boosts or favourites",
    Measure.WITHHOLD: "Withhold it, for the law",
    Measure.SUSPEND: "Suspend it",
    Measure.TERMINATE: "End it for good",
}
DONE: Final = {
    Measure.REMOVE: "Removed",
    Measure.DISABLE: "Disabled",
    Measure.WITHHOLD: "Withheld",
    Measure.DEMOTE: "Kept out of lists",
    Measure.LABEL: "Labelled",
    Measure.AGE_GATE: "Behind a warning",
    Measure.LIMIT_INTERACTION: "No answers, boosts or favourites",
    Measure.SUSPEND: "Account suspended",
    Measure.TERMINATE: "Account ended",
    Measure.SILENCE: "Silenced",
}
_DECIDED: Final = tuple(area for area in flag_words.AREAS if area.kinds)
OUTCOMES: Final = {
    Outcome.UPHELD: "not right: the decision stands",
    Outcome.REVERSED: "right: the decision is reversed",
    Outcome.PARTLY: "right in part: another decision takes its place",
}


def exposure_view(found: Exposure, budget: Budget) -> ExposureView:
    return ExposureView(
        items=found.items,
        hard=found.hard,
        spent=words.duration_text(found.spent) if found.spent else "",
        limit=f"{budget.items} items, {budget.hard_items} hard ones, or {words.duration_text(budget.time)}",
        share=min(100, int(found.share * 100)),
        is_over=found.is_enough,
        unbroken=span_words(found.unbroken) if found.needs_break else "",
    )


def queue_row(
    found: Waiting, who: AccountId | None, people: Mapping[int, Profile], rules: SafetyRules, now: datetime
) -> QueueRow:
    case = found.case
    is_held = case.is_claimed(now)
    mine = is_held and case.claimed_by == who
    holder = people.get(case.claimed_by) if is_held and case.claimed_by is not None else None
    late = case.answer_by is not None and case.answer_by <= now
    due = "" if case.answer_by is None else span_words(case.answer_by - now)
    return QueueRow(
        url=f"{PATH}/{case.id}",
        number=short(case.id),
        kind=KINDS[case.subject.kind],
        about=about(case.category, case.keyword),
        reasons=tuple(WHYS[each] for each in reasons(case, found.around, rules)),
        reach=reach_words(found.around),
        state=STATES[case.status],
        language=case.language,
        opened=words.ago(case.opened_at, now),
        due=due,
        late=late,
        number_of=str(case.id),
        may_choose=case.status is Status.OPEN and (mine or not is_held),
        holder="" if not is_held else f"@{holder.handle}" if holder is not None else "somebody",
        held_for="" if not is_held or case.claimed_until is None else words.left(case.claimed_until, now),
        mine=mine,
        notices=case.notices,
    )


def reach_words(around: Around) -> str:
    """ "1,200 listen now", "3,400 follow"; empty for nobody."""
    if around.listeners is not None:
        return f"{around.listeners:,} listen now" if around.listeners != 1 else "1 listens now"
    return "" if not around.followers else f"{around.followers:,} follow" if around.followers > 1 else "1 follows"


def filters(queue: Queue, only: Only) -> tuple[FilterView, ...]:
    return (
        FilterView(
            name="language",
            label="Language",
            chosen=only.language,
            options={"": "All", **{each: each for each in queue.languages}},
        ),
        FilterView(
            name="category",
            label="Kind",
            chosen=only.category,
            options={"": "All", **{each: about(each) for each in queue.categories}},
        ),
        FilterView(
            name="status",
            label="State",
            chosen=only.status,
            options={"": "All that wait"}
            | {each.value: STATES[each] for each in (Status.OPEN, Status.PROPOSED, Status.IN_COMPLAINT)},
        ),
    )


def about(category: str, keyword: str = "") -> str:
    """ "Threats and violence: it calls for violence or hatred"."""
    area = flag_words.BY_KEY.get(category)
    if area is None:
        return flag_words.RULES_BROKEN
    kind = area.kinds.get(keyword, "")
    return f"{area.title}: {kind[0].lower()}{kind[1:]}" if kind else area.title


def short(case_id: CaseId | int) -> str:
    """A number that people can say: the last six digits."""
    return f"{int(case_id) % 1_000_000:06d}"


def span_words(span: timedelta) -> str:
    """ "3 h", "25 min", without a sign."""
    minutes = abs(int(span.total_seconds())) // 60
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def event_views(log: list[Event], people: Mapping[int, Profile], zone: str) -> tuple[EventView, ...]:
    return tuple(
        EventView(when=words.moment(each.at, zone), who=_who(each, people), text=_HAPPENED[each.what], why=each.why)
        for each in log
    )


def note_views(notes: list[Note], people: Mapping[int, Profile], now: datetime) -> tuple[NoteView, ...]:
    return tuple(
        NoteView(when=words.ago(each.written_at, now), who=name_of(each.by, people), text=each.text) for each in notes
    )


def notice_view(filed: FiledNotice, base: str, now: datetime) -> NoticeView:
    notice = filed.notice
    names = file_words(notice.attachments)
    urls = [f"{base}/files/{key.replace('/', '')}" for key in notice.attachments]
    if notice.account_id is not None:
        sender = "somebody who is signed in"
    else:
        sender = "somebody with a name and an address" if filed.contact.email else "somebody without a name"
    law = f"Law named: {notice.law}" if notice.law else ""
    return NoticeView(
        number=short(notice.id),
        when=words.ago(notice.received_at, now),
        sender=sender,
        about=about(notice.category, notice.keyword),
        words="\n\n".join(part for part in (notice.explanation, law) if part),
        files=tuple(zip(names, urls, strict=True)),
        trusted=notice.flagger_id is not None,
        id=str(notice.id),
        has_sender=notice.account_id is not None or bool(notice.email_mark),
    )


def decision_view(decision: Decision, people: Mapping[int, Profile], zone: str) -> DecisionView:
    done = ", ".join(dict.fromkeys(DONE[each.measure] for each in decision.wish.measures))
    state = ""
    if decision.in_force_at is None:
        state = "only proposed"
    elif decision.replaced_by is not None:
        state = "replaced by another decision"
    if decision.undone_at is not None:
        state = "taken back"
    who = name_of(decision.by, people)
    return DecisionView(
        title=done or "Nothing was done",
        who=who if decision.second_by is None else f"{who} and {name_of(decision.second_by, people)}",
        when=words.moment(decision.in_force_at or decision.made_at, zone),
        why=decision.wish.reasons.why,
        state=state,
    )


def name_of(account_id: AccountId | None, people: Mapping[int, Profile]) -> str:
    if account_id is None:
        return "the outside reviewer"
    found = people.get(account_id)
    return "somebody who is gone" if found is None else f"@{found.handle}"


def template_options(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For choosing one; empty when there is none."""
    found = {name: f"{name} ({', '.join(languages)})" for name, languages in names.items()}
    return {"": "None"} | found if found else {}


def decide_view(
    file: CaseFile,
    form_url: str,
    typed: TypedDecision,
    zone: str,
    errors: Mapping[str, str] | None = None,
    *,
    templates: Mapping[str, str],
) -> DecideView:
    case = file.case
    complaint = next((each for each in file.complaints if each.id in file.standing.open_complaints), None)
    content = MEASURES[case.subject.kind]
    on_account = ON_ACCOUNT if case.affected is not None else {}
    if complaint is not None:
        on_account = {measure: text for measure, text in on_account.items() if measure is not Measure.TERMINATE}
    return DecideView(
        form_url=form_url,
        typed=typed,
        measures=NOTHING | {measure.value: text for measure, text in content.items()},
        account_measures=NOTHING | {measure.value: text for measure, text in on_account.items()} if on_account else {},
        categories=categories(),
        has_label=Measure.LABEL in content or Measure.LABEL in on_account,
        outcomes={} if complaint is None else {outcome.value: text for outcome, text in OUTCOMES.items()},
        complaint_id="" if complaint is None else str(complaint.id),
        zone=zone,
        version=str(file.standing.version),
        errors=errors or {},
        templates=templates,
        template_hint="In the language of whoever will read it. It replaces what stands in the fields below.",
    )


def first_typed(file: CaseFile) -> TypedDecision:
    """The form as it is opened: the kind that was flagged, and nothing decided beforehand."""
    case = file.case
    ground = Ground.TERMS if case.category == BREAKS_RULES else Ground.LAW
    return TypedDecision(category=f"{case.category}/{case.keyword}", ground=ground.value)


def typed_of(form: Mapping[str, str]) -> TypedDecision:
    return msgspec.convert(
        {name: form[name] for name in TypedDecision.__dataclass_fields__ if name in form}, TypedDecision
    )


def with_template(typed: TypedDecision, text: TemplateText) -> TypedDecision:
    """The form with a template in it. What the template says nothing about stays."""
    texts = {name: getattr(text, name) or getattr(typed, name) for name in ("ground_text", "facts", "why")}
    return replace(typed, template=text.name, ground=text.ground.value, **texts)


def wish_of(case: Case, typed: TypedDecision, zone: str) -> DecisionWish:
    """What the form decides; measures are checked where they are decided. An unknown one is left to that check."""
    territories = tuple(typed.territories.upper().replace(",", " ").split())
    until = end_of_day(typed.until, zone)
    measures = []
    if typed.measure in set(Measure):
        measure = Measure(typed.measure)
        label = typed.label if measure is Measure.LABEL else ""
        measures.append(
            Ordered(measure=measure, subject=case.subject.key, territories=territories, until=until, label=label)
        )
    if typed.account_measure in set(Measure) and case.affected is not None:
        account = Subject(SubjectKind.ACCOUNT, case.affected).key
        measure = Measure(typed.account_measure)
        label = typed.label if measure is Measure.LABEL else ""
        where = territories if measure is Measure.WITHHOLD else ()
        measures.append(Ordered(measure=measure, subject=account, territories=where, until=until, label=label))
    category, _, keyword = typed.category.partition("/")
    return DecisionWish(
        measures=tuple(measures),
        reasons=Reasons(
            category=category,
            keyword=keyword,
            ground=Ground.TERMS if typed.ground == Ground.TERMS.value else Ground.LAW,
            ground_text=typed.ground_text,
            why=typed.why,
            facts=typed.facts,
            language=case.language,
        ),
    )


def notifiers_words(count: int, side: Side | None = None) -> str:
    if side is not None:
        return "Whoever complained reads this"
    return "Whoever flagged it reads this" if count == 1 else f"All {count} who flagged it read this"


def end_of_day(text: str, zone: str) -> datetime | None:
    """The first moment after that day; None for no day, and for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))


def categories() -> dict[str, dict[str, str]]:
    rules = {"": "in general", flag_words.OTHER: "something else", "NUDITY": "nudity", "ADULT_SEXUAL_MATERIAL": "sex"}
    found = {area.title: {"": "in general", **area.kinds, flag_words.OTHER: "Something else"} for area in _DECIDED}
    found[flag_words.RULES_BROKEN] = rules
    return {
        title: {(f"{key}/{kind}"): text for kind, text in kinds.items()}
        for (title, kinds), key in zip(found.items(), (*(area.key for area in _DECIDED), BREAKS_RULES), strict=True)
    }


def _who(event: Event, people: Mapping[int, Profile]) -> str:
    """Only of those who decide: who flagged something, or complained, is told to nobody here."""
    if event.outside:
        return "the outside reviewer"
    if event.what in (Happened.OPENED, Happened.NOTICED, Happened.COMPLAINED) or event.by is None:
        return ""
    return name_of(event.by, people)


def case_held(case: Case, judge: Judge, people: Mapping[int, Profile], now: datetime) -> str:
    """ "you", "@ben", or empty."""
    if not case.is_claimed(now):
        return ""
    if case.claimed_by == judge.account_id:
        return "you"
    return name_of(case.claimed_by, people)
