"""What is published of a recording: ordered from the stage, taken over when it is made, taken back by the host.

The site knows what is wanted, the stage makes it (`rostra.media.jobs`). The recording and the tracks stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, DumpStore, MarkStore, Recording, chapters
from rostra.broadcast.chapters import published, recording_offset_ms
from rostra.broadcast.originals.store import OriginalStore
from rostra.broadcast.replays import Cuts, Edit, EditState, EditStore, Source, Span, current, cuts_of
from rostra.broadcast.replays.edits import BeingMade, NothingRecorded, NothingToUndo, NoTracks
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.media.jobs import ChapterMark, Job, Measure, Publish, job_subject
from rostra.network.accounts import Viewer
from rostra.platform import outbox
from rostra.platform.clock import Clock
from rostra.platform.ids import BroadcastId, IdSource

ORDER_AGAIN_AFTER: Final = timedelta(hours=1)
DUMP_MARGIN_MS: Final = 50
"""Beside a dump so much is silent, too: what two clocks may differ by."""


async def publish_first(house: House, session: AsyncSession, broadcast: Broadcast, recording: Recording) -> None:
    """A recording is there: have it published as it is, unless the host wants to look at it first, and drawn."""
    if not broadcast.hold_replay:
        source = Source.PROGRAMME
        await _order_edit(session, broadcast, recording, source, Cuts(), clock=house.clock, ids=house.ids)
    order(session, Measure(job_id=f"{house.ids.next()}", broadcast_id=str(broadcast.id), source=recording.file))


async def publish_edit(
    house: House, broadcast_id: BroadcastId, source: Source, wanted: Iterable[Span], *, by: Viewer | None
) -> Edit:
    """Have an edit made; it is published when it is ready. wanted: what to cut, in recording time.

    Raises NotFound, Forbidden, Invalid, NothingRecorded, NoTracks, BeingMade.
    """
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
        check_may_run(by, broadcast)
        edit = await order_publication(session, broadcast, source, wanted, clock=house.clock, ids=house.ids)
    house.relay.nudge()
    return edit


async def order_publication(
    session: AsyncSession, broadcast: Broadcast, source: Source, wanted: Iterable[Span], *, clock: Clock, ids: IdSource
) -> Edit:
    """The same in a transaction of one's own, for whoever needs no permission: the operator on the server."""
    recording = await BroadcastStore(session).recording(broadcast.id)
    if recording is None:
        raise NothingRecorded(f"broadcast {broadcast.id}")
    if any(edit.state is EditState.MAKING for edit in await EditStore(session).of_broadcast(broadcast.id)):
        raise BeingMade(f"broadcast {broadcast.id}")
    cuts = cuts_of(wanted, recording.duration_ms)
    return await _order_edit(session, broadcast, recording, source, cuts, clock=clock, ids=ids)


async def order_again(house: House) -> None:
    """Order what was ordered long ago and never answered: a bus that lost its files has forgotten it."""
    async with house.database.transaction() as session:
        for edit in await EditStore(session).making(before=house.clock.now() - ORDER_AGAIN_AFTER):
            broadcasts = BroadcastStore(session)
            recording = await broadcasts.recording(edit.broadcast_id)
            if recording is not None:
                broadcast = await broadcasts.get(edit.broadcast_id)
                order(session, await _publish_job(session, broadcast, recording, edit))


