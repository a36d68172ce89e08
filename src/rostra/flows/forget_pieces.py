"""Delete the pieces of speakers' own recordings when nobody needs them any more.

A piece only serves to make its speaker's original. It goes when that is made of all that the browser recorded, a replay
is published, and no more can come (`GRACE`); without that, when its term has passed. The original stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rostra.broadcast.originals import Original, OriginalStore
from rostra.broadcast.originals.recordings import Sender
from rostra.broadcast.replays import EditStore, current
from rostra.flows.align_originals import wanted_pieces
from rostra.flows.house import House
from rostra.flows.take_local_recording import GRACE
from rostra.platform.log import get_logger

_log = get_logger(__name__)


def is_due(
    original: Original | None, *, wanted: int, published: bool, ended_at: datetime, kept: timedelta, now: datetime
) -> bool:
    """Whether a speaker's pieces may go at `now`. wanted: how many their browsers have made; kept: the term."""
    if now >= ended_at + kept:
        return True
    whole = original is not None and original.file is not None and original.pieces >= wanted
    return whole and published and now >= ended_at + GRACE


async def forget_pieces(house: House) -> int:
    """Delete what is due; of how many speakers. Raises StorageUnwritable, DatabaseUnavailable; call it again then."""
    now = house.clock.now()
    async with house.database.reading() as session:
        senders = await OriginalStore(session).senders(ended_before=now - min(GRACE, house.pieces_kept))
    forgotten = 0
    for sender in senders:
        forgotten += await _forget(house, sender, now)
    return forgotten


async def _forget(house: House, sender: Sender, now: datetime) -> bool:
    """Files first: what is left after a crash is found again by its rows."""
    broadcast_id, speaker_id = sender.broadcast_id, sender.speaker_id
    async with house.database.reading() as session:
        store = OriginalStore(session)
        wanted = wanted_pieces(await store.recordings(broadcast_id, speaker_id))
        originals = await store.originals(broadcast_id)
        published = current(await EditStore(session).of_broadcast(broadcast_id)) is not None
        files = await store.own_files(broadcast_id, speaker_id)
    original = next((each for each in originals if each.speaker_id == speaker_id), None)
    if not is_due(
        original, wanted=wanted, published=published, ended_at=sender.ended_at, kept=house.pieces_kept, now=now
    ):
        return False
    for file in files:
        await house.files.delete(file)
    async with house.database.transaction() as session:
        await OriginalStore(session).forget_pieces(broadcast_id, speaker_id)
    _log.info("local_pieces_forgotten", broadcast_id=broadcast_id, speaker_id=speaker_id, files=len(files))
    return True
