"""The form of a decision: as it is opened, as it comes back, and the decision that is in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from rostra.flows.read_cases import CaseFile
from rostra.platform.wording import _
from rostra.safety.case_rows import Case
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.decisions import DecisionWish, Ground, Ordered, Reasons
from rostra.safety.restrictions import Measure
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.templates import TemplateText
from rostra.web.pages.desk_words import MEASURES, NOTHING, ON_ACCOUNT, OUTCOMES, categories
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.views.desk import DecideView, TypedDecision


def template_options(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For choosing one; empty when there is none."""
    found = {name: f"{name} ({', '.join(languages)})" for name, languages in names.items()}
    return {"": _("None")} | found if found else {}


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
        outcomes={}
        if complaint is None
        else {"": _("Choose what it is")} | {outcome.value: text for outcome, text in OUTCOMES.items()},
        complaint_id="" if complaint is None else str(complaint.id),
        languages={"": _("I cannot tell"), **LANGUAGES} if case.subject.kind is SubjectKind.POST else {},
        zone=zone,
        version=str(file.standing.version),
        errors=errors or {},
        templates=templates,
        template_hint=_("In the language of whoever will read it. It replaces what stands in the fields below."),
    )


def first_typed(file: CaseFile) -> TypedDecision:
    """The form as it is opened: the kind that was flagged, and nothing decided beforehand."""
    case = file.case
    ground = Ground.TERMS if case.category == BREAKS_RULES else Ground.LAW
    language = case.language if case.language in LANGUAGES else ""
    return TypedDecision(category=f"{case.category}/{case.keyword}", ground=ground.value, language=language)


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
            language=typed.language if typed.language in LANGUAGES else case.language,
        ),
    )


def end_of_day(text: str, zone: str) -> datetime | None:
    """The first moment after that day; None for no day, and for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
