"""Which kinds of cases are offered to a moderator, by their own choice, and what counts as a shift."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.judges import judge_of
from rostra.flows.work_at_desk import exposure_of, leave_out, what_is_offered
from rostra.safety.attention import PAUSE, SHIFT_GAP
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import own_form, require_reader
from rostra.web.pages import flag_words
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.desk_view import (
    exposure_view,
)
from rostra.web.pages.desk_words import (
    span_words,
)
from rostra.web.pages.views.desk import OfferedPage, OfferedView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/offered"
FIELD: Final = "without_"


@get(PATH)
async def offered(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    house = site.house
    found = await what_is_offered(house, who.viewer)
    shift = await exposure_of(house, judge_of(who.viewer))
    assert shift is not None
    page = OfferedPage(
        kinds=tuple(
            OfferedView(
                code=f"{FIELD}{area.key}",
                title=area.title,
                hint=area.hint,
                left_out=area.key in found.left_out,
                takers=found.takers.get(area.key, found.moderators - 1),
            )
            for area in flag_words.AREAS
            if area.kinds
        ),
        exposure=exposure_view(shift, house.moderator_day),
        pause=span_words(PAUSE),
        break_after=span_words(house.moderator_day.break_after),
        shift_gap=span_words(SHIFT_GAP),
    )
    return answers.private(site.renderer.html(page, private_frame(site, PATH, who)))


@post(PATH, status_code=200)
async def choose(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`without_VIOLENCE` and so on, for each kind that is not to be offered."""
    who, form = await own_form(request, site)
    chosen = [name.removeprefix(FIELD) for name in form if name.startswith(FIELD)]
    await leave_out(site.house, who.viewer, chosen)
    return answers.see_other(f"{DESK}?done=offered")


handlers = [offered, choose]
