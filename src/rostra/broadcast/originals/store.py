"""Queries over local recordings and originals. The store never commits: the flow's transaction does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import and_, delete, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast.originals.recordings import LocalPiece, LocalRecording, Original, Sender
from rostra.broadcast.originals.tables import LocalPieceRow, LocalRecordingRow, OriginalRow
from rostra.broadcast.tables import BroadcastRow
from rostra.media.wire import Phase
from rostra.platform.ids import BroadcastId, SpeakerId

_T = TypeVar("_T", LocalPiece, LocalRecording, Original)


class OriginalStore:
    """What browsers recorded, piece by piece, and what was made of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put_recording(self, recording: LocalRecording) -> None:
        """Remember a run of a recorder. What is known of it only grows: pieces do not fall, whole stays whole."""
        key = (recording.broadcast_id, recording.speaker_id, recording.recording_id)
        if (row := await self._session.get(LocalRecordingRow, key)) is not None:
            known = _of(LocalRecording, row)
            pieces, whole = max(known.pieces, recording.pieces), known.whole or recording.whole
            recording = replace(known, pieces=pieces, whole=whole)
        await self._session.merge(LocalRecordingRow(**asdict(recording)))

    async def recordings(self, broadcast_id: BroadcastId, speaker_id: SpeakerId | None = None) -> list[LocalRecording]:
        """Runs of one speaker or of all, oldest first."""
        query = select(LocalRecordingRow).where(LocalRecordingRow.broadcast_id == broadcast_id)
        if speaker_id is not None:
            query = query.where(LocalRecordingRow.speaker_id == speaker_id)
        query = query.order_by(
            LocalRecordingRow.speaker_id, LocalRecordingRow.created_at, LocalRecordingRow.recording_id
        )
        return [_of(LocalRecording, row) for row in await self._session.scalars(query)]

    async def put_piece(self, piece: LocalPiece) -> None:
        """Remember a piece; the same again changes nothing."""
        await self._session.merge(LocalPieceRow(**asdict(piece)))

    async def piece(
        self, broadcast_id: BroadcastId, speaker_id: SpeakerId, recording_id: str, piece: int
    ) -> LocalPiece | None:
        row = await self._session.get(LocalPieceRow, (broadcast_id, speaker_id, recording_id, piece))
        return None if row is None else _of(LocalPiece, row)

    async def pieces(self, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> list[LocalPiece]:
        """All pieces of one speaker by recording and number."""
        query = (
            select(LocalPieceRow)
            .where(LocalPieceRow.broadcast_id == broadcast_id, LocalPieceRow.speaker_id == speaker_id)
            .order_by(LocalPieceRow.recording_id, LocalPieceRow.piece)
        )
        return [_of(LocalPiece, row) for row in await self._session.scalars(query)]

    async def counts(self, broadcast_id: BroadcastId) -> dict[SpeakerId, int]:
        """How many pieces of each speaker are here."""
        query = (
            select(LocalPieceRow.speaker_id, func.count())
            .where(LocalPieceRow.broadcast_id == broadcast_id)
            .group_by(LocalPieceRow.speaker_id)
        )
        return {SpeakerId(speaker): count for speaker, count in await self._session.execute(query)}

    async def size_bytes(self, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> int:
        """What one speaker's pieces take."""
        query = select(func.sum(LocalPieceRow.size_bytes)).where(
            LocalPieceRow.broadcast_id == broadcast_id, LocalPieceRow.speaker_id == speaker_id
        )
        return int(await self._session.scalar(query) or 0)

    async def forget(self, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> list[str]:
        """Drop all that came from one speaker's browser; the files that nothing names any more."""
        pieces = await self.pieces(broadcast_id, speaker_id)
        original = await self._session.get(OriginalRow, (broadcast_id, speaker_id))
        files = {piece.file for piece in pieces} | ({original.file} if original and original.file else set())
        rows: Sequence[type[LocalPieceRow | LocalRecordingRow | OriginalRow]] = (
            LocalPieceRow,
            LocalRecordingRow,
            OriginalRow,
        )
        for row in rows:
            await self._session.execute(
                delete(row).where(row.broadcast_id == broadcast_id, row.speaker_id == speaker_id)
            )
        # Silence is the same file for everybody, so a file may have other owners.
        named = select(LocalPieceRow.file).where(LocalPieceRow.file.in_(files))
        return sorted(files - set(await self._session.scalars(named)))

    async def senders(self, *, ended_before: datetime) -> list[Sender]:
        """Whose pieces are here of broadcasts that ended before; what is withheld is evidence and left out."""
        query = (
            select(LocalPieceRow.broadcast_id, LocalPieceRow.speaker_id, BroadcastRow.ended_at)
            .join(BroadcastRow, BroadcastRow.id == LocalPieceRow.broadcast_id)
            .where(BroadcastRow.ended_at <= ended_before, BroadcastRow.phase != Phase.WITHHELD)
            .distinct()
            .order_by(LocalPieceRow.broadcast_id, LocalPieceRow.speaker_id)
        )
        return [
            Sender(broadcast_id=BroadcastId(broadcast), speaker_id=SpeakerId(speaker), ended_at=ended_at)
            for broadcast, speaker, ended_at in await self._session.execute(query)
            if ended_at is not None
        ]

    async def own_files(self, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> list[str]:
        """The files of one speaker's pieces that are nobody else's, too: silence is the same file for everybody."""
        own = and_(LocalPieceRow.broadcast_id == broadcast_id, LocalPieceRow.speaker_id == speaker_id)
        files = set(await self._session.scalars(select(LocalPieceRow.file).where(own)))
        mine = select(LocalPieceRow.file).where(own)
        shared = await self._session.scalars(select(LocalPieceRow.file).where(not_(own), LocalPieceRow.file.in_(mine)))
        return sorted(files - set(shared))

    async def forget_pieces(self, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> None:
        """Drop what is known of one speaker's pieces and recordings; the original stays."""
        for row in (LocalPieceRow, LocalRecordingRow):
            await self._session.execute(
                delete(row).where(row.broadcast_id == broadcast_id, row.speaker_id == speaker_id)
            )

    async def put_newer(self, original: Original) -> None:
        """Remember what came of an alignment, unless what came of a later order is known already.

        A refusal of a later order with no more pieces does not take away an original that can be used.
        """
        row = await self._session.get(OriginalRow, (original.broadcast_id, original.speaker_id))
        if row is not None:
            known = _of(Original, row)
            kept = known.file is not None and original.file is None and known.pieces >= original.pieces
            if known.created_at > original.created_at or kept:
                return
        await self._session.merge(OriginalRow(**asdict(original)))

    async def originals(self, broadcast_id: BroadcastId) -> list[Original]:
        """What came of each speaker's alignment, by seat; only those with a file can be used."""
        query = select(OriginalRow).where(OriginalRow.broadcast_id == broadcast_id).order_by(OriginalRow.speaker_id)
        return [_of(Original, row) for row in await self._session.scalars(query)]


def _of(kind: type[_T], row: Any) -> _T:
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind)})
