"""The desk while something is on the air: act in the room at once, or open a case about what was just said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, Invitation
from rostra.broadcast.lifecycle import TAKE_BACK, IllegalMove
from rostra.broadcast.moments import recording_ms_of_media
from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.keep_templates import rules_in_templates
from rostra.flows.moderate_live import OnAir, act_in_room, on_the_air, open_live_case
from rostra.flows.room_acts import RoomAct, RoomWish
from rostra.media.wire import HeldBy, Phase, SpeakerState, StageState
from rostra.platform.errors import Conflict, Invalid, RostraError, Unavailable
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.wording import _
from rostra.safety.restrictions import Restriction
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages import building, words
from rostra.web.pages.asking import post_number
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.views.live_desk import LiveDeskPage, OnAirView, SilenceView, SpeakerView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/live"
LAST_S: Final = (10, 20, 30, 60, 120)
SHOWN_WITHIN_S: Final = 1.0
"""A room says four times a second how it is. The page waits so long for what was pressed to be in it."""
_DONE: Final = {
    RoomAct.MUTE: _("Muted. Whoever owns the broadcast has the reasons, and can complain."),
    RoomAct.UNMUTE: _("May be heard again. Whoever owns the broadcast has been told why."),
    RoomAct.DUMP: _("Withheld: nobody hears it. Whoever owns the broadcast has the reasons, and can complain."),
    RoomAct.GIVE_BACK: _("Given back. Whoever owns the broadcast has been told why; the case waits at the desk."),
    RoomAct.PAUSE: _(
        "Paused: listeners hear silence until a moderator lets it go on. Whoever owns the broadcast has the reasons, "
        "and can complain."
    ),
    RoomAct.RESUME: _("It goes on. Whoever owns the broadcast has been told why."),
    RoomAct.END: _(
        "Ended. For some minutes it can be taken back here. Whoever owns the broadcast has the reasons, and can "
        "complain."
    ),
    RoomAct.TAKE_BACK: _(
        "It goes on as before. Whoever owns the broadcast has been told why; the case waits at the desk."
    ),
}


@get(PATH)
async def live_desk(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    done = request.query_params.get("done", "")
    notice = _DONE[RoomAct(done)] if done in set(RoomAct) else None
    return await _show(site, who, notice=notice)


@post(f"{PATH}/{{broadcast:str}}/act", status_code=200)
async def act(request: AnyRequest, site: TheSite, broadcast: FromPath[str]) -> Response[Any]:
    """`act`: mute:<seat>, unmute:<seat>, dump, give_back:<restriction>, pause, resume, end, take_back; `reason`; `rule`
    of what restricts; `seconds` of a dump.
    """
    who, form = await own_form(request, site)
    number = BroadcastId(post_number(broadcast))
    try:
        wish = _wish(form)
        await act_in_room(site.house, who.viewer, number, wish)
    except (Invalid, Conflict, IllegalMove, Unavailable) as error:
        return await _show(site, who, error=error, at=number, reason=form.get("reason", ""), rule=form.get("rule", ""))
    if wish.act in (RoomAct.MUTE, RoomAct.UNMUTE):
        await site.lookout.shows(number, partial(_is_so, wish), within_s=SHOWN_WITHIN_S)
    return answers.see_other(f"{PATH}?done={wish.act}")


@post(f"{PATH}/{{broadcast:str}}/case", status_code=200)
async def case(request: AnyRequest, site: TheSite, broadcast: FromPath[str]) -> Response[Any]:
    """`last`: seconds; empty for the whole broadcast."""
    who, form = await own_form(request, site)
    number = BroadcastId(post_number(broadcast))
    last = form.get("last", "")
    try:
        last_s = int(last) if last.isascii() and last.isdigit() and len(last) <= 4 else None
        case_id = await open_live_case(site.house, who.viewer, number, last_s=last_s)
    except (Invalid, Conflict) as error:
        return await _show(site, who, error=error, at=number)
    return answers.see_other(f"{DESK}/{case_id}#decide")


def _wish(form: Mapping[str, str]) -> RoomWish:
    """Raises Invalid for an act that there is not."""
    name, _, which = form.get("act", "").partition(":")
    if name not in set(RoomAct):
        raise Invalid(f"act {name[:20]!r}", user_message="Press one of the buttons.", field="act")
    seconds = form.get("seconds", "")
    return RoomWish(
        act=RoomAct(name),
        reason=form.get("reason", ""),
        rule=form.get("rule", ""),
        speaker_id=SpeakerId(number) if (number := _number(which)) else None,
        seconds=float(_number(seconds[:4])),
        restriction_id=_number(which),
    )


def _number(text: str) -> int:
    """0 for what is none, or does not fit into a column."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


