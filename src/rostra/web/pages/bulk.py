"""Deciding several cases in one act: chosen in the queue, read together, previewed, and undone within a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.decide_many import (
    Choice,
    Outcome,
    Together,
    cases_of,
    choose_cases,
    decide_many,
    preview_many,
    read_together,
    undo_many,
)
from rostra.flows.judges import Judge, judge_of
from rostra.flows.keep_templates import fill_template, names_of_templates
from rostra.flows.read_cases import CaseFile, open_case
from rostra.flows.work_at_desk import exposure_of
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.bulk import CASES_MOST
from rostra.safety.cases import CaseId
from rostra.safety.recusal import Recused
from rostra.safety.statements import Told
from rostra.safety.templates import TemplateText
from rostra.safety.undoing import REASON_CHARACTERS, UNDO_WITHIN, answer_taken_back, taken_back
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages import words
from rostra.web.pages.asking import post_number
from rostra.web.pages.bulk_view import BULK, FIELD, chosen_view, decide_together, done_view, read_view, wish_for
from rostra.web.pages.deciding_form import (
    template_options,
    typed_of,
)
from rostra.web.pages.desk_view import (
    PATH,
    exposure_view,
)
from rostra.web.pages.desk_words import (
    name_of,
    short,
)
from rostra.web.pages.redressing import PRIVATE
from rostra.web.pages.statement_view import statement_view
from rostra.web.pages.views.bulk import BulkDonePage, BulkPage, BulkPreviewPage, LeftOutView
from rostra.web.pages.views.desk import TypedDecision
from rostra.web.pages.views.redress import StatementView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_REASON: Final = _("(The reason that you give.)")


@get(BULK)
async def choose(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`?case=` for each of them."""
    who = await require_reader(request, site)
    numbers = [post_number(each) for each in request.query_params.getall("case", [])[: CASES_MOST + 1]]
    if not numbers:
        return answers.see_other(f"{PATH}?done=none_chosen")
    choice = await choose_cases(site.house, judge_of(who.viewer), [CaseId(each) for each in numbers])
    return await _choosing(site, who, choice, TypedDecision(category="as_flagged"))


