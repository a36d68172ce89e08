"""Letting a room go that a moderator holds: a voice is heard again, a pause is over, an end is taken back.

For whatever lifts a restriction on the room: a moderator's press, a decision that is taken back, a complaint that was
right. What is no longer so stays as it is, so doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Act, Broadcast, BroadcastStore
from rostra.broadcast.moving import muted_by_moderator
from rostra.flows.announcing import announce
from rostra.flows.house import House
from rostra.flows.move_broadcast import move_in, take_back_end
from rostra.media.wire import Phase
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.safety.cases import DecisionId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Ordered
from rostra.safety.restrictions import Kind, Measure, Restriction, Subject
from rostra.safety.restrictions.store import RestrictionStore


async def let_go(house: House, session: AsyncSession, broadcast_id: BroadcastId, ordered: Ordered) -> None:
    """In the transaction of whatever lifts it; nothing for a broadcast that is over.

    Raises NotFound, and Conflict for the slower of two writers.
    """
    before = await BroadcastStore(session).get(broadcast_id)
    if before.is_over:
        return
    if ordered.measure is Measure.END:
        if before.final_at is not None:
            await take_back_end(house, session, before)
    elif ordered.measure is Measure.MUTE:
        await let_speak(house, session, before, SpeakerId(int(ordered.seat)))
    elif before.final_at is not None and before.moderator_paused_at is not None:
        await _save(house, session, replace(before, moderator_paused_at=None, moderator_ended_from=Phase.LIVE))
    elif before.moderator_paused_at is not None:
        await move_in(house, session, before, Act.RESUME)


async def let_speak(house: House, session: AsyncSession, before: Broadcast, seat: SpeakerId) -> None:
    """Nothing for whom no moderator has muted. Raises Conflict for the slower of two writers."""
    if seat in before.moderator_mutes:
        await _save(house, session, muted_by_moderator(before, seat, on=False))


async def standing_on(
    session: AsyncSession, broadcast_id: BroadcastId, measures: Collection[Measure], now: datetime, *, seat: str = ""
) -> list[Restriction]:
    """Restrictions of these kinds on a broadcast, oldest first. seat: only mutes of this one."""
    standing = await RestrictionStore(session).standing(Subject(Kind.BROADCAST, broadcast_id), now)
    found = [each for each in standing.restrictions if each.measure in measures]
    if not seat:
        return found
    numbers = [DecisionId(each.decision_id) for each in found if each.decision_id is not None]
    decided = await DecisionStore(session).by_numbers(numbers)
    theirs = {each.id for each in decided if any(one.seat == seat for one in each.wish.measures)}
    return [each for each in found if each.decision_id in theirs]


async def _save(house: House, session: AsyncSession, broadcast: Broadcast) -> None:
    announce(session, await BroadcastStore(session).save(broadcast), house.shape)
