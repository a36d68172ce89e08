"""A finished recording becomes part of its broadcast's page."""

from __future__ import annotations

import msgspec

from rostra.broadcast import BroadcastStore, Recording, Track
from rostra.flows.align_originals import align_when_whole
from rostra.flows.house import House
from rostra.flows.publish_replay import publish_first
from rostra.media.clock import MediaClock
from rostra.media.wire import Recorded
from rostra.platform.errors import NotFound
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def publish_recording(house: House, payload: bytes) -> None:
    """Handle a `Recorded` from the facts. The same fact twice changes nothing.

    The programme is for everybody; the track of one speaker is for whoever runs the broadcast.
    A fact about an unknown broadcast, or one that cannot be read, is logged and let go: no retry would heal it.
    """
    try:
        fact = msgspec.json.decode(payload, type=Recorded)
        broadcast_id = BroadcastId(int(fact.broadcast_id))
        speaker_id = SpeakerId(int(fact.speaker_id)) if fact.speaker_id is not None else None
    except (msgspec.DecodeError, ValueError) as error:
        _log.error("recorded_fact_unreadable", error=str(error))
        return
    async with house.database.transaction() as session:
        broadcasts = BroadcastStore(session)
        try:
            broadcast = await broadcasts.get(broadcast_id)
        except NotFound:
            _log.error("recorded_broadcast_unknown", broadcast_id=broadcast_id)
            return
        if speaker_id is not None:
            track = Track(
                broadcast_id=broadcast_id,
                speaker_id=speaker_id,
                file=fact.file,
                size_bytes=fact.size_bytes,
                duration_ms=fact.duration_ms,
                created_at=house.clock.now(),
            )
            await broadcasts.put_track(track)
            await align_when_whole(house, session, broadcast, speaker_id)
            return
        part_s = MediaClock(0, broadcast.part_frames or house.shape.part_frames).part_s
        recording = Recording(
            broadcast_id=broadcast_id,
            kind=fact.kind,
            file=fact.file,
            size_bytes=fact.size_bytes,
            duration_ms=fact.duration_ms,
            missing_ms=round(fact.parts_missing * part_s * 1000),
            created_at=house.clock.now(),
        )
        known = await broadcasts.recording(broadcast_id, fact.kind)
        await broadcasts.put_recording(recording)
        if known is None or known.file != recording.file:
            await publish_first(house, session, broadcast, recording)
    house.relay.nudge()
    _log.info("recording_published", broadcast_id=broadcast_id, size_bytes=fact.size_bytes)
