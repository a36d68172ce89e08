"""What those read whom a decision concerns: their notice and its answers, the reasons for a decision; and complaining.

A secret link opens these pages for whoever has no account, or cannot sign in any more. They are kept by no cache, named
to no other site, and found by no search.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.addresses import contact_of
from rostra.flows.complain import Grounds, complain, complain_by_notice, complain_by_reasons
from rostra.flows.judge_misuse import told_of_misuse
from rostra.flows.read_cases import (
    Answered,
    Reasons,
    decisions_about,
    notice_page,
    notices_of,
    reasons_by_link,
    reasons_for,
)
from rostra.flows.secret_links import decision_url, notice_url
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.cases import CaseId, DecisionId, Status
from rostra.safety.complaints import Complaint, TooLateToComplain
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision
from rostra.safety.notices import Found, Notice
from rostra.safety.subjects import Subject
from rostra.shield.limits import TooMany
from rostra.web import answers
from rostra.web.framing import private_frame, public_frame
from rostra.web.guards.browsers import client_address
from rostra.web.guards.sessions import require_reader
from rostra.web.pages import flag_words, words
from rostra.web.pages.asking import Asked, post_number, reading
from rostra.web.pages.enclosing import Enclosed, enclosing, file_words
from rostra.web.pages.flagged import item_view
from rostra.web.pages.misusing import paragraphs
from rostra.web.pages.statement_view import complain_view, complaint_view, statement_view
from rostra.web.pages.views.redress import (
    NoticePage,
    OwnCasesPage,
    OwnLineView,
    RedressView,
    ReportedView,
    StatementPage,
    StepView,
)
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PRIVATE: Final = {"X-Robots-Tag": "noindex"}
"""Every page of the site names itself to no other site (`Referrer-Policy: same-origin`). A stricter policy would make
browsers send `Origin: null` with these pages' own forms.
"""
STATEMENTS: Final = "/statements"
BY_LINK: Final = "/reasons"
_EXPECTED: Final = (Invalid, Conflict, TooLateToComplain, TooMany)
_GONE_BEFORE: Final = _("It had been removed before your notice came, so nobody can see it any more.")
_REPLACED: Final = _("Another decision has taken the place of this one. Complain about that one, if you want to.")
_UNDONE: Final = _("This decision was taken back. Nothing of it holds any more, so there is nothing to complain about.")
_OVER: Final = _(
    "The six months in which we take complaints are over. You can still turn to a certified out-of-court body, or to a "
    "court."
)


@get("/reports/{secret:str}")
async def report(request: AnyRequest, site: TheSite, secret: FromPath[str]) -> Response[bytes]:
    """A notice and where it stands; just after sending, the receipt."""
    return await _report(request, site, secret)


@post("/reports/{secret:str}/complaints/{case_id:str}", status_code=200, request_max_body_size=None)
async def complain_of_answer(
    request: AnyRequest, site: TheSite, secret: FromPath[str], case_id: FromPath[str]
) -> Response[Any]:
    case = CaseId(post_number(case_id))

    async def file(grounds: Grounds, _: Enclosed) -> Complaint:
        limits, address = site.limits.notices, client_address(request)
        return await complain_by_notice(site.house, secret, case, grounds, address=address, limits=limits)

    async with enclosing(request, site) as sent:
        if (error := await _complain(sent, file)) is not None:
            return await _report(request, site, secret, at=case, text=sent.get("text"), error=error)
    return answers.see_other(f"/reports/{secret}")


@get(STATEMENTS)
async def own(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """What was decided about what is one's own, and what one has flagged."""
    who = await require_reader(request, site)
    decisions, notices = await decisions_about(site.house, who.viewer), await notices_of(site.house, who.viewer)
    page = OwnCasesPage(
        decisions=tuple(
            OwnLineView(
                title=_("Decision {number}", number=each.id),
                state=_decision_state(each),
                when=_day(each.made_at),
                url=f"{STATEMENTS}/{each.id}",
            )
            for each in decisions
        ),
        notices=tuple(
            OwnLineView(
                title=_about(each),
                state=_("Notice {number}", number=each.id),
                when=_day(each.received_at),
                url=notice_url(site.house, each.id).removeprefix(site.house.membership.site_url),
            )
            for each in notices
        ),
        misuse=paragraphs(await told_of_misuse(site.house, who.viewer.account_id)),
    )
    return answers.private(site.renderer.html(page, private_frame(site, STATEMENTS, who)))


