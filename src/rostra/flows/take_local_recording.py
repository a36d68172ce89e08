"""Take what a speaker's browser recorded, piece by piece, during the broadcast and for a week after it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from rostra.broadcast.invitations import InvitationRevoked
from rostra.broadcast.originals import LocalPiece, LocalRecording, OriginalStore
from rostra.flows.align_originals import align_when_whole
from rostra.flows.house import House
from rostra.flows.issue_ticket import Seat
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.log import get_logger

GRACE: Final = timedelta(days=7)
"""So long after the end a recording is still taken, also when the invitation has expired meanwhile."""
PIECE_BYTES: Final = 2 << 20
SPEAKER_BYTES: Final = 2 << 30
"""What one seat may send: about ten hours of speech. Fails closed: what is beyond is refused."""
MOST_PIECES: Final = 20_000
MOST_RECORDINGS: Final = 500
KEPT_FREE_BYTES: Final = 2 << 30
"""Twice what the stage warns at: the recordings of the stage itself come first. Fails closed."""
LONGEST_PIECE_S: Final = 60
_log = get_logger(__name__)


class NotOnAir(RostraError):
    status, code = HTTPStatus.CONFLICT, "not_on_air"
    user_message = "The broadcast has not been on the air yet, so there is nothing to send."
    retry_after_s = 10


class RecordingTooLate(RostraError):
    status, code = HTTPStatus.GONE, "recording_too_late"
    user_message = (
        f"Recordings are taken for {GRACE.days} days after the end, which have passed. "
        "If the host still needs yours, ask them how to send it."
    )


class RecordingTooLarge(RostraError):
    status, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "recording_too_large"
    user_message = "Your recording has reached the size that is taken. What was sent before is kept."


class RecordingDiskLow(RostraError):
    status, code = HTTPStatus.INSUFFICIENT_STORAGE, "disk_low"
    user_message = "The server has little space left, so it takes no recordings now. Yours waits in this browser."
    retry_after_s = 120


class PieceDiffers(Conflict):
    code = "piece_differs"
    user_message = "Another sound was sent under this number before. That one is kept."


def check_taken(seat: Seat, now: datetime) -> None:
    """Whether recordings of a seat are taken now. Raises InvitationRevoked, NotOnAir, RecordingTooLate."""
    if seat.invitation.revoked_at is not None:
        raise InvitationRevoked(f"seat {seat.invitation.id}")
    if seat.broadcast.live_at is None:
        raise NotOnAir(f"broadcast {seat.broadcast.id}")
    if (until := taken_until(seat)) is not None and now > until:
        raise RecordingTooLate(f"broadcast {seat.broadcast.id}")


def taken_until(seat: Seat) -> datetime | None:
    """The end of the time of grace; None while the broadcast goes on."""
    return None if seat.broadcast.ended_at is None else seat.broadcast.ended_at + GRACE


async def announce_recording(house: House, seat: Seat, recording_id: str, *, pieces: int, whole: bool) -> None:
    """The browser says how many pieces a run of its recorder has by now, and whether that is all."""
    if not 0 <= pieces <= MOST_PIECES:
        raise RecordingTooLarge(f"{pieces} pieces")
    async with house.database.transaction() as session:
        await _announce(OriginalStore(session), house, seat, recording_id, pieces=pieces, whole=whole)
        if whole:
            await align_when_whole(house, session, seat.broadcast, seat.invitation.id)


async def take_piece(house: House, seat: Seat, piece: LocalPiece, content: bytes, *, sha256: bytes) -> bool:
    """Keep one piece; whether it is new. The same piece again changes nothing.

    piece: `file` and `size_bytes` are filled in here. sha256: what the browser says it sent.
    Raises Invalid, PieceDiffers, RecordingTooLarge, RecordingDiskLow, StorageFull, StorageUnwritable.
    """
    _check_piece(piece, content, sha256)
    async with house.database.reading() as session:
        store = OriginalStore(session)
        known = await store.piece(piece.broadcast_id, piece.speaker_id, piece.recording_id, piece.piece)
        sent_bytes = await store.size_bytes(piece.broadcast_id, piece.speaker_id)
    if known is not None:
        if not known.file.replace("/", "").startswith(sha256.hex()):
            raise PieceDiffers(f"piece {piece.piece} of {piece.recording_id}")
        return False
    if sent_bytes + len(content) > SPEAKER_BYTES:
        raise RecordingTooLarge(f"{sent_bytes} bytes of speaker {piece.speaker_id}")
    free_bytes = await asyncio.to_thread(house.files.free_bytes)
    if free_bytes < KEPT_FREE_BYTES:
        _log.warning("local_recording_refused", broadcast_id=piece.broadcast_id, free_bytes=free_bytes)
        raise RecordingDiskLow(f"{free_bytes} bytes free")
    file = await house.files.put_bytes(content, "flac")
    async with house.database.transaction() as session:
        store = OriginalStore(session)
        await _announce(store, house, seat, piece.recording_id, pieces=piece.piece + 1, whole=False)
        await store.put_piece(replace(piece, file=file, size_bytes=len(content)))
        await align_when_whole(house, session, seat.broadcast, seat.invitation.id)
    return True


async def forget_recordings(house: House, broadcast_id: BroadcastId, speaker_id: SpeakerId) -> None:
    """The speaker wants back what their browser sent: rows and files go, the stage's own track stays."""
    async with house.database.transaction() as session:
        files = await OriginalStore(session).forget(broadcast_id, speaker_id)
    for file in files:
        await house.files.delete(file)
    _log.info("local_recordings_forgotten", broadcast_id=broadcast_id, speaker_id=speaker_id, files=len(files))


