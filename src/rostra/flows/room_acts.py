"""The deeds of the live desk: what a moderator's press does to a room, each by itself and at once.

Nothing here asks whether somebody may, or tells anybody (`moderate_live`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.broadcast import Act as Move
from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast.lifecycle import NotEnded
from rostra.broadcast.moving import muted_by_moderator
from rostra.flows.announcing import announce
from rostra.flows.hold_room import let_speak, standing_on
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.move_broadcast import move_as_moderator, take_back_end
from rostra.flows.restrict import lift, lift_decision
from rostra.flows.undo_decision import undo_decision
from rostra.flows.withhold_ahead import ahead, heard_ms, withhold
from rostra.platform.errors import Conflict, Invalid
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseChanged, DecisionId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Decision, Ordered
from rostra.safety.restrictions import Measure, Restriction
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done. name: of the voice. seconds: that were withheld.

    at: the moment of the broadcast that it is about. measures: what a decision says of it; provisional: what stands
    until that is made.
    """

    at: Subject | None = None
    measures: tuple[Ordered, ...] = ()
    provisional: Restriction | None = None
    name: str = ""
    seconds: float = 0.0


async def restrict(house: House, broadcast: Broadcast, wish: RoomWish, rule: str) -> Deed:
    """The deed of what is decided afterwards."""
    whole = Subject(SubjectKind.BROADCAST, broadcast.id).key
    if wish.act is RoomAct.DUMP:
        span = ahead(house, broadcast, wish.seconds)
        assert span.from_ms is not None
        assert span.to_ms is not None
        made = await withhold(house, span, reason=f"By the rules of this place: {rule}")
        measures = (Ordered(measure=Measure.SILENCE, subject=span.key),)
        return Deed(at=span, measures=measures, provisional=made, seconds=(span.to_ms - span.from_ms) / 1000)
    moment = heard_ms(house, broadcast)
    at = Subject(SubjectKind.SPAN, broadcast.id, moment, moment)
    if wish.act is RoomAct.MUTE:
        seat = await _mute(house, broadcast.id, wish.speaker_id, on=True)
        muted = Ordered(measure=Measure.MUTE, subject=whole, label=seat.name, seat=str(seat.id))
        return Deed(at=at, measures=(muted,), name=seat.name)
    if wish.act is RoomAct.PAUSE:
        await move_as_moderator(house, broadcast.id, Move.PAUSE)
        return Deed(at=at, measures=(Ordered(measure=Measure.PAUSE, subject=whole),))
    await move_as_moderator(house, broadcast.id, Move.END)
    label = Ordered(measure=Measure.LABEL, subject=whole, label=ENDED_LABEL)
    return Deed(at=at, measures=(Ordered(measure=Measure.END, subject=whole), label))


async def let_go_on(house: House, broadcast: Broadcast, wish: RoomWish) -> Deed:
    """A mute or a pause ends. What was decided stays, with the way to complain about it."""
    name, measure, seat, now = "", Measure.PAUSE, "", house.clock.now()
    if wish.act is RoomAct.UNMUTE:
        name = (await _mute(house, broadcast.id, wish.speaker_id, on=False)).name
        measure, seat = Measure.MUTE, str(wish.speaker_id)
    else:
        await move_as_moderator(house, broadcast.id, Move.RESUME)
    async with house.database.transaction() as session:
        for each in await standing_on(session, broadcast.id, (measure,), now, seat=seat):
            await lift(session, each.id, now=now)
    house.relay.nudge()
    return Deed(name=name)


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


async def _mute(house: House, broadcast_id: BroadcastId, seat_id: SpeakerId | None, *, on: bool) -> Invitation:
    """Mute, or lift a moderator's mute. Raises NotMuted, MutedAlready, Conflict for the slower of two writers.

    The airing carries it, so it needs no stage that answers: the one that holds the room next obeys it, too.
    """
    if seat_id is None:
        raise Invalid("no speaker", user_message="Choose whom to mute.", field="speaker")
    async with house.database.transaction() as session:
        seat = await InvitationStore(session).get(broadcast_id, seat_id)
        broadcasts = BroadcastStore(session)
        before = await broadcasts.get(broadcast_id)
        if on is (seat.id in before.moderator_mutes):
            raise (MutedAlready if on else NotMuted)(f"seat {seat.id}")
        if on:
            saved = await broadcasts.save(muted_by_moderator(before, seat.id, on=True))
            announce(session, saved, house.shape)
        else:
            await let_speak(house, session, before, seat.id)
    house.relay.nudge()
    return seat
