"""The desk's pages from what the flows know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from rostra.flows.judges import Judge
from rostra.flows.read_cases import FiledNotice
from rostra.flows.work_at_desk import Queue, Waiting
from rostra.network.accounts import Profile
from rostra.platform.ids import AccountId
from rostra.platform.wording import _
from rostra.safety.attention import Age, Budget, Exposure, Only, reasons
from rostra.safety.case_rows import Case
from rostra.safety.cases import Event, Happened, Status
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Decision
from rostra.safety.desk_store import Note
from rostra.safety.notices import Notice
from rostra.safety.subjects import Subject
from rostra.web.pages import words
from rostra.web.pages.country_words import COUNTRIES
from rostra.web.pages.desk_words import (
    AGES,
    DONE,
    HAPPENED,
    KINDS,
    STATES,
    WHYS,
    about,
    listed,
    name_of,
    reach_words,
    short,
    span_words,
)
from rostra.web.pages.enclosing import file_words
from rostra.web.pages.flagged import span_text
from rostra.web.pages.views.desk import (
    DecisionView,
    EventView,
    ExposureView,
    FilterView,
    NoteView,
    NoticeView,
    QueueRow,
)

PATH: Final = "/desk"


def exposure_view(found: Exposure, budget: Budget) -> ExposureView:
    return ExposureView(
        items=found.items,
        hard=found.hard,
        spent=words.duration_text(found.spent) if found.spent else "",
        limit=_(
            "{items} items, {hard} hard ones, or {time}",
            items=budget.items,
            hard=budget.hard_items,
            time=words.duration_text(budget.time),
        ),
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
        country=case.country,
        opened=words.ago(case.opened_at, now),
        due=due,
        late=late,
        number_of=str(case.id),
        may_choose=case.status is Status.OPEN and (mine or not is_held),
        holder="" if not is_held else f"@{holder.handle}" if holder is not None else _("somebody"),
        held_for="" if not is_held or case.claimed_until is None else words.left(case.claimed_until, now),
        mine=mine,
        notices=case.notices,
    )


def filters(queue: Queue, only: Only) -> tuple[FilterView, ...]:
    return (
        FilterView(
            name="language",
            label=_("Language"),
            chosen=only.language,
            options={"": _("All"), **{each: each for each in queue.values.languages}},
        ),
        FilterView(
            name="country",
            label=_("Country"),
            chosen=only.country,
            options={"": _("All"), **{each: each for each in queue.values.countries}},
        ),
        FilterView(
            name="category",
            label=_("Kind"),
            chosen=only.category,
            options={"": _("All"), **{each: about(each) for each in queue.values.categories}},
        ),
        FilterView(
            name="status",
            label=_("State"),
            chosen=only.status,
            options={"": _("All that wait")}
            | {each.value: STATES[each] for each in (Status.OPEN, Status.PROPOSED, Status.IN_COMPLAINT)},
        ),
        FilterView(
            name="age",
            label=_("Waits for"),
            chosen="" if only.age is None else only.age.value,
            options={"": _("Any time")} | {each.value: AGES[each] for each in Age},
        ),
    )


def event_views(log: list[Event], people: Mapping[int, Profile], zone: str) -> tuple[EventView, ...]:
    return tuple(
        EventView(when=words.moment(each.at, zone), who=_who(each, people), text=HAPPENED[each.what], why=each.why)
        for each in log
    )


def note_views(notes: list[Note], people: Mapping[int, Profile], now: datetime) -> tuple[NoteView, ...]:
    return tuple(
        NoteView(when=words.ago(each.written_at, now), who=name_of(each.by, people), text=each.text) for each in notes
    )


def notice_view(filed: FiledNotice, base: str, now: datetime, case: Case, zero_ms: int) -> NoticeView:
    """zero_ms: the media time that listeners of the broadcast know as 0:00."""
    notice = filed.notice
    names = file_words(notice.attachments)
    urls = [f"{base}/files/{key.replace('/', '')}" for key in notice.attachments]
    if notice.account_id is not None:
        sender = _("somebody who is signed in")
    else:
        sender = _("somebody with a name and an address") if filed.contact.email else _("somebody without a name")
    return NoticeView(
        number=short(notice.id),
        when=words.ago(notice.received_at, now),
        sender=sender,
        about=about(notice.category, notice.keyword),
        words=notice.explanation,
        law=notice.law,
        moment=_moment_of(notice, case, zero_ms),
        country=COUNTRIES.get(notice.country, notice.country),
        files=tuple(zip(names, urls, strict=True)),
        trusted=notice.flagger_id is not None,
        id=str(notice.id),
        has_sender=notice.account_id is not None or bool(notice.email_mark),
    )


def _moment_of(notice: Notice, case: Case, zero_ms: int) -> str:
    """Which seconds whoever sent it has marked, where these are others than those of the case."""
    for each in notice.items:
        subject = Subject.parse(each.subject)
        if each.case_id == case.id and subject != case.subject and subject.from_ms is not None:
            first, last = (max(0, at - zero_ms) for at in (subject.from_ms, subject.to_ms or subject.from_ms))
            return span_text(first, last)
    return ""


def decision_view(decision: Decision, people: Mapping[int, Profile], zone: str) -> DecisionView:
    done, state = listed(DONE[each.measure] for each in decision.wish.measures), ""
    if decision.in_force_at is None:
        state = _("only proposed")
    elif decision.replaced_by is not None:
        state = _("replaced by another decision")
    if decision.undone_at is not None:
        state = _("taken back")
    who = name_of(decision.by, people)
    return DecisionView(
        title=done or _("Nothing was done"),
        who=who
        if decision.second_by is None
        else _("{one} and {other}", one=who, other=name_of(decision.second_by, people)),
        when=words.moment(decision.in_force_at or decision.made_at, zone),
        why=decision.wish.reasons.why,
        state=state,
    )


def _who(event: Event, people: Mapping[int, Profile]) -> str:
    """Only of those who decide: who flagged something, or complained, is told to nobody here."""
    if event.outside:
        return _("the outside reviewer")
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
