"""The host's page: it runs a broadcast, with or without a script."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Act, Broadcast
from rostra.broadcast.chapters import MarkUnknown
from rostra.flows.align_originals import align_now
from rostra.flows.announce_broadcast import announce_broadcast
from rostra.flows.command_stage import command_stage
from rostra.flows.dump_delay import dump_delay
from rostra.flows.invite_speaker import Invited, hand_over_host, invite_speaker, new_link, revoke_invitation
from rostra.flows.mark_moment import mark_moment, remove_mark
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.publish_replay import hold_replay
from rostra.flows.stand_in import stands_in
from rostra.flows.switch_captions import switch_captions
from rostra.media import wire
from rostra.media.wire import Phase
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.ids import SpeakerId
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_signed_in
from rostra.web.pages import building, words
from rostra.web.pages.control_view import (
    Control,
    control_view,
    invitation_view,
    load_control,
    replay_text,
    track_views,
)
from rostra.web.pages.downloads import send_file
from rostra.web.pages.original_view import kept_text
from rostra.web.pages.views.control import ControlPage, InvitationView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NOTICES: Final = {
    "scheduled": _("The broadcast is scheduled. Send its page to listeners, and a link to each speaker."),
    "saved": _("Your changes are saved."),
    "revoked": _("The invitation is revoked; its links no longer work."),
    "marked": _("The moment is marked. It becomes a chapter of the replay."),
    "hold": _("The replay waits after the end until you publish it."),
    "publish_by_itself": _("The replay is published at the end by itself."),
    "dumped": _("Removed before any listener heard it. The list says how much."),
    "ordered": _("The original is being made of what is here. It takes less than a minute for each hour."),
    "captions_on": _("Captions are on, for what is said from now on."),
    "captions_off": _("Captions are off. What was written before stays in the transcript."),
    "announced": _("The broadcast is announced in a post, which shows from now on where it stands."),
    "handed_over": _("The host's seat has been handed over."),
}


@get("/b/{slug:str}/control")
async def control(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    notice = _NOTICES.get(request.query_params.get("done", ""))
    return await _show(site, who, slug, notice=notice)


@post("/b/{slug:str}/control")
async def act(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """One button of the page. What fails is said on the page, with everything else still there."""
    who = await require_signed_in(request, site)
    check_origin(request, site)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    check_csrf(who, form.get(CSRF_FIELD))
    found = (await load_control(site, who.viewer, slug=slug)).broadcast
    try:
        done = await _carry_out(site, who, found, form)
    except (NotFound, Invalid) as error:
        return await _show(site, who, slug, error=error)
    except RostraError as error:
        if error.status >= 500 or error.status == 409:
            return await _show(site, who, slug, error=error)
        raise
    if isinstance(done, Invited):
        fresh = invitation_view(
            done.invitation, found, None, now=site.house.clock.now(), url=f"{site.backstage}/i/{done.token}"
        )
        return await _show(site, who, slug, fresh=fresh)
    return answers.see_other(f"/b/{slug}/control" + (f"?done={done}" if done else ""))


@post("/b/{slug:str}/stage")
async def join(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """Lead the host to their own stage page, by a fresh link to the host's seat."""
    who = await require_signed_in(request, site)
    check_origin(request, site)
    check_csrf(who, (await request.form()).get(CSRF_FIELD))
    found = (await load_control(site, who.viewer, slug=slug)).broadcast
    if found.host_speaker_id is None:
        raise NotFound(f"{slug} has no host's seat")
    made = await new_link(site.house, found.id, found.host_speaker_id, by=who.viewer)
    return answers.see_other(f"/i/{made.token}")


@get("/b/{slug:str}/tracks/{speaker_id:str}")
async def track(request: AnyRequest, site: TheSite, slug: FromPath[str], speaker_id: FromPath[str]) -> Response[Any]:
    """What one speaker said, as FLAC; for whoever runs the broadcast."""
    who = await require_signed_in(request, site)
    loaded = await load_control(site, who.viewer, slug=slug)
    seat = seat_id(speaker_id)
    kept = next((each for each in loaded.tracks if each.speaker_id == seat), None)
    if kept is None:
        raise NotFound(f"no track of {seat} in {slug}", user_message="There is no track of this speaker.")
    return _send_flac(request, site, loaded, speaker_id, kept.file)


@get("/b/{slug:str}/originals/{speaker_id:str}")
async def original(request: AnyRequest, site: TheSite, slug: FromPath[str], speaker_id: FromPath[str]) -> Response[Any]:
    """A speaker's clean original, as FLAC; for whoever runs the broadcast."""
    who = await require_signed_in(request, site)
    loaded = await load_control(site, who.viewer, slug=slug)
    seat = seat_id(speaker_id)
    kept = next((each for each in loaded.arrived.originals if each.speaker_id == seat), None)
    if kept is None or kept.file is None:
        raise NotFound(f"no original of {seat} in {slug}", user_message="There is no clean original of this speaker.")
    return _send_flac(request, site, loaded, speaker_id, kept.file, what=" (original)")


