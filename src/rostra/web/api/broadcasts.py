"""Broadcasts for the organiser's own programs and for the script of the control page."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from rostra.broadcast import Act, Broadcast, BroadcastStore, Visibility, Wish
from rostra.broadcast.schedule import DOORS_OPEN_BEFORE_MIN
from rostra.flows.command_stage import command_stage
from rostra.flows.edit_broadcast import edit_broadcast
from rostra.flows.invite_speaker import Invited, hand_over_host, invite_speaker, new_link, revoke_invitation
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.permission import account_of
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.platform.errors import Invalid
from rostra.web import answers
from rostra.web.api.addressing import broadcast_number
from rostra.web.api.describing import READS, WRITES, Done, answering
from rostra.web.guards.sessions import require_own_page, require_signed_in
from rostra.web.pages import building, words
from rostra.web.pages.control_view import control_view, invitation_view, load_control
from rostra.web.pages.controlling import seat_id
from rostra.web.pages.views.control import ControlView, InvitationView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
ONE_READ: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
ONE_WRITTEN: Final = (*ONE_READ, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


class WishBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to schedule. starts_at: with offset or Z. host_name: empty takes the account's name. delay_s: 0, or 5-30."""

    title: str
    starts_at: datetime
    description: str = ""
    host_name: str = ""
    zone: str = "UTC"
    visibility: Visibility = Visibility.PUBLIC
    auto_start: bool = False
    doors_open_before_min: int = DOORS_OPEN_BEFORE_MIN
    delay_s: int = 0
    with_captions: bool = True


class EditBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; what is absent stays. version: of the broadcast that was edited."""

    version: int | None = None
    title: str | None = None
    starts_at: datetime | None = None
    description: str | None = None
    host_name: str | None = None
    zone: str | None = None
    visibility: Visibility | None = None
    auto_start: bool | None = None
    doors_open_before_min: int | None = None
    delay_s: int | None = None
    with_captions: bool | None = None


class ActBody(msgspec.Struct, frozen=True, kw_only=True):
    act: Act
    version: int | None = None


class InviteBody(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class SeatBody(msgspec.Struct, frozen=True, kw_only=True):
    """act: mute, unmute, remove or hand_over."""

    act: str
    version: int | None = None


class BroadcastView(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast as the API shows it."""

    id: str
    slug: str
    title: str
    description: str
    host_name: str
    phase: wire.Phase
    starts_at: str
    zone: str
    visibility: Visibility
    auto_start: bool
    doors_open_before_min: int
    delay_s: int
    with_captions: bool
    doors_open_at: str
    live_at: str | None
    ended_at: str | None
    version: int
    page_url: str
    picture_url: str | None


@get(
    "/api/v1/broadcasts",
    security=READS,
    responses=answering(list[BroadcastView], "One's own, the newest first.", *ONE_READ),
)
async def own(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_signed_in(request, site)
    async with site.house.database.reading() as session:
        found = await BroadcastStore(session).owned_by(account_of(who.viewer))
    return answers.as_json([_view(site, each) for each in found])


@post(
    "/api/v1/broadcasts",
    security=WRITES,
    responses=answering(BroadcastView, "It is scheduled.", *ONE_WRITTEN, status=201),
)
async def schedule(request: AnyRequest, site: TheSite, data: JSONBody[WishBody]) -> Response[bytes]:
    who = await require_own_page(request, site)
    named: dict[str, Any] = {"host_name": data.host_name or who.viewer.name, "starts_at": _in_utc(data.starts_at)}
    wish = Wish(**msgspec.structs.asdict(data) | named)
    made = await schedule_broadcast(site.house, wish, by=who.viewer)
    return answers.as_json(_view(site, made), status_code=201)


@get(
    "/api/v1/broadcasts/{broadcast_id:int}",
    security=READS,
    responses=answering(BroadcastView, "The broadcast.", *ONE_READ),
)
async def one(request: AnyRequest, site: TheSite, broadcast_id: FromPath[int]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    loaded = await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return answers.as_json(_view(site, loaded.broadcast))


@patch(
    "/api/v1/broadcasts/{broadcast_id:int}",
    security=WRITES,
    responses=answering(BroadcastView, "The broadcast as it is now.", *ONE_WRITTEN),
)
async def edit(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[EditBody]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    was = (await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))).broadcast
    changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not None}
    version = changes.pop("version", was.version)
    if data.starts_at is not None:
        changes["starts_at"] = _in_utc(data.starts_at)
    kept = {name: getattr(was, name) for name in Wish.__dataclass_fields__}
    saved = await edit_broadcast(site.house, was.id, Wish(**kept | changes), by=who.viewer, version=version)
    return answers.as_json(_view(site, saved))


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/acts",
    status_code=200,
    security=WRITES,
    responses=answering(ControlView, "The control page's data afterwards.", *ONE_WRITTEN),
)
async def act(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[ActBody]
) -> Response[bytes]:
    """Move the broadcast; the answer is the control page's data after it."""
    who = await require_own_page(request, site)
    await move_broadcast(site.house, broadcast_number(broadcast_id), data.act, by=who.viewer, version=data.version)
    loaded = await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return answers.as_json(control_view(site, loaded))


