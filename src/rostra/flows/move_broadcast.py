"""The moves of a broadcast: open the doors, go on the air, pause, return, end, cancel."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Act, Broadcast, BroadcastStore, Mark, MarkKind, MarkStore
from rostra.broadcast.moving import end_taken_back, moved, moved_by_moderator
from rostra.flows.announcing import announce, check_version
from rostra.flows.house import House
from rostra.flows.limiting import check_may_host
from rostra.flows.permission import check_may_run
from rostra.flows.stand_in import note_stand_in
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger

_log = get_logger(__name__)
_MARKED: Final = {Act.PAUSE: MarkKind.PAUSE, Act.RESUME: MarkKind.RESUME}
"""A pause is a chapter of its own in the replay."""
_HOSTING: Final = frozenset({Act.OPEN_DOORS, Act.GO_LIVE, Act.RESUME})


async def move_broadcast(
    house: House, broadcast_id: BroadcastId, act: Act, *, by: Viewer | None, version: int | None = None
) -> Broadcast:
    """Do `act` and tell stage and edge.

    by: None is the schedule. version: of the page that showed the button; None does not check.
    Raises NotFound, Forbidden, ServiceSuspended where a decision keeps its owner from hosting, IllegalMove,
    PausedByModerator and EndedByModerator where only a moderator lets it go on, and Conflict for the slower of two
    writers.
    """
    async with house.database.transaction() as session:
        broadcasts = BroadcastStore(session)
        broadcast = await broadcasts.get(broadcast_id)
        check_may_run(by, broadcast)
        if act in _HOSTING:
            check_may_host(house, broadcast.owner_id)
        check_version(broadcast, version)
        now = house.clock.now()
        saved = await broadcasts.save(moved(broadcast, act, now=now, shape=house.shape))
        await _mark(house, session, broadcast, saved, act)
        announce(session, saved, house.shape)
        await note_stand_in(house, session, saved, by, act)
    house.relay.nudge()
    _log.info("broadcast_moved", broadcast_id=broadcast_id, phase=saved.phase.value, by_schedule=by is None)
    return saved


async def move_in(house: House, session: AsyncSession, before: Broadcast, act: Act) -> Broadcast:
    """A moderator pauses, lets go on or ends; whose broadcast it is the caller has looked at.

    Raises IllegalMove, NotPaused, EndedByModerator, and Conflict for the slower of two writers.
    """
    saved = await BroadcastStore(session).save(moved_by_moderator(before, act, now=house.clock.now()))
    await _mark(house, session, before, saved, act)
    announce(session, saved, house.shape)
    _log.info("broadcast_moved", broadcast_id=saved.id, phase=saved.phase.value, held_by=saved.held_by.value)
    return saved


async def take_back_end(house: House, session: AsyncSession, broadcast: Broadcast) -> Broadcast:
    """What a moderator has ended goes on as it was. Nothing of the time between was on the air; in the replay it is a
    pause with its chapter. Raises NotEnded, and Conflict for the slower of two writers.
    """
    saved = await BroadcastStore(session).save(end_taken_back(broadcast))
    if saved.phase is Phase.LIVE and broadcast.moderator_ended_at is not None:
        for kind, at in ((MarkKind.PAUSE, broadcast.moderator_ended_at), (MarkKind.RESUME, house.clock.now())):
            mark = Mark(id=house.ids.next(), broadcast_id=broadcast.id, at=at, title="", kind=kind)
            await MarkStore(session).add(mark)
    announce(session, saved, house.shape)
    _log.info("end_taken_back", broadcast_id=broadcast.id, phase=saved.phase.value)
    return saved


async def _mark(house: House, session: AsyncSession, before: Broadcast, saved: Broadcast, act: Act) -> None:
    if (kind := _MARKED.get(act)) is not None and saved.phase is not before.phase:
        mark = Mark(id=house.ids.next(), broadcast_id=saved.id, at=house.clock.now(), title="", kind=kind)
        await MarkStore(session).add(mark)


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
