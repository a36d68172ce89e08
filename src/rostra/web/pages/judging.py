"""Owners look at an account, and suspend, limit or reinstate it: what the person will read comes before it is sent."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.admit_people import check_is_owner
from rostra.flows.judge_account import ByHand, CaseWaits, Reads, judge_account, preview_by_hand
from rostra.network.accounts import (
    REASON_CHARACTERS,
    Account,
    AccountState,
    AccountStore,
    Act,
    ActStore,
    IllegalAct,
    acts_on,
    after,
)
from rostra.network.credentials.handles import tidy_handle
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.wording import _
from rostra.safety.cases import CaseChanged
from rostra.safety.claims import Claimed
from rostra.safety.decisions import GROUND_CHARACTERS
from rostra.safety.recusal import Recused
from rostra.safety.undoing import REASON_CHARACTERS as UNDO_CHARACTERS
from rostra.safety.undoing import NewerCase, TooLateToUndo
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages.desk_view import PATH as DESK
from rostra.web.pages.securing import day, moment
from rostra.web.pages.statement_view import statement_view
from rostra.web.pages.views.judging import ActPage, ActView, JudgedPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/people"
_FIELDS: Final = {"facts": "reason", "why": "reason", "ground_text": "rule", "reason": "reason"}
"""What a check calls a field, and what the page does."""
_DONE: Final = {
    "suspend": _("Suspended. From this moment on nobody sees it."),
    "limit": _("Limited. It has left the public lists."),
    "reinstate": _("Reinstated. Everything is as it was before."),
    "proposed": _("Proposed. Nothing has happened yet: somebody else has to agree, at the desk."),
}
_EXPECTED: Final = (Invalid, IllegalAct, CaseWaits, CaseChanged, Claimed, Recused, TooLateToUndo, NewerCase)


class NobodyOfThisName(NotFound):
    user_message = "There is no account with this handle. Check how it is written."


@get(f"{PATH}/account")
async def find(request: AnyRequest, site: TheSite) -> Response[Any]:
    """From a typed handle to the account's page."""
    who = await require_reader(request, site)
    check_is_owner(who.viewer)
    account, _state = await _account(site, request.query_params.get("handle", ""))
    return answers.see_other(f"{PATH}/@{account.handle}")


@get(f"{PATH}/{{at_handle:str}}")
async def look(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    check_is_owner(who.viewer)
    account, state = await _account(site, at_handle)
    async with site.house.database.reading() as session:
        log = await ActStore(session).of_account(account.id)
    path, own = f"{PATH}/@{account.handle}", account.id == who.viewer.account_id
    page = JudgedPage(
        name=account.display_name or account.handle,
        acct=f"@{account.handle}",
        role=account.role.value,
        state=state.value,
        joined=day(account.created_at),
        profile_url=f"/@{account.handle}" if state.is_shown else "",
        acts=() if own else tuple((each.value, f"{path}/{each.value}") for each in acts_on(state)),
        own=own,
        log=tuple(
            ActView(
                act=each.act.value, was=each.was.value, by=f"@{each.by}", when=moment(each.made_at), reason=each.reason
            )
            for each in log
        ),
    )
    notice = _DONE.get(request.query_params.get("done", ""))
    return answers.private(site.renderer.html(page, private_frame(site, path, who, notice=notice)))


@get(f"{PATH}/{{at_handle:str}}/{{act:str}}")
async def ask(request: AnyRequest, site: TheSite, at_handle: FromPath[str], act: FromPath[str]) -> Response[bytes]:
    """What will happen, before it does."""
    who = await require_reader(request, site)
    check_is_owner(who.viewer)
    account, state = await _account(site, at_handle)
    wanted = _act(act)
    after(state, wanted)
    return _ask(site, who, account, ByHand(act=wanted))


@post(f"{PATH}/{{at_handle:str}}/{{act:str}}")
async def judge(request: AnyRequest, site: TheSite, at_handle: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """`do`: send, or anything else to read first what the person will."""
    who, form = await own_form(request, site)
    check_is_owner(who.viewer)
    account, _state = await _account(site, at_handle)
    wanted = ByHand(act=_act(act), rule=form.get("rule", ""), reason=form.get("reason", ""))
    try:
        reads = await preview_by_hand(site.house, who.viewer, account.id, wanted)
        if form.get("do") != "send" and reads is not None:
            return _ask(site, who, account, wanted, reads=reads)
        is_done = await judge_account(site.house, who.viewer, account.id, wanted)
    except _EXPECTED as error:
        return _ask(site, who, account, wanted, error=error)
    return answers.see_other(f"{PATH}/@{account.handle}?done={wanted.act if is_done else 'proposed'}")


def _ask(
    site: Site,
    who: SignedIn,
    account: Account,
    wanted: ByHand,
    *,
    reads: Reads | None = None,
    error: RostraError | None = None,
) -> Response[bytes]:
    path, zone = f"{PATH}/@{account.handle}", site.house.safety.zone
    field = _FIELDS.get(getattr(error, "field", None) or "", "") if isinstance(error, Invalid) else ""
    page = ActPage(
        act=wanted.act.value,
        acct=f"@{account.handle}",
        own=account.id == who.viewer.account_id,
        form_url=f"{path}/{wanted.act}",
        back=path,
        rule=wanted.rule,
        rule_max=GROUND_CHARACTERS,
        reason=wanted.reason,
        reason_max=REASON_CHARACTERS if wanted.act is not Act.REINSTATE else UNDO_CHARACTERS,
        error=error.user_message if error is not None and not field else "",
        errors={field: error.user_message} if error is not None and field else {},
        letter=None if reads is None else statement_view(reads.statement, until=reads.until, zone=zone),
        case_url=f"{DESK}/{error.case_id}" if isinstance(error, CaseWaits) else "",
    )
    html = site.renderer.html(page, private_frame(site, path, who))
    return answers.private(html, status_code=int(error.status) if error is not None else 200)


async def _account(site: Site, typed: str) -> tuple[Account, AccountState]:
    """Whatever its state. Raises NobodyOfThisName."""
    handle = tidy_handle(typed[:80])
    async with site.house.database.reading() as session:
        store = AccountStore(session)
        account = await store.by_handle(handle)
        state = None if account is None else await store.state(account.id)
    if account is None or state is None:
        raise NobodyOfThisName(f"handle {handle[:40]!r}")
    return account, state


def _act(name: str) -> Act:
    """Raises NotFound."""
    if name not in set(Act):
        raise NotFound(f"act {name[:20]!r}")
    return Act(name)


handlers = [find, look, ask, judge]
