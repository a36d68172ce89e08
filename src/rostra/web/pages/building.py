"""From what the database says to what a page is given. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from rostra.broadcast import Broadcast, Invitation
from rostra.broadcast.replays import Replay
from rostra.media.wire import HeldBy, Phase
from rostra.platform.wording import _
from rostra.safety.restrictions import FREE, Answer
from rostra.web.looking import pressed
from rostra.web.pages import words
from rostra.web.pages.views.broadcast import BroadcastPage, LabelView, StatusView
from rostra.web.pages.views.listing import BroadcastCard
from rostra.web.pages.views.replay import RecordingView, ReplayView
from rostra.web.pages.views.transcript import TranscriptLinks
from rostra.web.site import Site
from rostra.web.withheld import SHOW, statement_url

_SUMMARY_CHARS: Final = 180
SITE_FEED: Final = "/podcast.xml"
RECORDING_EXPECTED_FOR: Final = timedelta(hours=6)


def page_path(broadcast: Broadcast) -> str:
    return f"/b/{broadcast.slug}"


def series_path(handle: str) -> str:
    return f"/series/{quote(handle)}/podcast.xml"


def picture_url(broadcast: Broadcast) -> str | None:
    """With a piece of the file's hash, so that a new picture has a new address."""
    if broadcast.picture is None:
        return None
    return f"{page_path(broadcast)}/picture?v={broadcast.picture.replace('/', '')[:12]}"


def card(broadcast: Broadcast, answer: Answer = FREE) -> BroadcastCard:
    """answer: what restrictions say of it; behind an age gate it shows neither picture nor description."""
    path = page_path(broadcast)
    gated = answer.gated_by is not None
    return BroadcastCard(
        title=broadcast.title,
        url=path,
        phase=broadcast.phase,
        when=words.when_of(broadcast.phase),
        phase_text=words.run_text(broadcast),
        starts=words.moment(broadcast.starts_at, broadcast.zone),
        host_name=broadcast.host_name,
        summary="" if gated else _summary(broadcast.description),
        picture_url=None if gated else picture_url(broadcast),
        labels=(*(each.reason for each in answer.labels), *((_("For adults"),) if gated else ())),
        unlisted=not broadcast.is_listed,
        control_url=f"{path}/control",
        edit_url=None if broadcast.is_over else f"{path}/edit",
    )


def broadcast_page(
    site: Site,
    broadcast: Broadcast,
    seats: Sequence[Invitation],
    kept: Replay | None,
    *,
    now: datetime,
    replay: ReplayView | None = None,
    transcript: TranscriptLinks | None = None,
    handle: str | None = None,
    answer: Answer = FREE,
) -> BroadcastPage:
    path = page_path(broadcast)
    live = f"{site.edge_url}/live/{broadcast.id}"
    pressed = "" if answer.gated_by is None else f"?{SHOW}=1"  # the page stands behind the age gate
    playlist_url, state_url = f"{live}/index.m3u8{pressed}", f"{live}/state.json{pressed}"
    radio_url = f"{site.edge_url}/listen/{broadcast.id}.aac{pressed}"
    return BroadcastPage(
        id=str(broadcast.id),
        slug=broadcast.slug,
        title=broadcast.title,
        description=tuple(_paragraphs(broadcast.description)),
        phase=broadcast.phase,
        when=words.when_of(broadcast.phase),
        phase_text=words.run_text(broadcast),
        starts=words.moment(broadcast.starts_at, broadcast.zone),
        live=words.moment_or_none(broadcast.live_at, broadcast.zone),
        ended=words.moment_or_none(broadcast.over_at, broadcast.zone),
        duration_text=_length(broadcast),
        host_name=broadcast.host_name,
        speakers=tuple(_speakers(broadcast, seats)),
        picture_url=picture_url(broadcast),
        page_url=f"{site.url}{path}",
        calendar_url=f"{path}/calendar.ics",
        playlist_url=playlist_url,
        radio_url=radio_url,
        enter_url=f"{live}/enter",
        state_url=state_url,
        status_url=f"{path}/status.json",
        unlisted=not broadcast.is_listed,
        labels=(*(LabelView(each.reason, statement_url(each)) for each in answer.labels), *_held(broadcast, answer)),
        gated=answer.gated_by is not None,
        recording=recording_view(broadcast, kept),
        recording_pending=_is_pending(broadcast, kept, now) and not broadcast.hold_replay,
        replay_held=_is_held(broadcast, kept),
        player={
            "id": str(broadcast.id),
            "slug": broadcast.slug,
            "phase": broadcast.phase.value,
            "held_by": broadcast.held_by.value,
            "starts_at": words.iso(broadcast.starts_at),
            "doors_open_at": words.iso(broadcast.doors_open_at),
            "live_at": words.iso_or_none(broadcast.live_at),
            "ended_at": words.iso_or_none(broadcast.ended_at),
            "edge_urls": list(site.edge_urls),
            "playlist_url": playlist_url,
            "radio_url": radio_url,
            "state_url": state_url,
            "status_url": f"{path}/status.json",
        },
        early_text=_early(broadcast, now),
        replay=replay,
        captions=may_have_captions(site, broadcast),
        transcript=transcript,
        podcast_url=series_path(handle) if handle and broadcast.is_listed else None,
    )


