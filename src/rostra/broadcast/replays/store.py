"""Queries over edits, clips and peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast.replays.clips import Clip, ClipUnknown
from rostra.broadcast.replays.cuts import Cuts
from rostra.broadcast.replays.edits import Edit, EditState, Source
from rostra.broadcast.replays.tables import ClipRow, EditRow, PeaksRow
from rostra.platform.database import rows_changed
from rostra.platform.ids import BroadcastId


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """The picture of a recording: one byte for each `every_ms` in `file`."""

    broadcast_id: BroadcastId
    source: str
    file: str
    every_ms: int


class EditStore:
    """What was published of a recording, and what it looks like."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, edit: Edit) -> None:
        values = asdict(edit) | {"cuts": msgspec.json.encode(edit.cuts.spans).decode()}
        await self._session.execute(insert(EditRow).values(**values))

    async def get(self, edit_id: int) -> Edit | None:
        row = await self._session.get(EditRow, edit_id, populate_existing=True)
        return None if row is None else _edit(row)

    async def of_broadcast(self, broadcast_id: BroadcastId) -> list[Edit]:
        """Oldest first. Index: ix_edits_broadcast_id."""
        query = select(EditRow).where(EditRow.broadcast_id == broadcast_id).order_by(EditRow.id)
        return [_edit(row) for row in await self._session.scalars(query)]

    async def of_broadcasts(self, ids: Sequence[BroadcastId]) -> dict[BroadcastId, list[Edit]]:
        """Of each, oldest first. Index: ix_edits_broadcast_id."""
        query = select(EditRow).where(EditRow.broadcast_id.in_(ids)).order_by(EditRow.id)
        found: dict[BroadcastId, list[Edit]] = {each: [] for each in ids}
        for row in await self._session.scalars(query):
            found[BroadcastId(row.broadcast_id)].append(_edit(row))
        return found

    async def making(self, *, before: datetime) -> list[Edit]:
        """Edits that were ordered before then and are not answered."""
        query = select(EditRow).where(EditRow.state == EditState.MAKING, EditRow.created_at < before)
        return [_edit(row) for row in await self._session.scalars(query.order_by(EditRow.id))]

    async def put_made(
        self, edit_id: int, *, file: str, size_bytes: int, duration_ms: int, stream: str, stream_index: str
    ) -> None:
        """The files of an edit, which is ready with them."""
        values = {"file": file, "size_bytes": size_bytes, "duration_ms": duration_ms, "stream": stream}
        values |= {"stream_index": stream_index, "state": EditState.READY, "error": None}
        await self._session.execute(update(EditRow).where(EditRow.id == edit_id).values(**values))

    async def put_failed(self, edit_id: int, message: str) -> None:
        statement = update(EditRow).where(EditRow.id == edit_id, EditRow.state == EditState.MAKING)
        await self._session.execute(statement.values(state=EditState.FAILED, error=message))

    async def put_published(self, edit_id: int, at: datetime | None) -> None:
        await self._session.execute(update(EditRow).where(EditRow.id == edit_id).values(published_at=at))

    async def put_peaks(self, peaks: Peaks) -> None:
        await self._session.merge(PeaksRow(**asdict(peaks)))

    async def peaks(self, broadcast_id: BroadcastId) -> Peaks | None:
        row = await self._session.get(PeaksRow, broadcast_id)
        return None if row is None else Peaks(**{each.name: getattr(row, each.name) for each in fields(Peaks)})


class ClipStore:
    """Clips of broadcasts."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, clip: Clip) -> None:
        await self._session.execute(insert(ClipRow).values(**asdict(clip)))

    async def get(self, broadcast_id: BroadcastId, clip_id: int) -> Clip:
        """Raises ClipUnknown, also for a clip of another broadcast."""
        row = await self._session.get(ClipRow, clip_id)
        if row is None or row.broadcast_id != broadcast_id:
            raise ClipUnknown(f"clip {clip_id} of broadcast {broadcast_id}")
        return _clip(row)

    async def of_broadcast(self, broadcast_id: BroadcastId, *, limit: int = 100) -> list[Clip]:
        """In the order of the conversation. Index: ix_clips_broadcast_id."""
        query = select(ClipRow).where(ClipRow.broadcast_id == broadcast_id)
        rows = await self._session.scalars(query.order_by(ClipRow.start_ms, ClipRow.id).limit(limit))
        return [_clip(row) for row in rows]

    async def count(self, broadcast_id: BroadcastId) -> int:
        query = select(func.count()).where(ClipRow.broadcast_id == broadcast_id)
        return await self._session.scalar(query) or 0

    async def remove(self, broadcast_id: BroadcastId, clip_id: int) -> bool:
        """Whether there was one."""
        statement = delete(ClipRow).where(ClipRow.id == clip_id, ClipRow.broadcast_id == broadcast_id)
        return await rows_changed(self._session, statement) == 1


def _edit(row: EditRow) -> Edit:
    values = {each.name: getattr(row, each.name) for each in fields(Edit)}
    spans = msgspec.json.decode(row.cuts, type=tuple[tuple[int, int], ...])
    return Edit(**values | {"source": Source(row.source), "state": EditState(row.state), "cuts": Cuts(spans)})


def _clip(row: ClipRow) -> Clip:
    return Clip(**{each.name: getattr(row, each.name) for each in fields(Clip)})
