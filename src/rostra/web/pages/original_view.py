"""The clean originals of a broadcast, for whoever runs it: what is here, what is on its way, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, Invitation, Track
from rostra.broadcast.originals import LocalRecording, Original, OriginalStore
from rostra.flows.align_originals import wanted_pieces
from rostra.flows.take_local_recording import GRACE
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.wording import _
from rostra.web.pages import words
from rostra.web.pages.views.control import OriginalState, OriginalView


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the database says of all speakers' own recordings."""

    recordings: Sequence[LocalRecording] = ()
    counts: dict[SpeakerId, int] | None = None
    originals: Sequence[Original] = ()


async def load_arrived(session: AsyncSession, broadcast_id: BroadcastId) -> Arrived:
    store = OriginalStore(session)
    recordings, originals = await store.recordings(broadcast_id), await store.originals(broadcast_id)
    return Arrived(recordings, await store.counts(broadcast_id) if recordings else {}, originals)


def kept_text(broadcast: Broadcast, arrived: Arrived, kept: timedelta) -> str:
    """Until when the pieces stay on the server; empty when there are none."""
    if not arrived.counts:
        return ""
    if broadcast.ended_at is None:
        until = _("{days} days after the end", days=kept.days)
    else:
        until = words.moment(broadcast.ended_at + kept, broadcast.zone).text
    return _(
        "The pieces that browsers sent are deleted at the latest {until}; sooner, {days} days after the end, when the "
        "original is made and a replay is published. The originals stay.",
        until=until,
        days=GRACE.days,
    )


def original_views(
    broadcast: Broadcast, arrived: Arrived, seats: Sequence[Invitation], tracks: Sequence[Track]
) -> tuple[OriginalView, ...]:
    """One for each speaker who was heard or records; none at all while nobody records."""
    recorded = {each.speaker_id for each in arrived.recordings} | {each.speaker_id for each in arrived.originals}
    if not recorded:
        return ()
    heard = {track.speaker_id for track in tracks}
    return tuple(
        _view(broadcast, arrived, seat, has_track=seat.id in heard) for seat in seats if seat.id in recorded | heard
    )


def _view(broadcast: Broadcast, arrived: Arrived, seat: Invitation, *, has_track: bool) -> OriginalView:
    runs = [each for each in arrived.recordings if each.speaker_id == seat.id]
    here = (arrived.counts or {}).get(seat.id, 0)
    original = next((each for each in arrived.originals if each.speaker_id == seat.id), None)
    state, text = _standing(runs, here, original, over=broadcast.is_over, has_track=has_track)
    usable = original is not None and original.file is not None
    newer = original is None or here > original.pieces
    return OriginalView(
        speaker_id=str(seat.id),
        name=seat.name,
        state=state,
        text=text,
        url=f"/b/{broadcast.slug}/originals/{seat.id}" if usable else None,
        may_make=state in ("sending", "refused") and has_track and here > 0 and newer,
    )


def _standing(
    runs: Sequence[LocalRecording], here: int, original: Original | None, *, over: bool, has_track: bool
) -> tuple[OriginalState, str]:
    wanted = max(here, wanted_pieces(runs))
    share = f"{here * 100 // wanted if wanted else 100} %"
    if not runs and (original is None or original.file is None):
        return "none", "none: the replay has what came over the network"
    if not over:
        return "recording", _("recorded in their browser, {share} of it is here", share=share)
    if original is not None and original.pieces >= here:
        if original.file is None:
            return "refused", _("cannot be used. {trouble}", trouble=original.trouble)
        whole = "" if here >= wanted else f", {share} sent"
        return "ready", _(
            "clean original: {n1:.0f} % of what they said{whole}", n1=original.coverage * 100, whole=whole
        )
    if here < wanted or not all(each.whole for each in runs):
        return "sending", _("{share} sent, waiting for the rest", share=share)
    if not has_track:
        return "sending", "all here, waiting for the stage's own track"
    return "aligning", "all here, being laid on the stage's track"
