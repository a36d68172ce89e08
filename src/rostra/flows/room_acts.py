"""The deeds of the live desk: what a moderator's press does to a room, each by itself and at once.

Nothing here asks whether somebody may, or tells anybody (`moderate_live`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.broadcast import Act as Move
from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast.moving import muted_by_moderator
from rostra.flows.announcing import announce
from rostra.flows.hold_room import let_speak, standing_on
from rostra.flows.house import House
from rostra.flows.move_broadcast import move_as_moderator, take_back_end
from rostra.flows.restrict import lift, lift_decision
from rostra.flows.withhold_ahead import ahead, heard_ms, withhold
from rostra.platform.errors import Conflict, Invalid
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.safety.decisions import Ordered
from rostra.safety.restrictions import Measure, Restriction
from rostra.safety.subjects import Subject, SubjectKind

ENDED_LABEL: Final = "A moderator has ended this broadcast."


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
    until that is made. lifted: what the deed has ended, which a decision may have ordered.
    """

    at: Subject | None = None
    measures: tuple[Ordered, ...] = ()
    provisional: Restriction | None = None
    lifted: tuple[Restriction, ...] = ()
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


async def undo(house: House, broadcast: Broadcast, wish: RoomWish) -> Deed:
    """The deed of what ends a restriction, or takes it back."""
    name, now = "", house.clock.now()
    measures, seat = {
        RoomAct.UNMUTE: ((Measure.MUTE,), str(wish.speaker_id)),
        RoomAct.RESUME: ((Measure.PAUSE,), ""),
        RoomAct.TAKE_BACK: ((Measure.END,), ""),
        RoomAct.GIVE_BACK: ((Measure.SILENCE,), ""),
    }[wish.act]
    if wish.act is RoomAct.UNMUTE:
        name = (await _mute(house, broadcast.id, wish.speaker_id, on=False)).name
    elif wish.act is RoomAct.RESUME:
        await move_as_moderator(house, broadcast.id, Move.RESUME)
    async with house.database.transaction() as session:
        if wish.act is RoomAct.TAKE_BACK:
            await take_back_end(house, session, await BroadcastStore(session).get(broadcast.id))
        found = await standing_on(session, broadcast.id, measures, now, seat=seat)
        if wish.act is RoomAct.GIVE_BACK:
            found = [each for each in found if each.id == wish.restriction_id]
            if not found:
                raise NotWithheld(f"restriction {wish.restriction_id}")
        for each in found:
            if each.decision_id is None or wish.act is not RoomAct.TAKE_BACK:
                await lift(session, each.id, now=now)
            else:
                await lift_decision(session, each.decision_id, now=now)
    house.relay.nudge()
    return Deed(lifted=tuple(found), name=name)


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