async def _show(
    site: Site,
    who: SignedIn,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    at: BroadcastId | None = None,
    reason: str = "",
    rule: str = "",
) -> Response[bytes]:
    """at: which broadcast an error, and what was typed, are about."""
    found = await on_the_air(site.house, who.viewer)
    said = "" if error is None else error.user_message
    page = LiveDeskPage(
        rows=tuple(
            _view(each, site.lookout.state(each.broadcast.id), error=said, reason=reason, rule=rule)
            if each.broadcast.id == at
            else _view(each, site.lookout.state(each.broadcast.id))
            for each in found
        ),
        last_s=LAST_S,
        rules=await rules_in_templates(site.house),
        desk_url=DESK,
        error="" if any(each.broadcast.id == at for each in found) else said,
    )
    frame = private_frame(site, PATH, who, notice=notice)
    return answers.private(site.renderer.html(page, frame), status_code=200 if error is None else int(error.status))


def _is_so(wish: RoomWish, stage: StageState) -> bool:
    """Whether the room shows a mute, or that it was lifted. Also when the speaker has left."""
    here = _on_stage(stage, wish.speaker_id)
    return here is None or here.muted_by_moderator is (wish.act is RoomAct.MUTE)


def _on_stage(stage: StageState, seat: SpeakerId | None) -> SpeakerState | None:
    return next((each for each in stage.speakers if each.speaker_id == str(seat)), None)


def speaker_view(
    seat: Invitation, stage: StageState | None, *, is_muted: bool = False, has_muted_namesake: bool = False
) -> SpeakerView:
    """How somebody is, and the one act that fits. is_muted: by a moderator, which stands also while they are away.

    stage: None while nothing is heard of it; then a mute is tried. has_muted_namesake: somebody of this name is muted
    in another seat, and this may be the same person.
    """
    shown = _speaker_view(seat, stage, is_muted=is_muted)
    if has_muted_namesake and not is_muted:
        shown = shown._replace(state=_("{state}; a voice of this name was muted in another seat", state=shown.state))
    return shown


def _speaker_view(seat: Invitation, stage: StageState | None, *, is_muted: bool) -> SpeakerView:
    shown = SpeakerView(id=str(seat.id), name=seat.name, state=_("the stage does not say"), act=RoomAct.MUTE)
    if is_muted:
        return shown._replace(state=_("muted by a moderator"), act=RoomAct.UNMUTE)
    if stage is None:
        return shown
    here = _on_stage(stage, seat.id)
    if here is None:
        return shown._replace(state=_("not on stage"), act=None)
    if here.muted_by_host:
        return shown._replace(state=_("muted by the host"))
    if not here.connected:
        return shown._replace(state=_("away, coming back"))
    return shown._replace(state=_("has muted themselves") if here.muted else _("can be heard"))


def _view(found: OnAir, stage: StageState | None, *, error: str = "", reason: str = "", rule: str = "") -> OnAirView:
    broadcast = found.broadcast
    path = building.page_path(broadcast)
    muted = {seat.name.casefold() for seat in found.seats if seat.id in broadcast.moderator_mutes}
    is_ended = broadcast.held_by is HeldBy.MODERATORS_END
    return OnAirView(
        title=broadcast.title,
        url=path,
        phase=broadcast.phase,
        phase_text=words.run_text(broadcast),
        host_name=broadcast.host_name,
        starts=words.moment(broadcast.starts_at, broadcast.zone),
        speakers=tuple(
            speaker_view(
                seat,
                stage,
                is_muted=seat.id in broadcast.moderator_mutes,
                has_muted_namesake=seat.name.casefold() in muted,
            )
            for seat in found.seats
        ),
        silences=tuple(_silence(broadcast, each) for each in found.silences),
        delay_s=broadcast.delay_s,
        is_live=broadcast.phase is Phase.LIVE,
        is_paused=broadcast.phase is Phase.PAUSED and not is_ended,
        is_held=broadcast.held_by is HeldBy.MODERATORS_PAUSE,
        final=words.moment_or_none(broadcast.final_at, broadcast.zone),
        take_back_min=int(TAKE_BACK.total_seconds() // 60),
        act_url=f"{PATH}/{broadcast.id}/act",
        case_url=f"{PATH}/{broadcast.id}/case",
        error=error,
        reason=reason,
        rule=rule,
    )


def _silence(broadcast: Broadcast, restriction: Restriction) -> SilenceView:
    """A span as players show it."""
    span = restriction.span
    ends = None if span is None or span.end is None else span.end
    first, last = (
        words.clock_text(recording_ms_of_media(broadcast, at // SAMPLES_PER_MS) or 0)
        for at in (0 if span is None else span.start, ends or 0)
    )
    text = _("From {first} on", first=first) if ends is None else _("{first} to {last}", first=first, last=last)
    where = ", ".join(restriction.territories)
    return SilenceView(id=str(restriction.id), text=f"{text} ({where})" if where else text)


handlers = [live_desk, act, case]
