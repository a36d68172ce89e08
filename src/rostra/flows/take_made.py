"""The stage has answered a job: what it made becomes part of the broadcast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast.originals import Original, OriginalStore
from rostra.broadcast.replays import EditState, EditStore, Peaks
from rostra.flows.align_originals import refused
from rostra.flows.house import House
from rostra.media.jobs import Align, Aligned, AnyMade, Made, Measured, NotMade, Publish, Published, job_kind
from rostra.platform.clock import from_us
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.log import get_logger

_log = get_logger(__name__)
_made: Final = msgspec.json.Decoder(AnyMade)


async def take_made(house: House, payload: bytes) -> None:
    """Handle an answer from the facts. The same answer twice changes nothing.

    One that cannot be read, or whose broadcast is gone, is logged and let go: no retry would heal it.
    """
    try:
        made = _made.decode(payload)
        reader = READERS[type(made)]
    except (msgspec.DecodeError, KeyError) as error:
        _log.error("made_unreadable", error=str(error))
        return
    async with house.database.transaction() as session:
        await reader(session, made)
    _log.info("made_taken", job=made.job_id, kind=job_kind(made), broadcast_id=made.broadcast_id)


async def _published(session: AsyncSession, made: Published) -> None:
    store = EditStore(session)
    edit = await store.get(edit_of(made))
    if edit is None:
        _log.error("edit_unknown", job=made.job_id)
        return
    await store.put_made(
        edit.id,
        file=made.file,
        size_bytes=made.size_bytes,
        duration_ms=made.duration_ms,
        stream=made.stream,
        stream_index=made.index,
    )
    if edit.state is not EditState.READY:
        await store.put_published(edit.id, edit.created_at)


async def _measured(session: AsyncSession, made: Measured) -> None:
    peaks = Peaks(
        broadcast_id=BroadcastId(int(made.broadcast_id)), source=made.source, file=made.file, every_ms=made.every_ms
    )
    await EditStore(session).put_peaks(peaks)


async def _aligned(session: AsyncSession, made: Aligned) -> None:
    original = Original(
        broadcast_id=BroadcastId(int(made.broadcast_id)),
        speaker_id=SpeakerId(int(made.speaker_id)),
        file=made.file,
        size_bytes=made.size_bytes,
        duration_ms=made.duration_ms,
        offset_ms=made.offset_ms,
        drift_ppm=made.drift_ppm,
        coverage=made.coverage,
        pieces=made.pieces,
        trouble=made.trouble,
        created_at=from_us(made.ordered_us),
    )
    await OriginalStore(session).put_newer(original)


async def _not_made(session: AsyncSession, made: NotMade) -> None:
    _log.error("job_failed", job=made.job_id, kind=made.of, code=made.code, broadcast_id=made.broadcast_id)
    if made.of == job_kind(Publish):
        await EditStore(session).put_failed(edit_of(made), made.message)
    if made.of == job_kind(Align):
        await OriginalStore(session).put_newer(refused(made))


def edit_of(made: Made) -> int:
    """A job for an edit is named by it, then by a dot and a number when the edit is made once more."""
    return int(made.job_id.partition(".")[0])


Reader = Callable[[AsyncSession, Any], Awaitable[None]]
READERS: Final[Mapping[type[Made], Reader]] = {
    Published: _published,
    Measured: _measured,
    Aligned: _aligned,
    NotMade: _not_made,
}
"""What is done with each kind of answer, in one transaction."""
