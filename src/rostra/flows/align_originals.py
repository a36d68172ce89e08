"""Order the alignment of a speaker's local recordings with their track: by itself when all is here, or by the host.

Repeating an order changes nothing but time: its answer replaces the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, Track
from rostra.broadcast.originals import LocalPiece, LocalRecording, Original, OriginalStore
from rostra.broadcast.schedule import airing
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.flows.publish_replay import order
from rostra.media.jobs import Align, LocalRun, LocalSound, NotMade
from rostra.network.accounts import Viewer
from rostra.platform.clock import from_us
from rostra.platform.errors import RostraError
from rostra.platform.ids import BroadcastId, SpeakerId

MOST_PIECES: Final = 8_000
"""Eleven hours of pieces: an order has to fit into a message of 1 MB. What is beyond stays the track's."""


class NothingToAlign(RostraError):
    status, code = HTTPStatus.CONFLICT, "nothing_to_align"
    user_message = "There is no track of this speaker, or nothing of their own recording has arrived."


async def align_when_whole(house: House, session: AsyncSession, broadcast: Broadcast, speaker_id: SpeakerId) -> None:
    """Order it if the track and every announced piece are here, and there is more than the last original was made of.

    Part of the caller's transaction.
    """
    if not broadcast.is_over:
        return
    await session.flush()
    store = OriginalStore(session)
    recordings = await store.recordings(broadcast.id, speaker_id)
    if not recordings or not all(each.whole for each in recordings):
        return
    pieces = await store.pieces(broadcast.id, speaker_id)
    known = next((each for each in await store.originals(broadcast.id) if each.speaker_id == speaker_id), None)
    if len(pieces) < wanted_pieces(recordings) or (known is not None and known.pieces >= len(pieces)):
        return
    if (track := await _track(session, broadcast.id, speaker_id)) is not None and pieces:
        _order(house, session, broadcast, track, pieces)


async def align_now(house: House, broadcast_id: BroadcastId, speaker_id: SpeakerId, *, by: Viewer) -> None:
    """The host wants it made of what is here. Raises NotFound, Forbidden, NothingToAlign."""
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
        check_may_run(by, broadcast)
        pieces = await OriginalStore(session).pieces(broadcast_id, speaker_id)
        track = await _track(session, broadcast_id, speaker_id)
        if track is None or not pieces:
            raise NothingToAlign(f"speaker {speaker_id} of broadcast {broadcast_id}")
        _order(house, session, broadcast, track, pieces)
    house.relay.nudge()


def wanted_pieces(recordings: Sequence[LocalRecording]) -> int:
    """How many pieces the browsers have made, sent or not."""
    return sum(each.pieces for each in recordings)


def refused(made: NotMade) -> Original:
    """What the host is told of an order that came to nothing. Its id says which it was."""
    _, broadcast_id, speaker_id, pieces, ordered_us = made.job_id.split(".")
    return Original(
        broadcast_id=BroadcastId(int(broadcast_id)),
        speaker_id=SpeakerId(int(speaker_id)),
        file=None,
        size_bytes=0,
        duration_ms=0,
        offset_ms=0.0,
        drift_ppm=0.0,
        coverage=0.0,
        pieces=int(pieces),
        trouble=made.message,
        created_at=from_us(int(ordered_us)),
    )


async def _track(session: AsyncSession, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> Track | None:
    tracks = await BroadcastStore(session).tracks(broadcast_id)
    return next((each for each in tracks if each.speaker_id == speaker_id), None)


def _order(
    house: House, session: AsyncSession, broadcast: Broadcast, track: Track, pieces: Sequence[LocalPiece]
) -> None:
    ordered_us = house.clock.now_us()
    job = Align(
        job_id=f"align.{broadcast.id}.{track.speaker_id}.{len(pieces)}.{ordered_us}",
        broadcast_id=str(broadcast.id),
        speaker_id=str(track.speaker_id),
        track=track.file,
        runs=_runs(house, broadcast, pieces[:MOST_PIECES]),
        ordered_us=ordered_us,
    )
    order(session, job)


def _runs(house: House, broadcast: Broadcast, pieces: Sequence[LocalPiece]) -> list[LocalRun]:
    """The pieces by run, their times as samples of the track, which has what is said now `delay` later."""
    aired = airing(broadcast, house.shape)
    clock = aired.clock()
    if clock is None or aired.live_us is None:
        raise NothingToAlign(f"broadcast {broadcast.id} was never on the air")
    begins = max(0, clock.part_at(aired.live_us)) - aired.delay_parts
    runs: dict[str, LocalRun] = {}
    for piece in pieces:
        run = runs.setdefault(piece.recording_id, LocalRun(piece.rate_hz, []))
        at = clock.sample_at(piece.at_us) - begins * clock.part_samples
        run.pieces.append(LocalSound(piece.file, piece.first_sample, piece.samples, at))
    return list(runs.values())
