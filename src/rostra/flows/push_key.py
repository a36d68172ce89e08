"""The key that push services know this house by: made at the first start, kept sealed, for ever the same.

Browsers bind a subscription to it, so a new one would silence every app until it subscribes again.
"""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.push import PushStore, Sender, new_sender, sender_of

PURPOSE = "push key"


async def ensure_push_key(house: House) -> Sender:
    """The house's key; made if there is none. Raises SealBroken when `secrets.key` is another than then."""
    async with house.database.reading() as session:
        known = await PushStore(session).key()
    if known is None:
        sender, pem = new_sender()
        async with house.database.transaction() as session:
            await PushStore(session).add_key(sender.public, house.seal.close(pem, PURPOSE), now=house.clock.now())
        async with house.database.reading() as session:
            known = await PushStore(session).key()
    assert known is not None
    return sender_of(house.seal.open(known[1], PURPOSE))
