"""Somebody makes a clip: of the replay, or of what they have just heard while it is on the air."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.chapters import recording_offset_ms
from rostra.broadcast.replays import Clip, ClipStore, EditStore, Replay, replay_of
from rostra.broadcast.replays.clips import MOST_CLIPS, NothingToClip, TooManyClips, check_clip
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId

CLOCKS_APART: timedelta = timedelta(seconds=10)
"""A player's idea of now may be so far ahead of ours."""


async def clip_replay(
    house: House, slug: str, start_ms: int, end_ms: int, title: str, *, by_host: bool
) -> tuple[Broadcast, Clip]:
    """start_ms, end_ms: in the replay as it is heard now. Raises NotFound, Invalid, NothingToClip, TooManyClips."""
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).by_slug(slug)
        replay = await _replay(session, broadcast)
        if replay is None:
            raise NothingToClip(f"{slug} has no replay")
        start_ms, end_ms, title = check_clip(start_ms, end_ms, title, available_ms=replay.duration_ms, by_host=by_host)
        cuts = replay.cuts
        span = cuts.recording_ms(start_ms), cuts.recording_ms(end_ms - 1) + 1
        return broadcast, await _keep(house, session, broadcast, span, title, by_host=by_host)


async def clip_live(
    house: House, slug: str, heard_at: datetime, last: timedelta, title: str, *, by_host: bool
) -> tuple[Broadcast, Clip]:
    """The `last` seconds up to `heard_at`, which is the date of what the player plays (PROGRAM-DATE-TIME).

    Raises NotFound, Invalid, NothingToClip, TooManyClips.
    """
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).by_slug(slug)
        now = house.clock.now()
        newest = min(heard_at, now + CLOCKS_APART) - broadcast.delay
        end_ms = recording_offset_ms(broadcast, newest)
        if broadcast.phase not in (Phase.LIVE, Phase.PAUSED, Phase.ENDED) or not end_ms:
            raise NothingToClip(f"{slug}: {broadcast.phase}")
        start_ms = max(0, end_ms - round(last.total_seconds() * 1000))
        start_ms, end_ms, title = check_clip(start_ms, end_ms, title, available_ms=end_ms, by_host=by_host)
        return broadcast, await _keep(house, session, broadcast, (start_ms, end_ms), title, by_host=by_host)


async def remove_clip(house: House, broadcast_id: BroadcastId, clip_id: int, *, by: Viewer) -> None:
    """Its link says then that it is gone. Raises NotFound, Forbidden."""
    async with house.database.transaction() as session:
        check_may_run(by, await BroadcastStore(session).get(broadcast_id))
        await ClipStore(session).remove(broadcast_id, clip_id)


async def _replay(session: AsyncSession, broadcast: Broadcast) -> Replay | None:
    if broadcast.phase is not Phase.ENDED:
        return None
    recording = await BroadcastStore(session).recording(broadcast.id)
    return replay_of(recording, await EditStore(session).of_broadcast(broadcast.id), held=broadcast.hold_replay)


async def _keep(
    house: House, session: AsyncSession, broadcast: Broadcast, span: tuple[int, int], title: str, *, by_host: bool
) -> Clip:
    store = ClipStore(session)
    if await store.count(broadcast.id) >= MOST_CLIPS:
        raise TooManyClips(f"broadcast {broadcast.id}")
    clip = Clip(
        id=house.ids.next(),
        broadcast_id=broadcast.id,
        start_ms=span[0],
        end_ms=span[1],
        title=title,
        by_host=by_host,
        created_at=house.clock.now(),
    )
    await store.add(clip)
    return clip
