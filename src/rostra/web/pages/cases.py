"""One case: what it is about, who has it, what is decided about it, and what will be read before anything is sent.

A moderator sits at `/desk/{case}`; the outside reviewer, who has no account here, at the link that was sent to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.complain import decide_complaint
from rostra.flows.decide_case import decide_case, second_decision
from rostra.flows.hand_over import colleagues, hand_over
from rostra.flows.keep_templates import fill_template, names_of_templates
from rostra.flows.preview_decision import Preview, preview_complaint, preview_decision, proposed
from rostra.flows.read_cases import CaseFile, claim_case, open_case, release_case
from rostra.flows.work_at_desk import add_note, look_at_case
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.attention import reasons
from rostra.safety.cases import UNDECIDED, CaseChanged, ComplaintId, IllegalEvent, Status
from rostra.safety.claims import Claimed
from rostra.safety.complaints import Outcome
from rostra.safety.decisions import SECOND_CHARACTERS
from rostra.safety.desk_store import NOTE_CHARACTERS, Note
from rostra.safety.recusal import Bias
from rostra.safety.templates import NoSuchTemplate
from rostra.web import answers
from rostra.web.framing import private_frame, public_frame
from rostra.web.pages import words
from rostra.web.pages.deciding_form import (
    decide_view,
    first_typed,
    template_options,
    typed_of,
    wish_of,
    with_template,
)
from rostra.web.pages.desk_view import (
    PATH,
    case_held,
    decision_view,
    event_views,
    exposure_view,
    note_views,
    notice_view,
)
from rostra.web.pages.desk_words import (
    STATES,
    WHYS,
    about,
    name_of,
    notifiers_words,
    short,
)
from rostra.web.pages.evidence_view import evidence_of
from rostra.web.pages.redressing import PRIVATE
from rostra.web.pages.seats import OUTSIDE, Seat, seat_of, sent_to
from rostra.web.pages.statement_view import complaint_view, statement_view
from rostra.web.pages.views.desk import CasePage, NoteView, PreviewPage, SecondView, TypedDecision
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_BIASES: Final = {
    Bias.OWN_DECISION: _("You have decided in this case before, so somebody else answers now."),
    Bias.OWN_CONTENT: _("This case is about something of yours, so somebody else decides it."),
    Bias.OWN_NOTICE: _("You have flagged this yourself, so somebody else decides it."),
}
_EXPECTED: Final = (Invalid, Conflict, CaseChanged, IllegalEvent, Claimed, NoSuchTemplate)
_FIELDS: Final = {"reasons": "answer"}
"""What a check calls a field, and what the page does."""


@get([f"{PATH}/{{case_id:str}}", f"{OUTSIDE}/{{link:str}}"])
async def look(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show(site, await seat_of(request, site))


@post([f"{PATH}/{{case_id:str}}/claim", f"{OUTSIDE}/{{link:str}}/claim"], status_code=200)
async def claim(request: AnyRequest, site: TheSite) -> Response[Any]:
    seat, form = await sent_to(request, site)
    try:
        if form.get("act") == "release" and seat.who is not None:
            await release_case(site.house, seat.who.viewer, seat.case_id)
        else:
            await claim_case(site.house, seat.judge, seat.case_id)
    except Claimed as error:
        return await _show(site, seat, error=error)
    return answers.see_other(seat.base)


@post([f"{PATH}/{{case_id:str}}/notes", f"{OUTSIDE}/{{link:str}}/notes"], status_code=200)
async def note(request: AnyRequest, site: TheSite) -> Response[Any]:
    seat, form = await sent_to(request, site)
    try:
        await add_note(site.house, seat.judge, seat.case_id, form.get("note", ""))
    except Invalid as error:
        return await _show(site, seat, error=error, note=form.get("note", ""))
    return answers.see_other(f"{seat.base}#notes")


@post(f"{PATH}/{{case_id:str}}/hand-over", status_code=200)
async def hand(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`to`: a handle; `words`: why."""
    seat, form = await sent_to(request, site)
    try:
        await hand_over(site.house, seat.judge, seat.case_id, form.get("to", ""), form.get("words", ""))
    except (Invalid, Claimed) as error:
        return await _show(site, seat, error=error, words_on=form.get("words", ""))
    return answers.see_other(f"{PATH}?done=handed")


