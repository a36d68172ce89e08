"""What was said is kept for the transcript."""

from __future__ import annotations

import msgspec

from rostra.broadcast import BroadcastStore
from rostra.broadcast.transcripts import CueStore
from rostra.flows.house import House
from rostra.media.wire import Captioned
from rostra.platform.errors import NotFound
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def keep_captions(house: House, payload: bytes) -> None:
    """Handle a `Captioned` from the facts. The same fact twice changes nothing.

    A fact about an unknown broadcast, or one that cannot be read, is logged and let go: no retry would heal it.
    """
    try:
        fact = msgspec.json.decode(payload, type=Captioned)
        broadcast_id = BroadcastId(int(fact.broadcast_id))
    except (msgspec.DecodeError, ValueError) as error:
        _log.error("captions_fact_unreadable", error=str(error))
        return
    async with house.database.transaction() as session:
        try:
            await BroadcastStore(session).get(broadcast_id)
        except NotFound:
            _log.error("captions_broadcast_unknown", broadcast_id=broadcast_id)
            return
        await CueStore(session).add(broadcast_id, fact.cues)
