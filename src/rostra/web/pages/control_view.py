"""The control page's living part, for the page and for the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rostra.broadcast import (
    Act,
    Broadcast,
    BroadcastStore,
    Check,
    Dump,
    DumpStore,
    Invitation,
    InvitationStore,
    Mark,
    MarkStore,
    Recording,
    Track,
    late_text,
    readiness,
)
from rostra.broadcast.chapters import recording_offset_ms
from rostra.broadcast.lifecycle import EndedByModerator, PausedByModerator, allowed, refusal
from rostra.broadcast.replays import Replay, replay_of
from rostra.flows.permission import check_may_run
from rostra.media.wire import HeldBy, Phase, StageState
from rostra.network.accounts import Viewer
from rostra.network.posts import PostStore
from rostra.platform.ids import BroadcastId, PostId
from rostra.platform.wording import _
from rostra.safety.restrictions import Kind, Measure, Restriction, Subject
from rostra.web.pages import building, words
from rostra.web.pages.delaying import delay_view
from rostra.web.pages.original_view import Arrived, load_arrived, original_views
from rostra.web.pages.replaying import load_replay
from rostra.web.pages.views.control import ActView, CheckView, ControlView, InvitationView, MarkView
from rostra.web.pages.views.replay import RecordingView, TrackView
from rostra.web.site import Site

_NEXT = {
    Phase.SCHEDULED: Act.OPEN_DOORS,
    Phase.DOORS_OPEN: Act.GO_LIVE,
    Phase.LIVE: Act.END,
    Phase.PAUSED: Act.RESUME,
}

_HELD = {
    HeldBy.MODERATORS_PAUSE: PausedByModerator.user_message,
    HeldBy.MODERATORS_END: EndedByModerator.user_message,
}


@dataclass(frozen=True, slots=True)
class Control:
    """What the database says about one broadcast."""

    broadcast: Broadcast
    seats: Sequence[Invitation]
    recording: Recording | None
    replay: Replay | None
    marks: Sequence[Mark]
    tracks: Sequence[Track]
    dumps: Sequence[Dump]
    arrived: Arrived
    announcement: PostId | None


async def load_control(
    site: Site, viewer: Viewer, *, slug: str = "", broadcast_id: BroadcastId | None = None
) -> Control:
    """By slug or by id. Raises NotFound, Forbidden."""
    async with site.house.database.reading() as session:
        store = BroadcastStore(session)
        found = await (store.by_slug(slug) if broadcast_id is None else store.get(broadcast_id))
        check_may_run(viewer, found)
        seats = await InvitationStore(session).of_broadcast(found.id)
        marks = await MarkStore(session).of_broadcast(found.id)
        return Control(
            found,
            seats,
            await store.recording(found.id),
            await load_replay(session, found),
            marks,
            await store.tracks(found.id),
            await DumpStore(session).of_broadcast(found.id) if found.delay_s else (),
            await load_arrived(session, found.id),
            None if viewer.account_id is None else await PostStore(session).announcement(viewer.account_id, found.id),
        )


def control_view(site: Site, control: Control) -> ControlView:
    """Everything about this moment."""
    broadcast = control.broadcast
    now = site.house.clock.now()
    around = site.lookout.around(broadcast.id)
    listening = site.lookout.audience(broadcast.id) if broadcast.phase.has_stage else None
    checks = readiness(broadcast, around, now=now)
    blocked = any(check.blocking and not check.ok for check in checks)
    return ControlView(
        id=str(broadcast.id),
        slug=broadcast.slug,
        title=broadcast.title,
        version=broadcast.version,
        phase=broadcast.phase,
        when=words.when_of(broadcast.phase),
        phase_text=words.run_text(broadcast),
        at=words.iso(now),
        starts_at=words.iso(broadcast.starts_at),
        doors_open_at=words.iso(broadcast.doors_open_at),
        anchor_at=words.iso_or_none(broadcast.anchor_at),
        live_at=words.iso_or_none(broadcast.live_at),
        ended_at=words.iso_or_none(broadcast.ended_at),
        auto_start=broadcast.auto_start,
        seconds_to_start=round((broadcast.starts_at - now).total_seconds()),
        minute_text=words.minute_text(broadcast, now),
        late_text=late_text(broadcast, checks, now=now),
        acts=tuple(_act(act, broadcast) for act in Act),
        ready=not blocked,
        readiness=tuple(_check(check) for check in checks),
        stage=around.state if broadcast.phase.has_stage or broadcast.still_heard(now) else None,
        invitations=tuple(
            invitation_view(seat, broadcast, around.state, now=now)
            for seat in sorted(control.seats, key=lambda seat: seat.id != broadcast.host_speaker_id)
        ),
        audience=listening.listeners if listening else None,
        audience_error=round(listening.error, 3) if listening else 0.0,
        audience_text=words.audience_text(listening.listeners, listening.error) if listening else "",
        shares_text=words.shares_text(site.lookout.shares(broadcast.id)) if listening else "",
        recording=_recording(control),
        originals=original_views(broadcast, control.arrived, control.seats, control.tracks),
        marks=tuple(_mark(broadcast, mark) for mark in control.marks),
        delay=delay_view(broadcast, control.dumps, now, silences=_silences(site, broadcast)),
    )


def _silences(site: Site, broadcast: Broadcast) -> list[Restriction]:
    found = site.house.restrictions.of(Subject(Kind.BROADCAST, broadcast.id))
    return [each for each in found if each.measure is Measure.SILENCE]


def _recording(control: Control) -> RecordingView | None:
    """What everybody hears; while it is held, what only the host hears."""
    view = building.recording_view(control.broadcast, control.replay)
    if view is not None or not control.broadcast.hold_replay:
        return view
    unpublished = replay_of(control.recording, (), held=False)
    view = building.recording_view(control.broadcast, unpublished)
    path = building.page_path(control.broadcast)
    return None if view is None else replace(view, url=f"{path}/edit-replay/recording.m4a")


def replay_text(site: Site, control: Control) -> str:
    """What becomes of the recording, in a sentence or two."""
    broadcast = control.broadcast
    if broadcast.phase is not Phase.ENDED:
        held = _("After the end it waits until you have edited and published it.")
        return held if broadcast.hold_replay else _("After the end it is published by itself. You can cut it later.")
    if control.replay is not None:
        return _("It is on the page of the broadcast. You can cut it, and publish it again.")
    if control.recording is not None:
        return _("It waits until you have edited and published it.")
    if broadcast.live_at is None:
        return _("Nothing was on the air, so there is none.")
    told = site.lookout.progress(broadcast.id)
    if told is not None and told.waiting is not None:
        return _("The recording is not finished yet. {waiting} It is tried again by itself.", waiting=told.waiting)
    return _("The recording is being finished. It takes half a minute at most.")


def track_views(control: Control, path: str) -> tuple[TrackView, ...]:
    """One download for each speaker who said something. path: of the broadcast's page."""
    names = {seat.id: seat.name for seat in control.seats}
    return tuple(
        TrackView(
            name=names.get(track.speaker_id, str(track.speaker_id)),
            url=f"{path}/tracks/{track.speaker_id}",
            size_text=words.size_text(track.size_bytes),
        )
        for track in control.tracks
    )


