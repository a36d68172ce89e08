"""Turn the captions of a broadcast on or off, on the air as well."""

from __future__ import annotations

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.schedule import captioned
from rostra.flows.announcing import announce
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def switch_captions(house: House, broadcast_id: BroadcastId, *, on: bool, by: Viewer) -> Broadcast:
    """Off acts at once, on acts on what is said from now. Raises NotFound, Forbidden, TooLateToEdit, Conflict."""
    async with house.database.transaction() as session:
        broadcasts = BroadcastStore(session)
        broadcast = await broadcasts.get(broadcast_id)
        check_may_run(by, broadcast)
        saved = await broadcasts.save(captioned(broadcast, on=on, now=house.clock.now()))
        announce(session, saved, house.shape)
    house.relay.nudge()
    _log.info("captions_switched", broadcast_id=broadcast_id, on=on)
    return saved
