"""What a moderator does to a broadcast while it is on the air: at once, with a reason, and so that it can be undone.

- Mute a voice, pause, end. It is part of the broadcast, so it stands whoever hosts and whichever stage holds the room.
  An end can be taken back for some minutes, in which the room is held; then it is final.
- Withhold what the delay still holds, so that nobody hears it (`withhold_ahead`).
- Silence a span that was heard, withhold the broadcast, put a text on its page: the press opens a case of the house's
  own, with the evidence kept at that moment, and its decision does it.

Each of them has a rule, a reason and a decision: whose broadcast it is gets them in full and can complain, and
somebody else answers (`explain_live`). What ends such an act (let speak, let go on) is told in a letter; what takes one
back (an end, what was withheld) takes its decision back.

Nobody acts on their own broadcast here; they have its control page. The deed comes first and its record right after it:
sound cannot wait for a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.flows import safety_letters as letters
from rostra.flows.announce_decision import address_of, send
from rostra.flows.command_stage import NoRoom
from rostra.flows.explain_live import checked_rule, explain_live
from rostra.flows.hold_room import standing_on
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.locate import described
from rostra.flows.open_cases import open_own_case
from rostra.flows.permission import moderator_of
from rostra.flows.read_cases import claim_case
from rostra.flows.remember import remember
from rostra.flows.restrict import lift
from rostra.flows.room_acts import Deed, RoomAct, RoomWish, let_go_on, restrict, take_back
from rostra.flows.withhold_ahead import heard_ms
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, BroadcastId
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseId
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.ledger import Act
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Measure, Restriction
from rostra.safety.subjects import Subject, SubjectKind

REASON_CHARACTERS: Final = 500
SPAN_S_MAX: Final = 600
"""So far back a press reaches at most. Fails closed."""
_log = get_logger(__name__)


_SAYS: Final = {
    RoomAct.MUTE: "{name} was muted.",
    RoomAct.UNMUTE: "{name} may be heard again.",
    RoomAct.DUMP: "What was said in the last {seconds:.0f} seconds is withheld: nobody has heard it.",
    RoomAct.GIVE_BACK: "What was withheld of the broadcast is given back.",
    RoomAct.PAUSE: "The broadcast was paused: listeners hear silence until a moderator lets it go on.",
    RoomAct.RESUME: "The broadcast goes on.",
    RoomAct.END: "The broadcast was ended. In a few minutes that is final; until then a moderator can take it back.",
    RoomAct.TAKE_BACK: "The end of the broadcast was taken back. It goes on as it was before.",
}


async def act_in_room(house: House, viewer: Viewer, broadcast_id: BroadcastId, wish: RoomWish) -> float:
    """Do it, write it down and tell whose broadcast it is; how many seconds were withheld.

    Raises Unauthorized, Forbidden, NotFound, Recused, Invalid without a reason or a rule, NotMuted, MutedAlready,
    NotPaused, NotEnded, EndedByModerator, NotWithheld, NoRoom, NoDelay, NothingAhead, IllegalMove, and Conflict for the
    slower of two writers.
    """
    who, broadcast = await _theirs(house, viewer, broadcast_id)
    judge, reason = judge_of(viewer), _reason(wish.reason)
    rule = checked_rule(wish.rule) if wish.act.restricts else ""
    deed, decision = Deed(), None
    if wish.act.restricts:
        deed = await restrict(house, broadcast, wish, rule)
        assert deed.at is not None
        decision = await explain_live(house, judge, broadcast, deed.measures, at=deed.at, rule=rule, reason=reason)
    elif wish.act in (RoomAct.UNMUTE, RoomAct.RESUME):
        deed = await let_go_on(house, broadcast, wish)
    else:
        decision = await take_back(house, judge, broadcast, wish, reason)
    says = _SAYS[wish.act].format(name=deed.name, seconds=deed.seconds)
    async with house.database.transaction() as session:
        if deed.provisional is not None and decision is not None:
            await lift(session, deed.provisional.id, now=house.clock.now())
        to = await address_of(session, broadcast.owner_id)
        if to and decision is None:
            place = await described(house, session, Subject(SubjectKind.BROADCAST, broadcast_id))
            is_over = not wish.act.restricts
            letter = letters.acted_live(house, to, what=says, place=place, reason=reason, is_over=is_over)
            send(house, session, letter)
        await remember(
            house,
            session,
            Act.LIVE_ACT,
            by=who,
            on=broadcast.owner_id,
            reason=reason,
            broadcast=str(broadcast_id),
            done=wish.act.value,
            withheld_ms=round(deed.seconds * 1000),
            decision="" if decision is None else str(decision.id),
        )
    house.relay.nudge()
    _log.warning("live_act", broadcast_id=broadcast_id, act=wish.act.value, by=who)
    return deed.seconds


async def open_live_case(
    house: House, viewer: Viewer, broadcast_id: BroadcastId, *, last_s: int | None = None
) -> CaseId:
    """A case of the house's own, at hand for `viewer`, about the last seconds or, with None, the whole broadcast.

    What was there is kept at once, the sound too; the decision takes the time that it needs, and says the category.
    Raises as act_in_room, and Claimed where somebody else works on it.
    """
    _, broadcast = await _theirs(house, viewer, broadcast_id)
    location = f"{house.membership.site_url}/b/{broadcast.slug}"
    if last_s is not None:
        from_ms, to_ms = _last(house, broadcast, last_s)
        location += f"#t={from_ms / 1000:.3f},{to_ms / 1000:.3f}"
    judge = judge_of(viewer)
    case_id = await open_own_case(house, judge, location, BREAKS_RULES)
    await claim_case(house, judge, case_id)
    return case_id


@dataclass(frozen=True, slots=True)
class OnAir:
    """A broadcast that the viewer may act on, its seats, and what of it is silent for everybody or for some."""

    broadcast: Broadcast
    seats: tuple[Invitation, ...]
    silences: tuple[Restriction, ...]


async def on_the_air(house: House, viewer: Viewer) -> list[OnAir]:
    """What has a stage and is somebody else's. Raises Unauthorized, Forbidden."""
    who, now = moderator_of(viewer), house.clock.now()
    async with house.database.reading() as session:
        found = await BroadcastStore(session).in_phases([phase for phase in Phase if phase.has_stage])
        seats = InvitationStore(session)
        return [
            OnAir(
                each,
                tuple(await seats.of_broadcast(each.id)),
                tuple(await standing_on(session, each.id, (Measure.SILENCE,), now)),
            )
            for each in found
            if each.owner_id != who
        ]


