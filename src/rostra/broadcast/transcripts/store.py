"""Queries over cues. Stores never commit: the flow's transaction does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast.tables import BroadcastRow
from rostra.broadcast.transcripts.tables import CueRow
from rostra.media.wire import Cue
from rostra.platform.ids import BroadcastId


class CueStore:
    """What was said in broadcasts, in media time."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, broadcast_id: BroadcastId, cues: Sequence[Cue]) -> int:
        """Add those that overlap nothing that is there, so that the same again changes nothing; how many were new."""
        if not cues:
            return 0
        start, end = min(cue.start for cue in cues), max(cue.end for cue in cues)
        query = select(CueRow.start_sample, CueRow.end_sample).where(
            CueRow.broadcast_id == broadcast_id, CueRow.start_sample < end, CueRow.end_sample > start
        )
        there = [tuple(row) for row in await self._session.execute(query)]
        new: list[Cue] = []
        for cue in cues:
            if cue.end > cue.start and all(cue.end <= other or cue.start >= until for other, until in there):
                there.append((cue.start, cue.end))
                new.append(cue)
        if new:
            await self._session.execute(
                insert(CueRow),
                [
                    {"broadcast_id": broadcast_id, "start_sample": cue.start, "end_sample": cue.end, "text": cue.text}
                    for cue in new
                ],
            )
        return len(new)

    async def has_any(self, broadcast_id: BroadcastId) -> bool:
        query = select(CueRow.start_sample).where(CueRow.broadcast_id == broadcast_id).limit(1)
        return await self._session.scalar(query) is not None

    async def with_any(self, broadcast_ids: Sequence[BroadcastId]) -> set[BroadcastId]:
        """Those of which there is a word. Index: the primary key, once for each."""
        has_cue = select(CueRow.start_sample).where(CueRow.broadcast_id == BroadcastRow.id).exists()
        query = select(BroadcastRow.id).where(BroadcastRow.id.in_(broadcast_ids), has_cue)
        return {BroadcastId(each) for each in await self._session.scalars(query)}

    async def of_broadcast(self, broadcast_id: BroadcastId) -> list[Cue]:
        """In the order of time. Index: the primary key."""
        query = (
            select(CueRow.start_sample, CueRow.end_sample, CueRow.text)
            .where(CueRow.broadcast_id == broadcast_id)
            .order_by(CueRow.start_sample)
        )
        return [Cue(*row) for row in await self._session.execute(query)]