def _send_flac(
    request: AnyRequest, site: Site, loaded: Control, speaker_id: str, file: str, *, what: str = ""
) -> Response[Any]:
    """What there is of a speaker, under a name with theirs in it. what: stands behind that."""
    seat = seat_id(speaker_id)
    name = next((each.name for each in loaded.seats if each.id == seat), speaker_id)
    return send_file(
        request,
        site.house.files.path(file),
        file,
        "audio/flac",
        caching="private, no-cache",
        download_name=f"{loaded.broadcast.title} - {name}{what}.flac",
    )


async def _carry_out(site: Site, who: SignedIn, found: Broadcast, form: dict[str, str]) -> Invited | str:
    """Do what the button says; a fresh link, or the name of a notice ("" for none)."""
    name, version = form.get("act", ""), form.get("version", "")
    expected = int(version) if version.isascii() and version.isdigit() else None
    if name in set(Act):
        await move_broadcast(site.house, found.id, Act(name), by=who.viewer, version=expected)
        return ""
    if name == "invite":
        return await invite_speaker(site.house, found.id, form.get("name", ""), by=who.viewer)
    if name == "mark":
        await mark_moment(site.house, found.id, form.get("title", ""), by=who.viewer)
        return "marked"
    if name == "unmark":
        await remove_mark(site.house, found.id, mark_number(form.get("mark_id", "")), by=who.viewer)
        return ""
    if name == "dump":
        await dump_delay(site.house, found.id, _seconds(form.get("seconds", "")), by=who.viewer)
        return "dumped"
    if name == "announce":
        await announce_broadcast(site.house, found.id, by=who.viewer)
        return "announced"
    if name in ("hold", "publish_by_itself"):
        await hold_replay(site.house, found.id, name == "hold", by=who.viewer)
        return name
    if name in ("captions_on", "captions_off"):
        await switch_captions(site.house, found.id, on=name == "captions_on", by=who.viewer)
        return name
    seat = seat_id(form.get("speaker_id", ""))
    if name == "new_link":
        return await new_link(site.house, found.id, seat, by=who.viewer)
    if name == "revoke":
        await revoke_invitation(site.house, found.id, seat, by=who.viewer)
        return "revoked"
    if name == "hand_over":
        await hand_over_host(site.house, found.id, seat, by=who.viewer, version=expected)
        return "handed_over"
    if name == "make_original":
        await align_now(site.house, found.id, seat, by=who.viewer)
        return "ordered"
    if name in wire.SEAT_ACTS:
        await command_stage(site.house, found.id, wire.Act(name), seat, by=who.viewer)
        return ""
    raise Invalid(f"unknown act {name!r}", field="act")


def _seconds(text: str) -> float:
    """Raises Invalid."""
    try:
        return float(text)
    except ValueError as error:
        raise Invalid(f"seconds {text!r}", user_message="Say how many seconds, such as 5.", field="seconds") from error


def seat_id(text: str) -> SpeakerId:
    """Raises NotFound for anything that cannot be a seat."""
    if not _is_stored(text):
        raise NotFound(f"seat {text!r}")
    return SpeakerId(int(text))


def mark_number(text: str) -> int:
    """Raises MarkUnknown for anything that cannot be a mark."""
    if not _is_stored(text):
        raise MarkUnknown(f"mark {text!r}")
    return int(text)


def _is_stored(text: str) -> bool:
    """Whether it is a number that fits into a column of 64 bits."""
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 1 << 63


async def _show(
    site: Site,
    who: SignedIn,
    slug: str,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    fresh: InvitationView | None = None,
) -> Response[bytes]:
    loaded = await load_control(site, who.viewer, slug=slug)
    found = loaded.broadcast
    path = building.page_path(found)
    api = f"/api/v1/broadcasts/{found.id}"
    page = ControlPage(
        control=control_view(site, loaded),
        tracks=track_views(loaded, path),
        hold_replay=found.hold_replay,
        captions=found.with_captions if building.may_have_captions(site, found) and not found.is_over else None,
        originals_text=kept_text(found, loaded.arrived, site.house.pieces_kept),
        replay_text=replay_text(site, loaded),
        edit_replay_url=f"{path}/edit-replay" if loaded.recording is not None else None,
        page_url=f"{site.url}{path}",
        edit_url=None if found.is_over else f"{path}/edit",
        form_url=f"{path}/control",
        join_url=f"{path}/stage",
        starts=words.moment(found.starts_at, found.zone),
        fresh=fresh,
        error=None if error is None else error.user_message,
        announcement_url=None if loaded.announcement is None else f"/posts/{loaded.announcement}",
        may_announce=not who.viewer.is_guest and found.phase not in (Phase.CANCELLED, Phase.WITHHELD),
        is_stand_in=stands_in(who.viewer, found),
        data={
            "id": str(found.id),
            "control_url": f"{api}/control",
            "events_url": f"{api}/events",
            "act_url": f"{api}/acts",
            "invitations_url": f"{api}/invitations",
            "new_link_url": f"{api}/invitations/{{speaker_id}}/links",
            "revoke_url": f"{api}/invitations/{{speaker_id}}",
            "marks_url": f"{api}/marks",
            "dumps_url": f"{api}/dumps",
            "seat_url": f"{api}/seats/{{speaker_id}}",
        },
    )
    html = site.renderer.html(page, private_frame(site, f"{path}/control", who, notice=notice))
    return answers.private(html, status_code=200 if error is None else int(error.status))


handlers = [control, act, join, track, original]