async def _theirs(house: House, viewer: Viewer, broadcast_id: BroadcastId) -> tuple[AccountId, Broadcast]:
    """Who acts, and the broadcast, which is somebody else's and has a stage. Raises Recused, NoRoom."""
    who = moderator_of(viewer)
    async with house.database.reading() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
    if broadcast.owner_id == who:
        raise Recused(Bias.OWN_CONTENT, who)
    if not (broadcast.phase.has_stage or broadcast.still_heard(house.clock.now())):
        raise NoRoom(f"{broadcast.phase}")
    return who, broadcast


def _last(house: House, broadcast: Broadcast, seconds: int) -> tuple[int, int]:
    """The media time of what listeners have heard last, up to where the sound is now, in ms."""
    if not 1 <= seconds <= SPAN_S_MAX:
        text = f"Choose between 1 and {SPAN_S_MAX} seconds, or flag the exact span on the page of the broadcast."
        raise Invalid(f"{seconds} s", user_message=text, field="seconds")
    until_ms = heard_ms(house, broadcast)
    return max(0, until_ms - seconds * 1000), until_ms


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        message = "Say why, in a sentence: whose broadcast it is reads it, and it is kept."
        raise Invalid("no reason", user_message=message, field="reason")
    return said[:REASON_CHARACTERS]