@post(BULK, status_code=200)
async def decide(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: preview, change (back to the form with everything in it), or send. case_<number>: its version."""
    who, form = await own_form(request, site)
    judge, typed, versions = judge_of(who.viewer), typed_of(form), _versions(form)
    if form.get("act") == "send":
        return await _send(site, who, judge, typed, versions)
    choice = await choose_cases(site.house, judge, list(versions))
    if form.get("act") == "change" or not choice.chosen:
        return await _choosing(site, who, choice, typed)
    zone = site.house.safety.zone
    wishes = []
    for each in choice.chosen:
        text = await _text(site, judge, each.file, typed)
        wishes.append((each.file, wish_for(each.file.case, typed, zone, text), versions[each.file.case.id]))
    seen = await preview_many(site.house, judge, wishes)
    if all(each.error is not None for each in seen):
        return await _choosing(site, who, choice, typed, error=seen[0].error)
    page = BulkPreviewPage(
        cases=tuple(read_view(each, zone) for each in seen),
        fields=tuple((name, value) for name, value in form.items() if name not in ("csrf", "act")),
        form_url=BULK,
        sends=sum(each.preview is not None for each in seen),
        seconds=sum(each.preview is not None and each.preview.needs_second for each in seen),
    )
    return _answer(site, who, page)


@get(f"{BULK}/{{number:str}}")
async def done(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    return await _done(site, who, post_number(number))


@post(f"{BULK}/{{number:str}}/undo", status_code=200)
async def undo(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[Any]:
    who, form = await own_form(request, site)
    bulk_id, reason = post_number(number), form.get("reason", "")
    try:
        outcomes = await undo_many(site.house, judge_of(who.viewer), bulk_id, reason)
    except Invalid as error:
        return await _done(site, who, bulk_id, reason=reason, error=error)
    if any(each.error for each in outcomes):
        return await _done(site, who, bulk_id, outcomes=outcomes)
    return answers.see_other(f"{BULK}/{bulk_id}")


def _versions(form: Mapping[str, str]) -> dict[CaseId, int]:
    """The boxes that are ticked. Raises NotFound for what is no number."""
    boxes = {name.removeprefix(FIELD): value for name, value in form.items() if name.startswith(FIELD)}
    good = {name: value for name, value in boxes.items() if value.isascii() and value.isdigit() and len(value) <= 9}
    return {CaseId(post_number(name)): int(value) for name, value in list(good.items())[: CASES_MOST + 1]}


async def _send(
    site: Site, who: SignedIn, judge: Judge, typed: TypedDecision, versions: Mapping[CaseId, int]
) -> Response[Any]:
    zone = site.house.safety.zone
    wishes = []
    for each in await cases_of(site.house, judge, list(versions)):
        text = None if not typed.template else await _text_of(site, judge, each.id, typed)
        wishes.append((each.id, wish_for(each, typed, zone, text), versions[each.id]))
    bulk_id, outcomes = await decide_many(site.house, judge, wishes)
    if any(each.error for each in outcomes):
        return await _done(site, who, bulk_id, outcomes=outcomes)
    return answers.see_other(f"{BULK}/{bulk_id}")


async def _text(site: Site, judge: Judge, file: CaseFile, typed: TypedDecision) -> TemplateText | None:
    return await fill_template(site.house, judge, file, typed.template) if typed.template else None


async def _text_of(site: Site, judge: Judge, case_id: CaseId, typed: TypedDecision) -> TemplateText | None:
    """None for a case that this judge may not see: it is not decided either."""
    try:
        return await _text(site, judge, await open_case(site.house, judge, case_id), typed)
    except Recused:
        return None


async def _choosing(
    site: Site, who: SignedIn, choice: Choice, typed: TypedDecision, *, error: RostraError | None = None
) -> Response[bytes]:
    zone = site.house.safety.zone
    errors = {} if error is None else {getattr(error, "field", None) or "measures": error.user_message}
    today = await exposure_of(site.house, judge_of(who.viewer))
    options = template_options(await names_of_templates(site.house))
    files = [each.file.case for each in choice.chosen]
    page = BulkPage(
        cases=tuple(chosen_view(each) for each in choice.chosen),
        left_out=tuple(LeftOutView(number=short(case_id), why=why) for case_id, why in choice.left_out.items()),
        decide=decide_together(files, typed, zone, errors, templates=options) if files else None,
        exposure=None if today is None else exposure_view(today, site.house.moderator_day),
        back_url=PATH,
        errors=errors,
    )
    return _answer(site, who, page, status_code=200 if error is None else int(error.status))


async def _done(
    site: Site,
    who: SignedIn,
    bulk_id: int,
    *,
    outcomes: Sequence[Outcome] = (),
    reason: str = "",
    error: Invalid | None = None,
) -> Response[bytes]:
    zone = site.house.safety.zone
    found = await read_together(site.house, judge_of(who.viewer), bulk_id)
    page = BulkDonePage(
        who=name_of(found.act.by, found.people),
        when=words.moment(found.act.made_at, zone),
        cases=tuple(done_view(case, decision, found) for case, decision in found.cases),
        failed=tuple(LeftOutView(number=short(each.case_id), why=each.error) for each in outcomes if each.error),
        hidden=found.hidden,
        until=words.moment(found.act.made_at + UNDO_WITHIN, zone) if found.can_undo else None,
        undo_url=f"{BULK}/{bulk_id}/undo",
        reason=reason,
        reason_max=REASON_CHARACTERS,
        letters=_letters(site, found) if found.can_undo else (),
        errors={} if error is None else {"reason": error.user_message},
    )
    return _answer(site, who, page, status_code=200 if error is None else int(error.status))


def _letters(site: Site, found: Together) -> tuple[tuple[str, StatementView], ...]:
    """What is read when it is taken back, by the same functions as the letters. The reason is still to be written."""
    about = Told(what="…", zone=site.house.safety.zone, complain_url="…")
    standing = [decision for case, decision in found.cases if case.decision_id == decision.id and decision.in_force_at]
    letters = []
    if any(decision.acts for decision in standing):
        letters.append((_("Whoever it concerns reads this"), taken_back(about, _REASON)))
    if standing:
        letters.append((_("Whoever flagged it reads this"), answer_taken_back(about, _REASON)))
    return tuple((title, statement_view(letter, until=None, zone=site.house.safety.zone)) for title, letter in letters)


def _answer(site: Site, who: SignedIn, page: object, *, status_code: int = 200) -> Response[bytes]:
    answer = answers.private(site.renderer.html(page, private_frame(site, BULK, who)), status_code=status_code)
    answer.headers.update(PRIVATE)
    return answer


handlers = [choose, decide, done, undo]
