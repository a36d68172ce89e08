"""The key pair that signs tickets: made once, kept in the database, copied to the bus for the stage."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from rostra.flows.house import House
from rostra.media import wire
from rostra.media.wire import KeyPair
from rostra.platform import outbox
from rostra.platform.database import is_unique_violation
from rostra.shield.store import KeyStore
from rostra.shield.tickets import SPEAKER_FAMILY, new_key


async def ensure_keys(house: House) -> KeyPair:
    """The speakers' key pair, made if there is none. Safe when two sites start at once."""
    async with house.database.reading() as session:
        known = await KeyStore(session).get(SPEAKER_FAMILY)
    if known is not None:
        return known
    made = KeyPair(current=new_key())
    try:
        async with house.database.transaction() as session:
            await KeyStore(session).add(SPEAKER_FAMILY, made)
            outbox.put(session, wire.KEYS, SPEAKER_FAMILY, made)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return await ensure_keys(house)
    house.relay.nudge()
    return made
