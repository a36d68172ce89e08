"""Who sits before a case: a moderator at the desk, or the outside reviewer at the link that was sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request

from rostra.flows.judges import Judge, judge_of, outside_judge
from rostra.safety.cases import CaseId
from rostra.web.guards.sessions import SignedIn, check_origin, open_form, own_form, require_reader
from rostra.web.pages.asking import post_number
from rostra.web.pages.desk_view import (
    PATH,
)
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
OUTSIDE: Final = "/outside"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits before which case. base: of its addresses. who: None for the outside reviewer."""

    judge: Judge
    case_id: CaseId
    base: str
    who: SignedIn | None

    @property
    def after(self) -> str:
        """Where one is after deciding."""
        return PATH if self.who is not None else self.base


async def seat_of(request: AnyRequest, site: Site) -> Seat:
    """Raises Unauthorized, Forbidden, LinkOver."""
    params = request.path_params
    if (link := params.get("link")) is not None:
        judge = outside_judge(site.house, link)
        assert judge.case_id is not None
        return Seat(judge, judge.case_id, f"{OUTSIDE}/{link}", None)
    who = await require_reader(request, site)
    number = CaseId(post_number(params["case_id"]))
    return Seat(judge_of(who.viewer), number, f"{PATH}/{number}", who)


async def sent_to(request: AnyRequest, site: Site) -> tuple[Seat, dict[str, str]]:
    """A form of whoever sits there. Raises as `seat_of`, and ForgedRequest."""
    if "link" in request.path_params:
        check_origin(request, site)
        return await seat_of(request, site), await open_form(request, site)
    seat = await seat_of(request, site)
    _, form = await own_form(request, site)
    return seat, form