def invitation_view(
    seat: Invitation, broadcast: Broadcast, state: StageState | None, *, now: datetime, url: str | None = None
) -> InvitationView:
    on_stage = state is not None and any(
        speaker.connected and speaker.speaker_id == str(seat.id) for speaker in state.speakers
    )
    own = seat.state(now)
    return InvitationView(
        speaker_id=str(seat.id),
        name=seat.name,
        host=seat.id == broadcast.host_speaker_id,
        state=own if own != "open" else "on_stage" if on_stage else "waiting",
        expires_at=words.iso(seat.expires_at),
        url=url,
    )


def _act(act: Act, broadcast: Broadcast) -> ActView:
    phase = broadcast.phase
    held = _HELD.get(broadcast.held_by) if act is Act.RESUME else None
    may = allowed(phase, act) and held is None
    return ActView(
        act=act.value,
        label=words.ACT_LABELS[act],
        allowed=may,
        primary=_NEXT.get(phase) is act,
        why_not=None if may else held or refusal(phase, act),
        confirm=words.ACT_QUESTIONS.get(act),
    )


def _mark(broadcast: Broadcast, mark: Mark) -> MarkView:
    offset_ms = recording_offset_ms(broadcast, mark.at) or 0
    return MarkView(id=str(mark.id), at_text=words.clock_text(offset_ms), title=mark.title, kind=mark.kind.value)


def _check(check: Check) -> CheckView:
    return CheckView(code=check.code, ok=check.ok, blocking=check.blocking, text=check.text, fix=check.fix)
