"""Pages about several cases from what the flows know. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rostra.flows.decide_many import Chosen, Seen, Together
from rostra.flows.take_evidence import Snapshot
from rostra.network.accounts import Profile
from rostra.platform.wording import _
from rostra.safety.case_rows import Case
from rostra.safety.cases import Status
from rostra.safety.decisions import Decision, DecisionWish
from rostra.safety.restrictions import Measure
from rostra.safety.templates import TemplateText
from rostra.web.pages.deciding_form import (
    wish_of,
    with_template,
)
from rostra.web.pages.desk_view import (
    PATH,
)
from rostra.web.pages.desk_words import (
    DONE,
    KINDS,
    MEASURES,
    NOTHING,
    ON_ACCOUNT,
    about,
    categories,
    listed,
    name_of,
    notifiers_words,
    short,
)
from rostra.web.pages.post_view import plain
from rostra.web.pages.statement_view import statement_view
from rostra.web.pages.views.bulk import ChosenView, DoneView, ReadView
from rostra.web.pages.views.desk import DecideView, TypedDecision

BULK: Final = f"{PATH}/bulk"
FIELD: Final = "case_"
AS_FLAGGED: Final = _("As each one was flagged")
_FILLED_EACH: Final = _(
    "Everybody gets it in their language, with the facts of their case. The fields below are used only where it has no "
    "text."
)
WORDS_CHARACTERS: Final = 600


def chosen_view(chosen: Chosen) -> ChosenView:
    case, snapshot = chosen.file.case, chosen.snapshot
    return ChosenView(
        url=f"{PATH}/{case.id}",
        number=short(case.id),
        field=f"{FIELD}{case.id}",
        version=str(chosen.file.standing.version),
        about=about(case.category, case.keyword),
        kind=KINDS[case.subject.kind],
        author=_owner(case, chosen.file.people),
        words=_words(snapshot),
        has_more=snapshot is not None and bool(snapshot.files),
        notices=case.notices,
    )


def decide_together(
    cases: Sequence[Case],
    typed: TypedDecision,
    zone: str,
    errors: Mapping[str, str] | None = None,
    *,
    templates: Mapping[str, str],
) -> DecideView:
    """The form for all of them: what can be done with each."""
    measures = [MEASURES[case.subject.kind] for case in cases]
    common = {key: text for key, text in measures[0].items() if all(key in each for each in measures)}
    on_account = ON_ACCOUNT if all(case.affected is not None for case in cases) else {}
    return DecideView(
        form_url=BULK,
        typed=typed,
        measures=NOTHING | {measure.value: text for measure, text in common.items()},
        account_measures=NOTHING | {measure.value: text for measure, text in on_account.items()} if on_account else {},
        categories={AS_FLAGGED: {"as_flagged": AS_FLAGGED}} | categories(),
        has_label=Measure.LABEL in common or Measure.LABEL in on_account,
        outcomes={},
        complaint_id="",
        zone=zone,
        version="",
        errors=errors or {},
        templates=templates,
        template_hint=_FILLED_EACH,
        fills=False,
    )


def wish_for(case: Case, typed: TypedDecision, zone: str, text: TemplateText | None) -> DecisionWish:
    """text: the template, filled in for this case."""
    if text is not None:
        typed = with_template(typed, text)
    if typed.category == "as_flagged":
        typed = replace(typed, category=f"{case.category}/{case.keyword}")
    return wish_of(case, typed, zone)


def read_view(seen: Seen, zone: str) -> ReadView:
    case, preview = seen.file.case, seen.preview
    statement = None if preview is None else preview.statement
    answer = None if preview is None else preview.answer
    return ReadView(
        url=f"{PATH}/{case.id}",
        number=short(case.id),
        about=about(case.category, case.keyword),
        affected=_owner(case, seen.file.people),
        done="" if preview is None else _("Restricted") if preview.acts else _("Nothing is done"),
        error="" if seen.error is None else seen.error.user_message,
        needs_second=preview is not None and preview.needs_second,
        statement=None
        if statement is None or preview is None
        else statement_view(statement, until=preview.until, zone=zone),
        answer=None if answer is None else statement_view(answer, until=None, zone=zone),
        answer_title=notifiers_words(len(seen.file.notices)),
    )


def done_view(case: Case, decision: Decision, found: Together) -> DoneView:
    done = listed(DONE[each.measure] for each in decision.wish.measures)
    return DoneView(
        url=f"{PATH}/{case.id}",
        number=short(case.id),
        about=about(case.category, case.keyword),
        affected=_owner(case, found.people),
        done=done or _("Nothing was done"),
        state=_state(case, decision),
    )


def _state(case: Case, decision: Decision) -> str:
    if decision.undone_at is not None:
        return _("Taken back")
    if case.decision_id != decision.id:
        return _("Not agreed to, or replaced")
    if decision.in_force_at is None:
        return _("Needs a second person")
    return _("Complained about") if case.status is Status.IN_COMPLAINT else _("In force")


def _owner(case: Case, people: Mapping[int, Profile]) -> str:
    return _("Whoever it concerns") if case.affected is None else name_of(case.affected, people)


def _words(snapshot: Snapshot | None) -> str:
    if snapshot is None:
        return ""
    if snapshot.post is not None:
        spoiler, text = str(snapshot.post.get("spoiler_text") or ""), str(snapshot.post.get("text", ""))
        found = f"{spoiler}\n\n{text}" if spoiler else text
    elif snapshot.medium is not None:
        found = str(snapshot.medium.get("description") or "")
    elif snapshot.broadcast is not None:
        found = str(snapshot.broadcast.get("title", ""))
    else:
        found = plain(str((snapshot.profile or {}).get("note_html", "")), characters=WORDS_CHARACTERS)
    return found if len(found) <= WORDS_CHARACTERS else f"{found[:WORDS_CHARACTERS]}…"
