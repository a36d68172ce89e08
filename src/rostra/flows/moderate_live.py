"""What a moderator does to a broadcast while it is on the air: at once, with a reason, and so that it can be undone.

- Mute a voice, pause, end. It is part of the broadcast, so it stands whoever hosts and whichever stage holds the room.
  An end can be taken back for some minutes, in which the room is held; then it is final.
- Withhold what the delay still holds, so that nobody hears it (`withhold_ahead`).
- Silence a span that was heard, withhold the broadcast, put a text on its page: the press opens a case of the house's
  own, with the evidence kept at that moment, and its decision does it.

Each of them has a rule, a reason and a decision: whose broadcast it is gets them in full and can complain, and
somebody else answers (`explain_live`). What ends such an act (let speak, let go on) is told in a letter; what takes one
back (an end, what was withheld) takes its decision back.

Deed, decision, letters and the ledger's entry are one transaction, so a site that is killed has done all of it or
nothing. Nobody acts on their own broadcast here; they have its control page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, send
from rostra.flows.command_stage import NoRoom
from rostra.flows.decide_case import tell_decided
from rostra.flows.explain_live import NotExplained, checked_rule, explain_live, seen_at
from rostra.flows.hold_room import standing_on
from rostra.flows.house import House
from rostra.flows.judges import Judge, judge_of
from rostra.flows.locate import described
from rostra.flows.open_cases import open_own_case
from rostra.flows.permission import moderator_of
from rostra.flows.read_cases import claim_case
from rostra.flows.remember import remember
from rostra.flows.room_acts import RoomAct, RoomWish, let_go_on, moment_of, restrict, take_back
from rostra.flows.withhold_ahead import heard_ms, withhold
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, BroadcastId
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseId
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.decisions import Decision
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
    press = _Press(who, judge_of(viewer), broadcast, wish, _reason(wish.reason))
    seconds = 0.0
    if wish.act.restricts:
        seconds = await _restrict(house, press, checked_rule(wish.rule))
    elif wish.act in (RoomAct.UNMUTE, RoomAct.RESUME):
        async with house.database.transaction() as session:
            before = await BroadcastStore(session).get(broadcast_id)
            name = await let_go_on(house, session, before, wish)
            await _tell(house, session, press, _SAYS[wish.act].format(name=name))
            await _note(house, session, press)
    else:
        decision = await take_back(house, press.judge, broadcast, wish, press.reason)
        async with house.database.transaction() as session:
            if decision is None:
                await _tell(house, session, press, _SAYS[wish.act])
            await _note(house, session, press, decision=decision)
    house.relay.nudge()
    _log.warning("live_act", broadcast_id=broadcast_id, act=wish.act.value, by=who)
    return seconds


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


@dataclass(frozen=True, slots=True)
class _Press:
    """Who presses what, and why."""

    who: AccountId
    judge: Judge
    broadcast: Broadcast
    wish: RoomWish
    reason: str


async def _restrict(house: House, press: _Press, rule: str) -> float:
    """The deed with its decision, all of it or nothing; where none can be made, the deed with a letter."""
    wish, broadcast = press.wish, press.broadcast
    at = moment_of(house, broadcast, wish)
    assert at.from_ms is not None
    assert at.to_ms is not None
    seconds = (at.to_ms - at.from_ms) / 1000
    if (seen := await seen_at(house, press.judge, broadcast, at)) is not None:
        try:
            async with house.database.transaction() as session:
                measures = await restrict(house, session, await BroadcastStore(session).get(broadcast.id), wish, at)
                decision = await explain_live(
                    house, session, press.judge, seen, measures, rule=rule, reason=press.reason
                )
                await _note(house, session, press, decision=decision, seconds=seconds)
            await tell_decided(house, decision)
            return seconds
        except NotExplained as error:
            _log.warning("live_act_not_explained", broadcast_id=broadcast.id, error=str(error))
    async with house.database.transaction() as session:
        measures = await restrict(house, session, await BroadcastStore(session).get(broadcast.id), wish, at)
        if wish.act is RoomAct.DUMP:
            await withhold(house, session, at, reason=f"By the rules of this place: {rule}")
        says = _SAYS[wish.act].format(name=measures[0].label, seconds=seconds)
        await _tell(house, session, press, says)
        await _note(house, session, press, seconds=seconds)
    return seconds


async def _tell(house: House, session: AsyncSession, press: _Press, says: str) -> None:
    """A letter to whose broadcast it is, where no statement of reasons says it."""
    if to := await address_of(session, press.broadcast.owner_id):
        place = await described(house, session, Subject(SubjectKind.BROADCAST, press.broadcast.id))
        is_over = not press.wish.act.restricts
        letter = letters.acted_live(house, to, what=says, place=place, reason=press.reason, is_over=is_over)
        send(house, session, letter)


async def _note(
    house: House, session: AsyncSession, press: _Press, *, decision: Decision | None = None, seconds: float = 0.0
) -> None:
    await remember(
        house,
        session,
        Act.LIVE_ACT,
        by=press.who,
        on=press.broadcast.owner_id,
        reason=press.reason,
        broadcast=str(press.broadcast.id),
        done=press.wish.act.value,
        withheld_ms=round(seconds * 1000),
        decision="" if decision is None else str(decision.id),
    )


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