async def undo_edit(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> None:
    """Take the current edit back: the one before it is published again; of a replay that is held, none.

    Raises NotFound, Forbidden, NothingToUndo.
    """
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
        check_may_run(by, broadcast)
        store = EditStore(session)
        edits = await store.of_broadcast(broadcast_id)
        edit = current(edits)
        former = current(other for other in edits if edit is not None and other.id != edit.id)
        if edit is None or (former is None and not broadcast.hold_replay):
            raise NothingToUndo(f"broadcast {broadcast_id}")
        await store.put_published(edit.id, None)


async def hold_replay(house: House, broadcast_id: BroadcastId, hold: bool, *, by: Viewer | None) -> Broadcast:
    """Whether nothing is heard after the end until the host publishes. Raises NotFound, Forbidden, Conflict."""
    async with house.database.transaction() as session:
        store = BroadcastStore(session)
        broadcast = await store.get(broadcast_id)
        check_may_run(by, broadcast)
        return await store.save(replace(broadcast, hold_replay=hold))


async def refresh_chapters(house: House, session: AsyncSession, broadcast_id: BroadcastId) -> None:
    """Marks have changed after the end: write the current edit's file anew, with the same frames and new chapters."""
    edit = current(await EditStore(session).of_broadcast(broadcast_id))
    recording = await BroadcastStore(session).recording(broadcast_id)
    if edit is None or edit.file is None or recording is None:
        return
    broadcast = await BroadcastStore(session).get(broadcast_id)
    made = await _publish_job(session, broadcast, recording, edit)
    order(session, replace_job(made, f"{edit.id}.{house.ids.next()}", edit.file))


def replace_job(job: Publish, job_id: str, file: str) -> Publish:
    """The order to copy `file` with this job's facts."""
    return Publish(
        job_id=job_id,
        broadcast_id=job.broadcast_id,
        sources=[file],
        mixed=False,
        cuts=[],
        chapters=job.chapters,
        title=job.title,
        artist=job.artist,
        album=job.album,
        date=job.date,
    )


def order(session: AsyncSession, job: Job) -> None:
    """Put a job on the queue once this transaction has committed."""
    outbox.publish(session, job_subject(job), f"job.{job.job_id}", job)


async def _order_edit(
    session: AsyncSession,
    broadcast: Broadcast,
    recording: Recording,
    source: Source,
    cuts: Cuts,
    *,
    clock: Clock,
    ids: IdSource,
) -> Edit:
    edit = Edit(
        id=ids.next(),
        broadcast_id=broadcast.id,
        source=source,
        cuts=cuts,
        state=EditState.MAKING,
        error=None,
        created_at=clock.now(),
        published_at=None,
    )
    job = await _publish_job(session, broadcast, recording, edit)
    await EditStore(session).add(edit)
    order(session, job)
    return edit


async def _publish_job(session: AsyncSession, broadcast: Broadcast, recording: Recording, edit: Edit) -> Publish:
    sources = [recording.file]
    if edit.source is Source.TRACKS:
        sources = await _tracks(session, broadcast.id)
    marks = await MarkStore(session).of_broadcast(broadcast.id)
    made = published(chapters(broadcast, marks, recording.duration_ms), edit.cuts)
    return Publish(
        job_id=str(edit.id),
        broadcast_id=str(broadcast.id),
        sources=sources,
        mixed=edit.source is Source.TRACKS,
        cuts=list(edit.cuts.spans),
        chapters=[ChapterMark(each.start_ms, each.end_ms, each.title) for each in made],
        title=broadcast.title,
        artist=broadcast.host_name,
        album="",
        date=_date(broadcast.live_at or broadcast.starts_at),
        silences=await _dumped(session, broadcast),
    )


async def _tracks(session: AsyncSession, broadcast_id: BroadcastId) -> list[str]:
    """One file for each speaker: their own recording where it is here and in step, else the server's track."""
    found = {track.speaker_id: track.file for track in await BroadcastStore(session).tracks(broadcast_id)}
    for original in await OriginalStore(session).originals(broadcast_id):
        if original.file is not None:
            found[original.speaker_id] = original.file
    if not found:
        raise NoTracks(f"broadcast {broadcast_id}")
    return [file for _, file in sorted(found.items())]


async def _dumped(session: AsyncSession, broadcast: Broadcast) -> list[Span]:
    """What was taken out before anybody heard it: speakers' own recordings still hold it."""
    spans: list[Span] = []
    for dump in await DumpStore(session).of_broadcast(broadcast.id):
        start = recording_offset_ms(broadcast, dump.from_at)
        end = recording_offset_ms(broadcast, dump.until_at)
        if start is not None and end is not None and end > start:
            spans.append((max(0, start - DUMP_MARGIN_MS), end + DUMP_MARGIN_MS))
    return spans


def _date(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
