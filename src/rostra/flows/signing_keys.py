"""The key pairs that sign tickets: made once, kept in the database, copied to the bus for stages and edges."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from sqlalchemy.exc import IntegrityError

from rostra.flows.house import House
from rostra.media import wire
from rostra.media.wire import SigningKeys
from rostra.platform import outbox
from rostra.platform.database import is_unique_violation
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.store import KeyStore
from rostra.shield.tickets import SPEAKER_FAMILY, new_key

FAMILIES: Final = (SPEAKER_FAMILY, LISTENER_FAMILY)
KNOWN_EVERYWHERE_S: Final = 10.0
"""After so long every process that the bus reaches has a new pair."""
_log = get_logger(__name__)


class KeysChanged(RostraError):
    status, code = HTTPStatus.CONFLICT, "keys_changed"
    user_message = "Somebody else is changing these keys. Wait a minute and look whether it still has to be done."


async def ensure_keys(house: House, family: str = SPEAKER_FAMILY) -> SigningKeys:
    """The key pair of a family, made if there is none. Safe when two sites start at once."""
    async with house.database.reading() as session:
        known = await KeyStore(session).get(family)
    if known is not None:
        return known
    made = SigningKeys(current=new_key())
    try:
        async with house.database.transaction() as session:
            await KeyStore(session).add(family, made)
            outbox.put(session, wire.KEYS, family, made)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return await ensure_keys(house, family)
    house.relay.nudge()
    return made


async def rotate_keys(house: House, family: str) -> None:
    """Give a family a new signing key, without a moment in which a good ticket is refused.

    First everybody learns the new key as the one that only verifies, then it begins to sign. What was signed by the
    key before the present one ends with the first step. An interruption between the two leaves a pair that works.
    Raises KeysChanged when somebody else does the same at the same time.
    """
    before = await ensure_keys(house, family)
    announced = SigningKeys(current=before.current, previous=new_key())
    await _change(house, family, before, announced)
    await house.clock.sleep(KNOWN_EVERYWHERE_S)
    await _change(house, family, announced, SigningKeys(current=announced.previous or "", previous=announced.current))
    _log.info("keys_rotated", family=family)


async def _change(house: House, family: str, before: SigningKeys, after: SigningKeys) -> None:
    async with house.database.transaction() as session:
        if not await KeyStore(session).change(family, before, after):
            raise KeysChanged(f"{family} has another pair by now")
        outbox.put(session, wire.KEYS, family, after)
    while await house.relay.send_batch():
        pass
