"""The moves of a broadcast: open the doors, go on the air, pause, return, end, cancel."""

from __future__ import annotations

from typing import Final

from rostra.broadcast import Act, Broadcast, BroadcastStore, Mark, MarkKind, MarkStore
from rostra.broadcast.schedule import moved
from rostra.flows.announcing import announce, check_version
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger

_log = get_logger(__name__)
_MARKED: Final = {Act.PAUSE: MarkKind.PAUSE, Act.RESUME: MarkKind.RESUME}
"""A pause is a chapter of its own in the replay."""


async def move_broadcast(
    house: House,
    broadcast_id: BroadcastId,
    act: Act,
    *,
    by: Viewer | None,
    version: int | None = None,
    is_moderator: bool = False,
) -> Broadcast:
    """Do `act` and tell stage and edge.

    by: None is the schedule, or with `is_moderator` a moderator, whose broadcast the caller knows that it is not.
    version: of the page that showed the button; None does not check.
    Raises NotFound, Forbidden, IllegalMove, PausedByModerator when anybody but a moderator lets go on what one has
    paused, NotPaused when a moderator lifts what none has paused, and Conflict for the slower of two writers.
    """
    async with house.database.transaction() as session:
        broadcasts = BroadcastStore(session)
        broadcast = await broadcasts.get(broadcast_id)
        check_may_run(by, broadcast)
        check_version(broadcast, version)
        now = house.clock.now()
        saved = await broadcasts.save(moved(broadcast, act, now=now, shape=house.shape, is_moderator=is_moderator))
        if (kind := _MARKED.get(act)) is not None and saved.phase is not broadcast.phase:
            mark = Mark(id=house.ids.next(), broadcast_id=broadcast_id, at=now, title="", kind=kind)
            await MarkStore(session).add(mark)
        announce(session, saved, house.shape)
    house.relay.nudge()
    _log.info("broadcast_moved", broadcast_id=broadcast_id, phase=saved.phase.value, by_schedule=by is None)
    return saved


async def open_doors(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    """Let speakers in. Fixes the anchor of the media clock: from here on the parts have their numbers."""
    return await move_broadcast(house, broadcast_id, Act.OPEN_DOORS, by=by)


async def go_live(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    """Let the voices into the programme."""
    return await move_broadcast(house, broadcast_id, Act.GO_LIVE, by=by)


async def pause(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    """Silence the programme; speakers go on hearing each other."""
    return await move_broadcast(house, broadcast_id, Act.PAUSE, by=by)


async def resume(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    return await move_broadcast(house, broadcast_id, Act.RESUME, by=by)


async def end_broadcast(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    """Close the stage; players hear the rest of their window, and the recording is finished."""
    return await move_broadcast(house, broadcast_id, Act.END, by=by)


async def cancel_broadcast(house: House, broadcast_id: BroadcastId, *, by: Viewer | None) -> Broadcast:
    return await move_broadcast(house, broadcast_id, Act.CANCEL, by=by)