@post([f"{PATH}/{{case_id:str}}/decide", f"{OUTSIDE}/{{link:str}}/decide"], status_code=200)
async def decide(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: preview, change (back to the form with everything in it), template (fill one in), or send."""
    seat, form = await sent_to(request, site)
    typed, act = typed_of(form), form.get("act", "")
    if act == "change":
        return await _show(site, seat, typed=typed)
    try:
        version = _version(form)
        file = await open_case(site.house, seat.judge, seat.case_id)
        if act == "template":
            return await _show(site, seat, typed=await _filled(site, seat, file, typed))
        complaint = _complaint(file, form)
        if act == "send":
            return answers.see_other(f"{seat.after}?done={await _send(site, seat, file, complaint, typed, version)}")
        if file.standing.version != version:
            raise CaseChanged(f"case {seat.case_id} is at {file.standing.version}, not {version}")
        return await _preview(site, seat, file, complaint, typed, form)
    except _EXPECTED as error:
        return await _show(site, seat, typed=typed, error=error)


@post([f"{PATH}/{{case_id:str}}/second", f"{OUTSIDE}/{{link:str}}/second"], status_code=200)
async def second(request: AnyRequest, site: TheSite) -> Response[Any]:
    seat, form = await sent_to(request, site)
    agrees, reason = form.get("act") == "agree", form.get("reason", "")
    try:
        await second_decision(
            site.house, seat.judge, seat.case_id, agrees=agrees, reason=reason, version=_version(form)
        )
    except _EXPECTED as error:
        return await _show(site, seat, error=error, reason=reason)
    return answers.see_other(f"{seat.after}?done={'decided' if agrees else 'declined'}")


async def _filled(site: Site, seat: Seat, file: CaseFile, typed: TypedDecision) -> TypedDecision:
    """With the chosen template in it, in the language of whom it concerns. Raises NoSuchTemplate."""
    if not typed.template:
        return typed
    return with_template(typed, await fill_template(site.house, seat.judge, file, typed.template))


def _version(form: Mapping[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _complaint(file: CaseFile, form: Mapping[str, str]) -> ComplaintId | None:
    """Which complaint the form answers; None where it decides the case. Raises CaseChanged for one that is answered."""
    named = form.get("complaint", "")
    open_ones = file.standing.open_complaints
    if not named and not open_ones:
        return None
    found = next((each for each in open_ones if str(each) == named), None)
    if found is None:
        raise CaseChanged(f"complaint {named[:20]!r} of case {file.case.id}")
    return found


async def _send(
    site: Site, seat: Seat, file: CaseFile, complaint: ComplaintId | None, typed: TypedDecision, version: int
) -> str:
    house = site.house
    wish = wish_of(file.case, typed, house.safety.zone)
    if complaint is None:
        made = await decide_case(house, seat.judge, seat.case_id, wish, version=version)
        return "proposed" if made.in_force_at is None else "decided"
    outcome = _outcome(typed)
    new = None if outcome is Outcome.UPHELD else wish
    await decide_complaint(house, seat.judge, complaint, outcome, typed.answer, new, version=version)
    return "answered"


def _outcome(typed: TypedDecision) -> Outcome:
    if typed.outcome not in set(Outcome):
        raise Invalid(f"outcome {typed.outcome[:20]!r}", user_message="Say what the complaint is.", field="outcome")
    return Outcome(typed.outcome)


async def _preview(
    site: Site,
    seat: Seat,
    file: CaseFile,
    complaint: ComplaintId | None,
    typed: TypedDecision,
    form: Mapping[str, str],
) -> Response[bytes]:
    house, zone = site.house, site.house.safety.zone
    wish = wish_of(file.case, typed, zone)
    if complaint is None:
        seen = await preview_decision(house, seat.judge, file, wish)
    else:
        outcome = _outcome(typed)
        new = None if outcome is Outcome.UPHELD else wish
        seen = await preview_complaint(house, seat.judge, file, complaint, outcome, typed.answer, new)
    side = next((each.side for each in file.complaints if each.id == complaint), None)
    fields = [(name, value) for name, value in form.items() if name not in ("csrf", "act")]
    page = PreviewPage(
        number=short(seat.case_id),
        url=seat.base,
        form_url=f"{seat.base}/decide",
        statement=None if seen.statement is None else statement_view(seen.statement, until=seen.until, zone=zone),
        affected=_("Whoever it concerns") if file.case.affected is None else name_of(file.case.affected, file.people),
        answer=None if seen.answer is None else statement_view(seen.answer, until=None, zone=zone),
        answer_title=notifiers_words(len(file.notices), side),
        fields=tuple(fields),
        happens=_happens(seen),
        needs_second=seen.needs_second,
    )
    return _answer(site, seat, page)


def _happens(seen: Preview) -> tuple[str, ...]:
    if seen.needs_second:
        return (
            _("Nothing happens until a second person has agreed. It is never the same person."),
            _("When they agree, these letters go out, and the measures take force at that moment."),
        )
    lifted = (_("Every restriction of the decision before ends at once."),) if seen.lifts else ()
    done = _("The measures take force at once.") if seen.acts else _("Nothing is restricted.")
    letters = _("The letters go out at the same moment. They can be corrected by a complaint, not taken back.")
    return (*lifted, done, letters)


async def _show(
    site: Site,
    seat: Seat,
    *,
    typed: TypedDecision | None = None,
    error: RostraError | None = None,
    note: str = "",
    reason: str = "",
    words_on: str = "",
) -> Response[bytes]:
    house, zone, now = site.house, site.house.safety.zone, site.house.clock.now()
    beside = await look_at_case(house, seat.judge, seat.case_id, site.lookout.listeners)
    file = await open_case(house, seat.judge, seat.case_id)
    case, standing = file.case, file.standing
    people = file.people | beside.people
    name = "" if error is None else getattr(error, "field", None) or ""
    errors = {} if error is None else {_FIELDS.get(name, name): error.user_message}
    held = case_held(case, seat.judge, people, now)
    may_decide = file.bias is None and (held in ("", "you") or seat.who is None)
    waits = standing.status in (Status.OPEN, Status.IN_COMPLAINT)
    pending = next((each for each in file.complaints if each.id in standing.open_complaints), None)
    options = template_options(await names_of_templates(house)) if seat.who is not None else {}
    notes = note_views(beside.notes, people, now)
    second_view = None
    if standing.status is Status.PROPOSED and may_decide:
        seen = await proposed(house, file)
        second_view = SecondView(
            who=name_of(seen.by, file.people),
            statement=None if seen.statement is None else statement_view(seen.statement, until=seen.until, zone=zone),
            answer=None if seen.answer is None else statement_view(seen.answer, until=None, zone=zone),
            version=str(standing.version),
            reason=reason,
            reason_max=SECOND_CHARACTERS,
        )
    page = CasePage(
        number=short(case.id),
        title=about(case.category, case.keyword),
        state=STATES[case.status],
        reasons=tuple(WHYS[each] for each in reasons(case, beside.around, house.safety)),
        opened=words.moment(case.opened_at, zone),
        due=words.moment_or_none(case.answer_by, zone),
        late=case.answer_by is not None and case.answer_by <= now,
        held=held,
        held_until=words.moment_or_none(case.claimed_until if held else None, zone),
        may_claim=seat.who is not None and held in ("", "you") and (waits or standing.status is Status.PROPOSED),
        url=seat.base,
        evidence=await evidence_of(site, seat.judge, file, base=seat.base),
        notices=tuple(notice_view(each, seat.base, now, case, file.zero_ms) for each in file.notices),
        may_be_unfounded=seat.who is not None
        and case.status not in UNDECIDED
        and not any(each.acts for each in file.decisions if each.id == case.decision_id),
        events=event_views(file.log, file.people, zone),
        notes=notes,
        decisions=tuple(decision_view(each, file.people, zone) for each in file.decisions),
        complaint=None
        if pending is None
        else complaint_view(
            pending, zone, urls=[f"{seat.base}/files/{key.replace('/', '')}" for key in pending.attachments]
        ),
        decide=decide_view(file, f"{seat.base}/decide", typed or first_typed(file), zone, errors, templates=options)
        if waits and may_decide
        else None,
        second=second_view,
        why_not="" if file.bias is None else _BIASES[file.bias],
        exposure=None if beside.exposure is None else exposure_view(beside.exposure, house.moderator_day),
        back_url=PATH if seat.who is not None else "",
        colleagues=() if seat.who is None else tuple(each.handle for each in await colleagues(house, seat.who.viewer)),
        said_last=_said_last(notes, beside.notes, seat) if held == "you" else None,
        words_on=words_on,
        note=note,
        note_max=NOTE_CHARACTERS,
        errors=errors,
    )
    return _answer(site, seat, page, status_code=200 if error is None else int(error.status))


def _said_last(views: Sequence[NoteView], notes: Sequence[Note], seat: Seat) -> NoteView | None:
    """The newest note, if it is a colleague's: whoever is handed a case reads first what they should know."""
    return views[-1] if notes and notes[-1].by != seat.judge.account_id else None


def _answer(site: Site, seat: Seat, page: object, *, status_code: int = 200) -> Response[bytes]:
    frame = public_frame(site, seat.base) if seat.who is None else private_frame(site, seat.base, seat.who)
    answer = answers.private(site.renderer.html(page, frame), status_code=status_code)
    answer.headers.update(PRIVATE)
    return answer


handlers = [look, claim, note, hand, decide, second]