async def _announce(
    store: OriginalStore, house: House, seat: Seat, recording_id: str, *, pieces: int, whole: bool
) -> None:
    broadcast_id, speaker_id = seat.broadcast.id, seat.invitation.id
    recordings = await store.recordings(broadcast_id, speaker_id)
    if len(recordings) >= MOST_RECORDINGS and all(each.recording_id != recording_id for each in recordings):
        raise RecordingTooLarge(f"{len(recordings)} recordings of speaker {speaker_id}")
    await store.put_recording(
        LocalRecording(
            broadcast_id=broadcast_id,
            speaker_id=speaker_id,
            recording_id=recording_id,
            pieces=pieces,
            whole=whole,
            created_at=house.clock.now(),
        )
    )


def _check_piece(piece: LocalPiece, content: bytes, sha256: bytes) -> None:
    """Raises Invalid, RecordingTooLarge."""
    if hashlib.sha256(content).digest() != sha256:
        text = "The piece did not arrive as it was sent. Send it again."
        raise Invalid("wrong digest", user_message=text, field="Content-Digest")
    if not content.startswith(b"fLaC"):
        raise Invalid("no FLAC", user_message="A piece of a recording must be a FLAC file.", field="body")
    if len(content) > PIECE_BYTES or piece.piece >= MOST_PIECES:
        raise RecordingTooLarge(f"piece {piece.piece} of {len(content)} bytes")
    if not 8_000 <= piece.rate_hz <= 192_000:
        raise Invalid(f"{piece.rate_hz} Hz", user_message="The rate must be 8000 to 192000 Hz.", field="rate_hz")
    if piece.first_sample > MOST_PIECES * LONGEST_PIECE_S * piece.rate_hz:
        text = "A recording cannot be that long."
        raise Invalid(f"sample {piece.first_sample}", user_message=text, field="first_sample")
    if not 0 < piece.samples <= LONGEST_PIECE_S * piece.rate_hz:
        text = f"A piece holds {LONGEST_PIECE_S} s at most."
        raise Invalid(f"{piece.samples} samples", user_message=text, field="samples")
