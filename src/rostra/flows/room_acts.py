"""The deeds of the live desk: what a moderator's press does to a room, each by itself and at once.

Nothing here asks whether somebody may, or tells anybody (`moderate_live`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Act as Move
from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast.lifecycle import NotEnded
from rostra.broadcast.moving import muted_by_moderator
from rostra.flows.announcing import announce
from rostra.flows.hold_room import let_speak, standing_on
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.move_broadcast import move_in, take_back_end
from rostra.flows.restrict import lift, lift_decision
from rostra.flows.undo_decision import undo_decision
from rostra.flows.withhold_ahead import ahead, heard_ms
from rostra.platform.errors import Conflict, Invalid
from rostra.platform.ids import SpeakerId
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseChanged, DecisionId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision, Ordered
from rostra.safety.restrictions import Measure
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.undoing import NewerCase, TooLateToUndo

ENDED_LABEL: Final = "A moderator has ended this broadcast."
_log = get_logger(__name__)


class NotMuted(Conflict):
    """409: no moderator's mute is there to be lifted."""

    code = "not_muted"
    user_message = "No moderator has muted this voice. If the host has muted it, the host lets it speak."


class MutedAlready(Conflict):
    """409: a moderator's mute is there."""

    code = "muted_already"
    user_message = "A moderator has muted this voice already."


class NotWithheld(Conflict):
    """409: what is to be given back is not withheld."""

    code = "not_withheld"
    user_message = "Nothing is withheld there any more. Reload the page."


class RoomAct(StrEnum):
    """What can be done in the room, and what undoes it."""

    MUTE = "mute"
    UNMUTE = "unmute"
    DUMP = "dump"
    GIVE_BACK = "give_back"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    TAKE_BACK = "take_back"

    @property
    def restricts(self) -> bool:
        """Whether it needs a rule, and is decided."""
        return self in (RoomAct.MUTE, RoomAct.DUMP, RoomAct.PAUSE, RoomAct.END)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWish:
    """reason: for whose broadcast it is, and for the ledger. rule: that is broken, of what restricts.

    speaker_id: of mute and unmute. seconds: of dump. restriction_id: of what is given back.
    """

    act: RoomAct
    reason: str
    rule: str = ""
    speaker_id: SpeakerId | None = None
    seconds: float = 0.0
    restriction_id: int = 0


def moment_of(house: House, broadcast: Broadcast, wish: RoomWish) -> Subject:
    """What of the broadcast an act is about: what is withheld, else the moment that is heard now.

    Raises NoDelay, NoRoom, Invalid, NothingAhead.
    """
    if wish.act is RoomAct.DUMP:
        return ahead(house, broadcast, wish.seconds)
    now_ms = heard_ms(house, broadcast)
    return Subject(SubjectKind.SPAN, broadcast.id, now_ms, now_ms)


async def restrict(
    house: House, session: AsyncSession, before: Broadcast, wish: RoomWish, at: Subject
) -> tuple[Ordered, ...]:
    """The deed in the room, and what a decision says of it. What is withheld is a restriction alone.

    Raises NotFound, Invalid, MutedAlready, IllegalMove, EndedByModerator, and Conflict for the slower of two writers.
    """
    whole = Subject(SubjectKind.BROADCAST, before.id).key
    if wish.act is RoomAct.DUMP:
        return (Ordered(measure=Measure.SILENCE, subject=at.key),)
    if wish.act is RoomAct.MUTE:
        seat = await _seat(session, before, wish)
        if seat.id in before.moderator_mutes:
            raise MutedAlready(f"seat {seat.id}")
        saved = await BroadcastStore(session).save(muted_by_moderator(before, seat.id, on=True))
        announce(session, saved, house.shape)
        return (Ordered(measure=Measure.MUTE, subject=whole, label=seat.name, seat=str(seat.id)),)
    if wish.act is RoomAct.PAUSE:
        await move_in(house, session, before, Move.PAUSE)
        return (Ordered(measure=Measure.PAUSE, subject=whole),)
    await move_in(house, session, before, Move.END)
    label = Ordered(measure=Measure.LABEL, subject=whole, label=ENDED_LABEL)
    return (Ordered(measure=Measure.END, subject=whole), label)


async def let_go_on(house: House, session: AsyncSession, before: Broadcast, wish: RoomWish) -> str:
    """A mute or a pause ends; whose mute. What was decided stays, with the way to complain about it.

    Raises NotFound, Invalid, NotMuted, NotPaused, IllegalMove, EndedByModerator, and Conflict.
    """
    name, measure, seat_id, now = "", Measure.PAUSE, "", house.clock.now()
    if wish.act is RoomAct.UNMUTE:
        seat = await _seat(session, before, wish)
        if seat.id not in before.moderator_mutes:
            raise NotMuted(f"seat {seat.id}")
        await let_speak(house, session, before, seat.id)
        name, measure, seat_id = seat.name, Measure.MUTE, str(seat.id)
    else:
        await move_in(house, session, before, Move.RESUME)
    for each in await standing_on(session, before.id, (measure,), now, seat=seat_id):
        await lift(session, each.id, now=now)
    return name


async def take_back(house: House, judge: Judge, broadcast: Broadcast, wish: RoomWish, reason: str) -> Decision | None:
    """An end, or what was withheld, is as if it had not been, and its decision is taken back.

    None where there is no such decision, or somebody has complained about it, so that somebody else answers: then it
    ends all the same. Raises NotEnded, NotWithheld, Recused, Forbidden, and Conflict for the slower of two writers.
    """
    is_end, now = wish.act is RoomAct.TAKE_BACK, house.clock.now()
    async with house.database.reading() as session:
        found = await standing_on(session, broadcast.id, (Measure.END if is_end else Measure.SILENCE,), now)
        found = [each for each in found if is_end or each.id == wish.restriction_id]
        numbers = [DecisionId(each.decision_id) for each in found if each.decision_id is not None]
        decided = await DecisionStore(session).by_numbers(numbers)
    if is_end and broadcast.final_at is None:
        raise NotEnded(f"broadcast {broadcast.id}")
    if not is_end and not found:
        raise NotWithheld(f"restriction {wish.restriction_id}")
    if decided:
        try:
            return await undo_decision(house, judge, decided[-1].case_id, decided[-1].id, reason)
        except (TooLateToUndo, NewerCase, CaseChanged) as error:
            _log.info("live_decision_stays", decision_id=decided[-1].id, error=str(error))
    async with house.database.transaction() as session:
        if is_end:
            await take_back_end(house, session, await BroadcastStore(session).get(broadcast.id))
        for number in numbers if is_end else ():
            await lift_decision(session, number, now=now)
        for each in found if not is_end else ():
            await lift(session, each.id, now=now)
    house.relay.nudge()
    return None


async def _seat(session: AsyncSession, broadcast: Broadcast, wish: RoomWish) -> Invitation:
    """Raises NotFound, Invalid."""
    if wish.speaker_id is None:
        raise Invalid("no speaker", user_message="Choose whom to mute.", field="speaker")
    return await InvitationStore(session).get(broadcast.id, wish.speaker_id)
