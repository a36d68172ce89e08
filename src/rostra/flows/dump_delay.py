"""Dump: remove what was just said from the delay, and keep what was removed on record."""

from __future__ import annotations

import msgspec

from rostra.broadcast import BroadcastStore, Dump, DumpStore
from rostra.flows.command_stage import NoRoom, ask_stage
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.flows.stand_in import DUMP, note_stand_in, stands_in
from rostra.media.wire import Act, Dumped, StageCommand
from rostra.network.accounts import Viewer
from rostra.platform.clock import from_us
from rostra.platform.errors import Conflict, NotFound
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


class NoDelay(Conflict):
    code = "no_delay"
    user_message = "This broadcast has no delay, so what is said is heard at once. Mute the speaker instead."


async def dump_delay(house: House, broadcast_id: BroadcastId, seconds: float, *, by: Viewer) -> float:
    """Remove what was said in the last `seconds`, as far as no listener has heard it; how many seconds that were.

    Possible from going on the air until listeners have heard the end. Raises NotFound, Forbidden, NoDelay, NoRoom,
    StageSilent, StageRefused.
    """
    async with house.database.reading() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
    check_may_run(by, broadcast)
    if broadcast.delay_s == 0:
        raise NoDelay(f"broadcast {broadcast.id}")
    if not (broadcast.phase.has_stage or broadcast.still_heard(house.clock.now())):
        raise NoRoom(f"{broadcast.phase}")
    reply = await ask_stage(house, broadcast, StageCommand(act=Act.DUMP, seconds=seconds))
    if stands_in(by, broadcast):
        async with house.database.transaction() as session:
            await note_stand_in(house, session, broadcast, by, DUMP)
    _log.warning("delay_dumped", broadcast_id=broadcast.id, by=by.account_id, removed_s=round(reply.removed_s, 2))
    return reply.removed_s


async def remember_dump(house: House, payload: bytes) -> None:
    """Handle a `Dumped` from the facts: whatever is made of the speakers' own recordings has to leave it out, too.

    The same fact twice changes nothing. One that cannot be read, or of an unknown broadcast, is logged and let go.
    """
    try:
        fact = msgspec.json.decode(payload, type=Dumped)
        broadcast_id = BroadcastId(int(fact.broadcast_id))
    except (msgspec.DecodeError, ValueError) as error:
        _log.error("dumped_fact_unreadable", error=str(error))
        return
    dump = Dump(
        broadcast_id=broadcast_id,
        at=from_us(fact.at_us),
        from_at=from_us(fact.from_us),
        until_at=from_us(fact.until_us),
    )
    async with house.database.transaction() as session:
        try:
            await BroadcastStore(session).get(broadcast_id)
        except NotFound:
            _log.error("dumped_broadcast_unknown", broadcast_id=broadcast_id)
            return
        await DumpStore(session).put(dump)
