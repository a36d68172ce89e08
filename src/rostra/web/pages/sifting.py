"""Whose acts somebody is told of at once, whose wait, and who waits (ADR 75)."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import hold_notifications as flows
from rostra.network.notifications import HeldReader, HeldSender, NoSuchNotification, PolicyStore, Verdict
from rostra.network.notifications.policies import NAMES
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.pages.asking import acting, answered, own_reading, page_of, post_number
from rostra.web.pages.notifying import WAITING_PATH
from rostra.web.pages.paging import neighbours
from rostra.web.pages.post_view import PostViews, described, path_of
from rostra.web.pages.views.notifications import HeldPage, HeldView, PolicyPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/settings/notifications"
SENDERS: Final = 40
EXCERPT_CHARACTERS: Final = 140
_SAID: Final = {
    "saved": _("Saved."),
    "accepted": _("What they did is among your notifications now, and so is what they do from now on."),
    "dismissed": _("What waited of them is gone. They are not told, and what they do from now on waits again."),
    "gone": _("Nothing of them waits any more."),
}


@get(PATH)
async def policy(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        found = await PolicyStore(asked.session).of(viewer)
        waiting, _notices = await HeldReader(asked.session, viewer, now=asked.now).counts()
    shown = PolicyPage(verdicts={name: getattr(found, name).value for name in NAMES}, waiting=waiting, url=WAITING_PATH)
    return answered(asked, shown, notice=_said(request))


@post(PATH, status_code=200)
async def save_policy(request: AnyRequest, site: TheSite) -> Response[Any]:
    by, _asked, form = await acting(request, site)
    change = {}
    for name in NAMES:
        if (said := form.get(name, Verdict.ACCEPT.value)) not in set(Verdict):
            raise Invalid(f"{name} {said[:20]!r}", field=name)
        change[name] = Verdict(said)
    await flows.change_policy(site.house, by, change)
    return answers.see_other(f"{PATH}?done=saved")


@get(WAITING_PATH)
async def held(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request, limit=SENDERS)
    async with own_reading(request, site) as (asked, viewer):
        found = await HeldReader(asked.session, viewer, now=asked.now).page(page)
    views = PostViews(site, now=asked.now, looks=looker(site))
    shown = HeldPage(
        senders=tuple(_shown(views, each) for each in found),
        settings_url=PATH,
        older_url=neighbours([each.newest_id for each in found], page, path=WAITING_PATH)[1],
    )
    return answered(asked, shown, notice=_said(request))


@post(f"{WAITING_PATH}/{{sender:str}}", status_code=200)
async def settle(request: AnyRequest, site: TheSite, sender: FromPath[str]) -> Response[Any]:
    by, _asked, form = await acting(request, site)
    if (said := form.get("act", "")) not in ("accept", "dismiss"):
        raise Invalid(f"act {said[:20]!r}", field="act")
    who = AccountId(post_number(sender))
    try:
        await flows.check_waiting(site.house, by, who)
    except NoSuchNotification:
        return answers.see_other(f"{WAITING_PATH}?done=gone")
    await (flows.accept_senders if said == "accept" else flows.dismiss_senders)(site.house, by, [who])
    return answers.see_other(f"{WAITING_PATH}?done={'accepted' if said == 'accept' else 'dismissed'}")


def _shown(views: PostViews, found: HeldSender) -> HeldView:
    return HeldView(
        person=views.person(found.sender),
        count=found.count,
        excerpt="" if found.last is None else described(found.last, characters=EXCERPT_CHARACTERS),
        post_url="" if found.last is None else path_of(found.last.author.handle, found.last.id),
        answer_url=f"{WAITING_PATH}/{found.sender.id}",
    )


def _said(request: AnyRequest) -> str | None:
    return _SAID.get(request.query_params.get("done", ""))


handlers = [policy, save_policy, held, settle]