@get(
    "/api/v1/broadcasts/{broadcast_id:int}/control",
    security=READS,
    responses=answering(ControlView, "The control page's data.", *ONE_READ),
)
async def control(request: AnyRequest, site: TheSite, broadcast_id: FromPath[int]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    loaded = await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return answers.as_json(control_view(site, loaded))


@get(
    "/api/v1/broadcasts/{broadcast_id:int}/invitations",
    security=READS,
    responses=answering(list[InvitationView], "The seats.", *ONE_READ),
)
async def invitations(request: AnyRequest, site: TheSite, broadcast_id: FromPath[int]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    loaded = await load_control(site, who.viewer, broadcast_id=broadcast_number(broadcast_id))
    return answers.as_json(control_view(site, loaded).invitations)


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/invitations",
    security=WRITES,
    responses=answering(InvitationView, "The seat, with its link.", *ONE_WRITTEN, status=201),
)
async def invite(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], data: JSONBody[InviteBody]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    made = await invite_speaker(site.house, broadcast_number(broadcast_id), data.name, by=who.viewer)
    return await _invited(site, made)


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/invitations/{speaker_id:str}/links",
    security=WRITES,
    responses=answering(InvitationView, "The seat, with its new link.", *ONE_WRITTEN, status=201),
)
async def link(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], speaker_id: FromPath[str]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    made = await new_link(site.house, broadcast_number(broadcast_id), seat_id(speaker_id), by=who.viewer)
    return await _invited(site, made)


@delete(
    "/api/v1/broadcasts/{broadcast_id:int}/invitations/{speaker_id:str}",
    status_code=200,
    security=WRITES,
    responses=answering(Done, "The link is good no more.", *ONE_WRITTEN),
)
async def revoke(
    request: AnyRequest, site: TheSite, broadcast_id: FromPath[int], speaker_id: FromPath[str]
) -> Response[bytes]:
    who = await require_own_page(request, site)
    await revoke_invitation(site.house, broadcast_number(broadcast_id), seat_id(speaker_id), by=who.viewer)
    return answers.as_json(Done())


@post(
    "/api/v1/broadcasts/{broadcast_id:int}/seats/{speaker_id:str}",
    status_code=200,
    security=WRITES,
    responses=answering(Done, "It is done.", *ONE_WRITTEN),
)
async def seat(
    request: AnyRequest,
    site: TheSite,
    broadcast_id: FromPath[int],
    speaker_id: FromPath[str],
    data: JSONBody[SeatBody],
) -> Response[bytes]:
    who = await require_own_page(request, site)
    chosen = seat_id(speaker_id)
    if data.act == "hand_over":
        await hand_over_host(site.house, broadcast_number(broadcast_id), chosen, by=who.viewer, version=data.version)
    elif data.act in wire.SEAT_ACTS:
        await command_stage(site.house, broadcast_number(broadcast_id), wire.Act(data.act), chosen, by=who.viewer)
    else:
        raise Invalid(f"act {data.act!r}", user_message="An act is mute, unmute, remove or hand_over.", field="act")
    return answers.as_json(Done())


async def _invited(site: Site, made: Invited) -> Response[bytes]:
    async with site.house.database.reading() as session:
        broadcast = await BroadcastStore(session).get(made.invitation.broadcast_id)
    url = f"{site.backstage}/i/{made.token}"
    view = invitation_view(made.invitation, broadcast, None, now=site.house.clock.now(), url=url)
    return answers.as_json(view, status_code=201)


def _in_utc(moment: datetime) -> datetime:
    """Raises Invalid for a time without offset, and for one that the calendar does not have in UTC."""
    if moment.tzinfo is None:
        text = "Give the start with its offset, such as 2026-11-24T20:00:00+01:00."
        raise Invalid("naive time", user_message=text, field="starts_at")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        text = "Choose a time within the next two years."
        raise Invalid(f"time {moment.isoformat()}", user_message=text, field="starts_at") from error


def _view(site: Site, broadcast: Broadcast) -> BroadcastView:
    return BroadcastView(
        id=str(broadcast.id),
        slug=broadcast.slug,
        title=broadcast.title,
        description=broadcast.description,
        host_name=broadcast.host_name,
        phase=broadcast.phase,
        starts_at=words.iso(broadcast.starts_at),
        zone=broadcast.zone,
        visibility=broadcast.visibility,
        auto_start=broadcast.auto_start,
        doors_open_before_min=broadcast.doors_open_before_min,
        delay_s=broadcast.delay_s,
        with_captions=broadcast.with_captions,
        doors_open_at=words.iso(broadcast.doors_open_at),
        live_at=words.iso_or_none(broadcast.live_at),
        ended_at=words.iso_or_none(broadcast.ended_at),
        version=broadcast.version,
        page_url=f"{site.url}{building.page_path(broadcast)}",
        picture_url=building.picture_url(broadcast),
    )


handlers = [own, schedule, one, edit, act, control, invitations, invite, link, revoke, seat]
