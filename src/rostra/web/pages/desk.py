"""The moderators' queue: what waits, the most urgent first, without what concerns whoever looks."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.decide_many import newest_together
from rostra.flows.judges import judge_of
from rostra.flows.work_at_desk import ROWS, look_at_queue
from rostra.platform.wording import _
from rostra.safety.attention import Age, Only
from rostra.safety.braking.brakes import State
from rostra.safety.braking.store import BrakeStore
from rostra.safety.cases import Status
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import require_reader
from rostra.web.pages import words
from rostra.web.pages.bulk_view import BULK
from rostra.web.pages.desk_view import (
    PATH,
    exposure_view,
    filters,
    queue_row,
)
from rostra.web.pages.desk_words import (
    about,
)
from rostra.web.pages.views.desk import DeskPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NOTICES: Final = {
    "decided": _("Decided. Everybody whom it concerns has been told."),
    "proposed": _("Proposed. Nothing has happened yet: somebody else has to agree."),
    "answered": _("Answered. Whoever complained has been told."),
    "declined": _("Sent back. The case is open again."),
    "handed": _("Handed over. Your words stand in the notes."),
    "offered": _("Saved. The queue follows it at once."),
    "none_chosen": _("Tick the cases first that you want to decide together."),
}


@get(PATH)
async def desk(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    query = request.query_params
    status = query.get("status", "")
    age = query.get("age", "")
    only = Only(
        language=query.get("language", "")[:16],
        country=query.get("country", "")[:2],
        category=query.get("category", "")[:60],
        status=status if status in set(Status) else "",
        age=Age(age) if age in set(Age) else None,
        mine=query.get("mine") == "1",
    )
    past = query.get("from", "")
    start = int(past) if past.isascii() and past.isdigit() and len(past) <= 4 else 0
    queue = await look_at_queue(site.house, who.viewer, only, listening=site.lookout.listeners, skip=start)
    together = await newest_together(site.house, judge_of(who.viewer))
    now, account_id = site.house.clock.now(), who.viewer.account_id
    kept = {name: value for name, value in query.items() if name != "from" and value}
    page = DeskPage(
        rows=tuple(queue_row(each, account_id, queue.people, site.house.safety, now) for each in queue.waiting),
        total=queue.total,
        is_cut=queue.is_cut,
        narrowed=only.is_narrow,
        chosen=only.count,
        filters=filters(queue, only),
        mine=only.mine,
        stuck=queue.stuck,
        stuck_since=words.moment_or_none(queue.stuck_since, site.house.safety.zone),
        has_reviewer=bool(site.house.safety.outside_reviewer),
        exposure=exposure_view(queue.exposure, site.house.moderator_day),
        together_url="" if together is None else f"{BULK}/{together.act.id}",
        together=0 if together is None else len(together.cases),
        left_out=tuple(about(each) for each in queue.left_out),
        untaken=tuple(about(each) for each in queue.untaken),
        second_looks=queue.second_looks,
        brakes=await _brakes_waiting(site),
        more_url=f"{PATH}?{urlencode(kept | {'from': str(start + ROWS)})}" if queue.more else "",
    )
    notice = _NOTICES.get(query.get("done", ""))
    return answers.private(site.renderer.html(page, private_frame(site, PATH, who, notice=notice)))


async def _brakes_waiting(site: Site) -> int:
    """How many brakes on reach wait for a second person."""
    now = site.house.clock.now()
    async with site.house.database.reading() as session:
        return sum(each.state(now) is State.PROPOSED for each in await BrakeStore(session).open())


handlers = [desk]
