"""Misuse of notices at the desk: who often sends what is manifestly unfounded, and what is done about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.judge_misuse import (
    Sender,
    call_unfounded,
    letter_to_sender,
    reinstate_sender,
    senders,
    suspend_sender,
    warn_sender,
)
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.misusing.misuse import AFTER_WARNING, LONGEST, LOOK_BACK, OFTEN, Step
from rostra.safety.misusing.store import account_in
from rostra.safety.recusal import Recused
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages import words
from rostra.web.pages.asking import post_number
from rostra.web.pages.deciding_form import (
    end_of_day,
)
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.desk_words import (
    short,
)
from rostra.web.pages.views.misuse import MisusePage, SenderView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/misuse"
_DONE: Final = {
    "unfounded": _("Written down. It counts for whoever has sent it."),
    "warn": _("Warned. They have a letter, if they gave an address, and read it here, if they have an account."),
    "suspend": _("Suspended. They have a letter, if they gave an address, and read it here, if they have an account."),
    "reinstate": _("Ended. What they send is dealt with again."),
}
_ACTS: Final = {"warn": Step.WARNED, "suspend": Step.SUSPENDED, "reinstate": Step.LIFTED}
_STEPS: Final = {Step.WARNED: _("Warned"), Step.SUSPENDED: _("Suspended"), Step.LIFTED: _("Suspension ended early")}


@get(PATH)
async def misuse(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    return await _show(site, who, notice=_DONE.get(request.query_params.get("done", "")))


@post(PATH, status_code=200)
async def act(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: warn, suspend (`until`), reinstate; `sender`, `reason`. `do`: send; otherwise only the letter is shown."""
    who, form = await own_form(request, site)
    said, sender, reason = form.get("act", ""), form.get("sender", ""), form.get("reason", "")
    try:
        if said in _ACTS and form.get("do") != "send":
            last_day = form.get("until", "")
            until = end_of_day(last_day, site.house.safety.zone)
            letter = await letter_to_sender(site.house, who.viewer, sender, _ACTS[said], reason, until)
            return await _show(site, who, at=sender, reason=reason, until=last_day, letter=letter)
        if said == "warn":
            await warn_sender(site.house, who.viewer, sender, reason)
        elif said == "suspend":
            until = end_of_day(form.get("until", ""), site.house.safety.zone)
            await suspend_sender(site.house, who.viewer, sender, reason, until)
        elif said == "reinstate":
            await reinstate_sender(site.house, who.viewer, sender, reason)
        else:
            raise Invalid(f"act {said[:20]!r}", user_message="Press one of the buttons.", field="act")
    except (Invalid, Conflict, Recused) as error:
        return await _show(site, who, error=error, at=sender, reason=reason, until=form.get("until", ""))
    return answers.see_other(f"{PATH}?done={said}")


@post(f"{DESK}/{{case_id:str}}/unfounded", status_code=200)
async def unfounded(request: AnyRequest, site: TheSite, case_id: FromPath[str]) -> Response[Any]:
    """`notice`: which one of the case's is manifestly unfounded."""
    who, form = await own_form(request, site)
    number = NoticeId(post_number(form.get("notice", "")))
    try:
        await call_unfounded(site.house, who.viewer, CaseId(post_number(case_id)), number)
    except Conflict as error:
        return await _show(site, who, error=error)
    return answers.see_other(f"{PATH}?done=unfounded")


async def _show(
    site: Site,
    who: SignedIn,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    at: str = "",
    reason: str = "",
    until: str = "",
    letter: str = "",
) -> Response[bytes]:
    """until: the last day as it was typed. letter: what the sender at hand would read."""
    found = await senders(site.house, who.viewer)
    said = "" if error is None else error.user_message
    is_here = any(each.who == at for each in found)
    typed: dict[str, Any] = {"error": said, "reason": reason, "until": until, "letter": paragraphs(letter)}
    page = MisusePage(
        senders=tuple(
            replace(_view(site, each, number), **(typed if each.who == at else {}))
            for number, each in enumerate(found, 1)
        ),
        url=PATH,
        often=OFTEN,
        after_warning=AFTER_WARNING,
        days=LOOK_BACK.days,
        days_max=LONGEST.days,
        zone=site.house.safety.zone,
        error="" if is_here else said,
    )
    frame = private_frame(site, PATH, who, notice=notice)
    return answers.private(site.renderer.html(page, frame), status_code=200 if error is None else int(error.status))


def _view(site: Site, sender: Sender, number: int) -> SenderView:
    """Nobody reads here who it is: a moderator needs to know how often, and what about."""
    stands, zone = sender.standing, site.house.safety.zone
    kind = _("an account") if account_in(sender.who) is not None else _("an address")
    cases = dict.fromkeys(each.case_id for each in sender.found)
    return SenderView(
        key=sender.who,
        name=_("Sender {number}, {kind}", number=number, kind=kind),
        unfounded=stands.unfounded,
        sent=stands.sent,
        share=f"{100 * stands.unfounded // max(stands.sent, 1)} %",
        cases=tuple((short(each), f"{DESK}/{each}") for each in cases),
        past=tuple((words.moment(each.at, zone), _STEPS[each.step], each.reason) for each in sender.steps),
        suspended=words.moment_or_none(stands.suspended_until, zone),
        may_be_warned=stands.may_be_warned,
        may_be_suspended=stands.may_be_suspended,
    )


def paragraphs(letter: str) -> tuple[str, ...]:
    """Of a letter, without whom it is from."""
    return tuple(letter.partition("\n\n-- \n")[0].split("\n\n")) if letter else ()


handlers = [misuse, act, unfounded]