@get([f"{STATEMENTS}/{{number:str}}", f"{BY_LINK}/{{secret:str}}"])
async def statement(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The reasons for a decision: by number, for whom it concerns and is signed in; or by the link in the letter."""
    return await _statement(request, site)


@post(
    [f"{STATEMENTS}/{{number:str}}/complaints", f"{BY_LINK}/{{secret:str}}/complaints"],
    status_code=200,
    request_max_body_size=None,
)
async def complain_of_decision(request: AnyRequest, site: TheSite) -> Response[Any]:
    """By the person concerned: signed in, a suspended one too, or by the link in the letter."""
    secret = request.path_params.get("secret")
    who = await require_reader(request, site) if secret is None else None

    async def file(grounds: Grounds, _: Enclosed) -> Complaint:
        house, limits, address = site.house, site.limits.notices, client_address(request)
        if secret is not None:
            return await complain_by_reasons(house, secret, grounds, address=address, limits=limits)
        assert who is not None
        number = DecisionId(post_number(request.path_params["number"]))
        return await complain(house, who.viewer, number, grounds, address=address, limits=limits)

    async with enclosing(request, site) as sent:
        if (error := await _complain(sent, file)) is not None:
            return await _statement(request, site, text=sent.get("text"), error=error)
    return answers.see_other(_base(request))


async def _complain(
    sent: Enclosed, file: Callable[[Grounds, Enclosed], Coroutine[Any, Any, Complaint]]
) -> RostraError | None:
    """File it; what is wrong with it, or None."""
    try:
        if not sent.get("text").strip():
            raise Invalid(
                "no text", user_message="Say in your own words what is wrong with the decision.", field="text"
            )
        await file(Grounds(text=sent.get("text"), files=sent.files), sent)
    except _EXPECTED as error:
        return error
    return None


async def _report(
    request: AnyRequest,
    site: Site,
    secret: str,
    *,
    at: CaseId | None = None,
    text: str = "",
    error: RostraError | None = None,
) -> Response[bytes]:
    found = await notice_page(site.house, secret)
    async with reading(request, site) as asked:
        items = [
            await _reported(
                asked, found.notice, each, secret, key=str(number), **_typed(each.item.case_id == at, text, error)
            )
            for number, each in enumerate(found.items, 1)
        ]
        page = NoticePage(
            number=str(found.notice.id),
            fresh="fresh" in request.query_params,
            link=notice_url(site.house, found.notice.id),
            about=_about(found.notice),
            words=found.notice.explanation,
            files=file_words(found.notice.attachments),
            email=contact_of(site.house, found.notice).email if site.house.membership.has_mail else "",
            items=tuple(items),
            misuse=paragraphs(await told_of_misuse(site.house, found.notice.account_id)),
        )
        return _private(asked, page, error)


async def _reported(
    asked: Asked, notice: Notice, found: Answered, secret: str, *, key: str, text: str, error: RostraError | None
) -> ReportedView:
    house = asked.site.house
    zone = house.safety.zone
    decided = None
    if found.decision_id is not None:
        decided = (await DecisionStore(asked.session).get(found.decision_id)).informed_at
    redress = None
    if found.answer is not None:
        url = f"/reports/{secret}/complaints/{found.item.case_id}"
        redress = _redress(url, zone, found.may_complain_until, found.complaint, key=key, text=text, error=error)
    return ReportedView(
        item=await item_view(asked, Subject.parse(found.item.subject)),
        steps=_steps(house.safety.decide_by(notice.category, notice.received_at), notice, found, decided, zone),
        answer=None
        if found.answer is None
        else statement_view(found.answer, until=found.may_complain_until, zone=zone),
        redress=redress,
    )


def _steps(
    target: datetime, notice: Notice, found: Answered, decided: datetime | None, zone: str
) -> tuple[StepView, ...]:
    received = StepView(title=_("Received"), done=words.moment(notice.received_at, zone))
    if found.item.found is Found.GONE:
        done = words.moment(notice.received_at, zone)
        return (received, StepView(title=_("Nothing left to do"), done=done, text=_GONE_BEFORE))
    if decided is None:
        aim = words.moment(target, zone)
        waits = _("A person looks at it. We aim to decide by {time} ({zone}).", time=aim.text, zone=aim.zone)
        if found.status is Status.PROPOSED:
            waits = _("One person has looked at it, and a second one has to agree before it takes force.")
        if found.is_stuck:
            waits = _("Everybody who decides here is involved in it, so it waits for somebody from outside.")
        return (received, StepView(title=_("Being looked at"), done=None, text=waits))
    answered = StepView(title=_("Decided"), done=words.moment(decided, zone))
    return (received, answered)


def _base(request: AnyRequest) -> str:
    """Of the addresses of one statement."""
    secret, number = request.path_params.get("secret"), request.path_params.get("number")
    return f"{STATEMENTS}/{number}" if secret is None else f"{BY_LINK}/{secret}"


async def _statement(
    request: AnyRequest, site: Site, *, text: str = "", error: RostraError | None = None
) -> Response[bytes]:
    """What a link opens leads on by links, what a number opens by numbers."""
    secret = request.path_params.get("secret")
    if secret is None:
        who = await require_reader(request, site)
        found = await reasons_for(site.house, who.viewer, DecisionId(post_number(request.path_params["number"])))
    else:
        found = await reasons_by_link(site.house, secret)
    later, later_url = found.decision.replaced_by, ""
    if later is not None:
        later_url = f"{STATEMENTS}/{later}" if secret is None else decision_url(site.house, later)
    page = _statement_page(site, found, f"{_base(request)}/complaints", later_url, text=text, error=error)
    async with reading(request, site) as asked:
        return _private(asked, page, error)


def _statement_page(
    site: Site, found: Reasons, form_url: str, later_url: str, *, text: str, error: RostraError | None
) -> StatementPage:
    zone, decision = site.house.safety.zone, found.decision
    is_replaced = decision.replaced_by is not None
    why_not = _OVER if decision.stands else _REPLACED if is_replaced else _UNDONE
    return StatementPage(
        number=str(decision.id),
        made=words.moment(decision.informed_at or decision.made_at, zone),
        statement=statement_view(
            found.statement,
            until=found.may_complain_until,
            zone=zone,
            lifted=_("This no longer holds.") if not decision.stands and decision.acts else "",
        ),
        redress=_redress(
            form_url,
            zone,
            found.may_complain_until,
            found.complaint,
            text=text,
            error=error,
            why_not=why_not,
        ),
        later_url=later_url,
    )


def _redress(
    form_url: str,
    zone: str,
    until: datetime | None,
    complaint: Complaint | None,
    *,
    key: str = "",
    text: str = "",
    error: RostraError | None = None,
    why_not: str = _OVER,
) -> RedressView:
    errors = {}
    if error is not None:
        errors[f"{getattr(error, 'field', None) or 'text'}{key}"] = error.user_message
    may = None if until is None else complain_view(form_url, until, zone, key=key, text=text, errors=errors)
    view = None if complaint is None else complaint_view(complaint, zone)
    return RedressView(complain=may, complaint=view, why_not=why_not if may is None and view is None else "")


def _typed(is_this: bool, text: str, error: RostraError | None) -> dict[str, Any]:
    return {"text": text if is_this else "", "error": error if is_this else None}


def _about(notice: Notice) -> str:
    area = flag_words.BY_KEY.get(notice.category)
    kind = "" if area is None else area.kinds.get(notice.keyword, "")
    title = flag_words.RULES_BROKEN if area is None else area.title
    return f"{title}: {kind}" if kind else title


def _decision_state(decision: Decision) -> str:
    if decision.undone_at is not None:
        return _("Taken back")
    if decision.replaced_by is not None:
        return _("Replaced by another decision")
    return _("Holds") if decision.acts else _("Nothing is restricted any more")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _private(asked: Asked, page: object, error: RostraError | None) -> Response[bytes]:
    site, path = asked.site, asked.request.url.path
    frame = public_frame(site, path) if asked.who is None else private_frame(site, path, asked.who)
    html = site.renderer.html(page, frame)
    answer = answers.private(html, status_code=200 if error is None else int(error.status))
    answer.headers.update(PRIVATE)
    return answer


handlers = [
    report,
    complain_of_answer,
    own,
    statement,
    complain_of_decision,
]
