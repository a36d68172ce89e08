"""Owners look at an account, and suspend, limit or reinstate it: asked before it is done, and kept with its reason."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.admit_people import check_is_owner
from rostra.flows.suspend_account import LastOwner, judge_account
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
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages.securing import day, moment
from rostra.web.pages.views.judging import ActPage, ActView, JudgedPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/people"
_DONE: Final = {
    "suspend": "Suspended. From this moment on nobody sees it.",
    "limit": "Limited. It has left the public lists.",
    "reinstate": "Reinstated. Everything is as it was before.",
}


class NobodyOfThisName(NotFound):
    user_message = "There is no account with this handle. Check how it is written."


@get(f"{PATH}/account")
async def find(request: AnyRequest, site: TheSite) -> Response[Any]:
    """From a typed handle to the account's page."""
    who = await require_reader(request, site)
    check_is_owner(who.viewer)
    account, _ = await _account(site, request.query_params.get("handle", ""))
    return answers.see_other(f"{PATH}/@{account.handle}")


@get(f"{PATH}/{{at_handle:str}}")
async def look(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    check_is_owner(who.viewer)
    account, state = await _account(site, at_handle)
    async with site.house.database.reading() as session:
        log = await ActStore(session).of_account(account.id)
    path = f"{PATH}/@{account.handle}"
    page = JudgedPage(
        name=account.display_name or account.handle,
        acct=f"@{account.handle}",
        role=account.role.value,
        state=state.value,
        joined=day(account.created_at),
        profile_url=f"/@{account.handle}" if state.is_shown else "",
        acts=tuple((each.value, f"{path}/{each.value}") for each in acts_on(state)),
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
    return _ask(site, who, account, wanted)


@post(f"{PATH}/{{at_handle:str}}/{{act:str}}")
async def judge(request: AnyRequest, site: TheSite, at_handle: FromPath[str], act: FromPath[str]) -> Response[Any]:
    who, form = await own_form(request, site)
    check_is_owner(who.viewer)
    account, _ = await _account(site, at_handle)
    wanted, reason = _act(act), form.get("reason", "")
    try:
        await judge_account(site.house, who.viewer, account.id, wanted, reason)
    except (Invalid, LastOwner, IllegalAct) as error:
        return _ask(site, who, account, wanted, reason=reason, error=error)
    return answers.see_other(f"{PATH}/@{account.handle}?done={wanted}")


def _ask(
    site: Site, who: SignedIn, account: Account, act: Act, *, reason: str = "", error: RostraError | None = None
) -> Response[bytes]:
    path = f"{PATH}/@{account.handle}"
    page = ActPage(
        act=act.value,
        acct=f"@{account.handle}",
        own=account.id == who.viewer.account_id,
        form_url=f"{path}/{act}",
        back=path,
        reason=reason,
        reason_max=REASON_CHARACTERS,
        error=error.user_message if error is not None else "",
        at_reason=isinstance(error, Invalid),
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