def may_have_captions(site: Site, broadcast: Broadcast | None) -> bool:
    """Whether there is an engine; with open doors, whether there was one when they opened."""
    if broadcast is None or broadcast.anchor_at is None:
        return bool(site.house.shape.captions)
    return bool(broadcast.captions)


def status_view(broadcast: Broadcast) -> StatusView:
    return StatusView(
        id=str(broadcast.id),
        phase=broadcast.phase,
        title=broadcast.title,
        starts_at=words.iso(broadcast.starts_at),
        doors_open_at=words.iso(broadcast.doors_open_at),
        anchor_at=words.iso_or_none(broadcast.anchor_at),
        live_at=words.iso_or_none(broadcast.live_at),
        ended_at=words.iso_or_none(broadcast.ended_at),
    )


def recording_view(broadcast: Broadcast, recording: Replay | None) -> RecordingView | None:
    if recording is None or broadcast.phase is Phase.WITHHELD:
        return None
    missing = None
    if recording.missing_ms >= 1000:
        missing_text = words.duration_text(timedelta(milliseconds=recording.missing_ms))
        missing = _("{missing_text} could not be recorded and are silent.", missing_text=missing_text)
    return RecordingView(
        url=f"{page_path(broadcast)}/recording{pressed(broadcast.id)}",
        size_text=words.size_text(recording.size_bytes),
        duration_text=words.duration_text(timedelta(milliseconds=recording.duration_ms)),
        missing_text=missing,
    )


def _is_pending(broadcast: Broadcast, recording: Replay | None, now: datetime) -> bool:
    if broadcast.phase is not Phase.ENDED or broadcast.ended_at is None or recording is not None:
        return False
    return now - broadcast.ended_at < RECORDING_EXPECTED_FOR


def _is_held(broadcast: Broadcast, recording: Replay | None) -> bool:
    was_recorded = broadcast.phase is Phase.ENDED and broadcast.live_at is not None
    return broadcast.hold_replay and was_recorded and recording is None


def _speakers(broadcast: Broadcast, seats: Sequence[Invitation]) -> list[str]:
    """The host first, then the others by their invitation; each name once."""
    open_seats = [seat for seat in seats if seat.revoked_at is None]
    open_seats.sort(key=lambda seat: seat.id != broadcast.host_speaker_id)
    return list(dict.fromkeys([broadcast.host_name, *(seat.name for seat in open_seats)]))


def _length(broadcast: Broadcast) -> str | None:
    if broadcast.live_at is None or broadcast.over_at is None:
        return None
    return words.duration_text(broadcast.over_at - broadcast.live_at)


def _held(broadcast: Broadcast, answer: Answer) -> tuple[LabelView, ...]:
    """Why a moderator keeps it paused. An end has a label of its own, which stays when it is over."""
    if answer.held_by is None or broadcast.held_by is not HeldBy.MODERATORS_PAUSE:
        return ()
    text = _("A moderator has paused this broadcast. {reason}", reason=answer.held_by.reason)
    return (LabelView(text, statement_url(answer.held_by)),)


def _early(broadcast: Broadcast, now: datetime) -> str | None:
    if broadcast.phase is not Phase.SCHEDULED or broadcast.starts_at - now > timedelta(hours=1):
        return None
    opens = words.moment(broadcast.doors_open_at, broadcast.zone)
    return _("The doors open at {time} ({zone}).", time=opens.time, zone=opens.zone)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _summary(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SUMMARY_CHARS else line[:_SUMMARY_CHARS].rsplit(" ", 1)[0] + " …"
