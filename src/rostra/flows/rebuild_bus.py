"""Write airings, keys, revoked seats and restrictions to the bus again, from the database, which is the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rostra.broadcast import BroadcastStore, InvitationStore
from rostra.flows.announcing import announce
from rostra.flows.house import House
from rostra.flows.restrict import announce_all
from rostra.flows.signing_keys import FAMILIES, ensure_keys
from rostra.media import wire
from rostra.platform import outbox
from rostra.platform.log import get_logger
from rostra.safety.restrictions import BUCKET
from rostra.shield.tickets import SPEAKER_LIFETIME

_log = get_logger(__name__)

KEPT_AFTER_END: Final = timedelta(days=7)
"""How long an ended broadcast stays among the airings: late players finish, and a stage that was away records."""


async def rebuild_bus(house: House) -> int:
    """Put everything, remove what the database does not know; how many airings there are now.

    Goes through the outbox, so nothing newer can be overwritten. Runs at each start of a site. Raises BusUnavailable.
    """
    keys = {family: await ensure_keys(house, family) for family in FAMILIES}
    now = house.clock.now()
    on_bus = await _keys_of(house, wire.AIRINGS)
    restricted = await _keys_of(house, BUCKET)
    async with house.database.transaction() as session:
        broadcasts = await BroadcastStore(session).on_the_bus(ended_after=now - KEPT_AFTER_END)
        for broadcast in broadcasts:
            announce(session, broadcast, house.shape)
        for key in on_bus - {str(broadcast.id) for broadcast in broadcasts}:
            outbox.delete_key(session, wire.AIRINGS, key)
        for seat in await InvitationStore(session).revoked(expiring_after=now - SPEAKER_LIFETIME):
            outbox.put(session, wire.REVOKED, str(seat), b"")
        for family, pair in keys.items():
            outbox.put(session, wire.KEYS, family, pair)
        restrictions = await announce_all(session, restricted, now)
    while await house.relay.send_batch():
        pass
    _log.info("bus_rebuilt", airings=len(broadcasts), restricted=restrictions)
    return len(broadcasts)


async def _keys_of(house: House, bucket: str) -> set[str]:
    """The keys that a bucket holds now."""
    found: set[str] = set()
    changes = house.bus.watch(bucket)
    async for change in changes:
        if change is None:
            break
        if change.value is not None:
            found.add(change.key)
    await changes.aclose()
    return found
