"""The page behind an invitation link."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast.invitations import InvitationExpired, InvitationRevoked, InvitationUnknown
from rostra.flows.issue_ticket import BroadcastFinished, Seat, StageWithheld, find_seat, is_withheld
from rostra.flows.sign_in import sign_in_guest
from rostra.media.wire import Phase
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.browsers import client_address
from rostra.web.guards.sessions import check_origin, session_cookie, signed_in
from rostra.web.pages import building, words
from rostra.web.pages.views.speaking import InvitationPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/i/{token:str}")
async def invitation(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[bytes]:
    seat = await seat_of(request, site, token)
    page = _page(site, seat, token)
    status_code = 200 if page.state == "open" else 410
    html = site.renderer.html(page, public_frame(site, "/"))
    answer = answers.private(html, status_code=status_code, zip_for=request)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@post("/i/{token:str}/control")
async def take_control(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[Any]:
    """Open the control page for whoever holds the host's seat. The link itself is the credential."""
    check_origin(request, site)
    seat = await seat_of(request, site, token)
    to_control = answers.see_other(f"{building.page_path(seat.broadcast)}/control")
    who = await signed_in(request, site)
    if who is None or who.viewer.is_guest:  # an account keeps its own session
        to_control.set_cookie(session_cookie(site, await sign_in_guest(site.house, seat)))
    return to_control


async def seat_of(request: AnyRequest, site: Site, token: str) -> Seat:
    """The seat behind a link. Raises InvitationUnknown, or TooMany for somebody who guesses."""
    try:
        return await find_seat(site.house, token)
    except InvitationUnknown:
        site.limits.bad_link.take(client_address(request))
        raise


def _page(site: Site, seat: Seat, token: str) -> InvitationPage:
    broadcast, now = seat.broadcast, site.house.clock.now()
    state, state_text = _state(seat, site)
    doors = words.moment(broadcast.doors_open_at, broadcast.zone)
    if state == "open" and broadcast.phase is Phase.SCHEDULED and now < broadcast.doors_open_at:
        state_text = _("The doors open at {time} ({zone}).", time=doors.time, zone=doors.zone)
    path = building.page_path(broadcast)
    return InvitationPage(
        state=state,
        state_text=state_text,
        title=broadcast.title,
        host_name=broadcast.host_name,
        name=seat.invitation.name,
        host=seat.is_host,
        phase=broadcast.phase,
        when=words.when_of(broadcast.phase),
        starts=words.moment(broadcast.starts_at, broadcast.zone),
        page_url=f"{site.url}{path}",
        control_url=f"/i/{token}/control" if state == "open" else None,
        data={
            "broadcast_id": str(broadcast.id),
            "speaker_id": str(seat.invitation.id),
            "name": seat.invitation.name,
            "host": seat.is_host,
            "phase": broadcast.phase.value,
            "starts_at": words.iso(broadcast.starts_at),
            "doors_open_at": words.iso(broadcast.doors_open_at),
            "ticket_url": f"/api/v1/invitations/{token}/ticket",
            "recording_url": f"/api/v1/invitations/{token}/recording",
            "status_url": f"{path}/status.json",
        },
    )


def _state(seat: Seat, site: Site) -> tuple[Literal["open", "revoked", "expired", "over", "withheld"], str | None]:
    own = seat.invitation.state(site.house.clock.now())
    if own == "revoked":
        return "revoked", InvitationRevoked.user_message
    if seat.broadcast.is_over:
        return "over", BroadcastFinished.user_message
    if is_withheld(site.house, seat.broadcast):
        return "withheld", StageWithheld.user_message
    if own == "expired":
        return "expired", InvitationExpired.user_message
    return "open", None


handlers = [invitation, take_control]
