"""What a moderator does to a broadcast while it is on the air: at once, with a reason, and mostly so that it can be
undone.

- In the room: mute a speaker, remove what a delay still holds, pause, end. It is written into the ledger, and whose
  broadcast it is gets a letter. A mute stands until a moderator lifts it, whoever hosts and whichever stage holds the
  room: it is part of the broadcast, and so is a pause. What was removed is gone, and nothing starts again what has
  ended: an end asks twice, and gives its reasons in full, with a way to complain (`explain_end`).
- To what listeners get: silence a span, withhold the broadcast, put a text on its page. These are restrictions like any
  other, so the press opens a case of the house's own, with the evidence kept at that moment; its decision has reasons
  and a way to complain, and is undone like any other.

Nobody acts on their own broadcast here; they have its control page. The deed comes first and its record right after it:
sound cannot wait for a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.broadcast import Act as Move
from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast.lifecycle import after
from rostra.broadcast.schedule import airing, muted_by_moderator
from rostra.flows import safety_letters as letters
from rostra.flows.announce_decision import address_of, send
from rostra.flows.announcing import announce
from rostra.flows.command_stage import NoRoom
from rostra.flows.dump_delay import dump
from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.explain_end import checked_rule, explain_end
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.locate import described
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.open_cases import open_own_case
from rostra.flows.permission import moderator_of
from rostra.flows.read_cases import claim_case
from rostra.flows.remember import remember
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Conflict, Invalid
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId
from rostra.platform.log import get_logger
from rostra.platform.mail import Letter
from rostra.safety.cases import CaseId
from rostra.safety.categories import BREAKS_RULES
from rostra.safety.ledger import Act
from rostra.safety.recusal import Bias, Recused
from rostra.safety.subjects import Subject, SubjectKind

REASON_CHARACTERS: Final = 500
SPAN_S_MAX: Final = 600
"""So far back a press reaches at most. Fails closed."""
_log = get_logger(__name__)


class EndsForGood(Conflict):
    """409: an end that was not pressed twice. Nothing has happened."""

    code = "ends_for_good"
    user_message = "Nothing starts a broadcast again that has ended. Press once more if it shall end."


class NotMuted(Conflict):
    """409: no moderator's mute is there to be lifted."""

    code = "not_muted"
    user_message = "No moderator has muted this voice. If the host has muted it, the host lets it speak."


class RoomAct(StrEnum):
    """What can be done in the room. resume and unmute undo; nothing undoes a dump or an end."""

    MUTE = "mute"
    UNMUTE = "unmute"
    DUMP = "dump"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"

    @property
    def is_undoable(self) -> bool:
        return self not in (RoomAct.DUMP, RoomAct.END)


_SAYS: Final = {
    RoomAct.MUTE: "{name} was muted.",
    RoomAct.UNMUTE: "{name} may be heard again.",
    RoomAct.DUMP: "What was said in the last {seconds:.0f} seconds was removed before anybody heard it.",
    RoomAct.PAUSE: "The broadcast was paused: listeners hear silence until a moderator lets it go on.",
    RoomAct.RESUME: "The broadcast goes on.",
    RoomAct.END: "The broadcast was ended.",
}
_MOVES: Final = {RoomAct.PAUSE: Move.PAUSE, RoomAct.RESUME: Move.RESUME, RoomAct.END: Move.END}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWish:
    """reason: for whose broadcast it is, and for the ledger. speaker_id: of mute and unmute. seconds: of dump.

    is_sure, rule: of an end, which was pressed twice, and the rule that the broadcast breaks.
    """

    act: RoomAct
    reason: str
    speaker_id: SpeakerId | None = None
    seconds: float = 0.0
    is_sure: bool = False
    rule: str = ""


async def act_in_room(house: House, viewer: Viewer, broadcast_id: BroadcastId, wish: RoomWish) -> float:
    """Do it, write it down and tell whose broadcast it is; how many seconds a dump has removed.

    Raises Unauthorized, Forbidden, NotFound, Recused, Invalid without a reason or a rule, EndsForGood, NotMuted,
    NotPaused, NoRoom, NoDelay, IllegalMove, StageSilent, StageRefused, and Conflict for the slower of two writers.
    """
    who, broadcast = await _theirs(house, viewer, broadcast_id)
    reason = _reason(wish.reason)
    if wish.act is RoomAct.END and not wish.is_sure:
        after(broadcast.phase, Move.END)
        raise EndsForGood(f"broadcast {broadcast_id}")
    rule = checked_rule(wish.rule) if wish.act is RoomAct.END else ""
    name, removed_s, is_told = "", 0.0, False
    if (move := _MOVES.get(wish.act)) is not None:
        await move_broadcast(house, broadcast_id, move, by=None, is_moderator=True)
    elif wish.act is RoomAct.DUMP:
        removed_s = await dump(house, broadcast, wish.seconds, by=who)
    else:
        name = await _mute(house, broadcast.id, wish)
    if wish.act is RoomAct.END:
        is_told = await explain_end(house, judge_of(viewer), broadcast, rule=rule, reason=reason)
    says = _SAYS[wish.act].format(name=name, seconds=removed_s)
    async with house.database.transaction() as session:
        to = await address_of(session, broadcast.owner_id)
        if to and not is_told:
            place = await described(house, session, Subject(SubjectKind.BROADCAST, broadcast_id))
            send(house, session, _letter(house, to, says, place, reason, wish.act))
        await remember(
            house,
            session,
            Act.LIVE_ACT,
            by=who,
            on=broadcast.owner_id,
            reason=reason,
            broadcast=str(broadcast_id),
            done=wish.act.value,
            removed_ms=round(removed_s * 1000),
        )
    _log.warning("live_act", broadcast_id=broadcast_id, act=wish.act.value, by=who)
    return removed_s


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
    """A broadcast that the viewer may act on, and its seats."""

    broadcast: Broadcast
    seats: tuple[Invitation, ...]


async def on_the_air(house: House, viewer: Viewer) -> list[OnAir]:
    """What has a stage and is somebody else's. Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.reading() as session:
        found = await BroadcastStore(session).in_phases([phase for phase in Phase if phase.has_stage])
        theirs = [each for each in found if each.owner_id != who]
        seats = InvitationStore(session)
        return [OnAir(each, tuple(await seats.of_broadcast(each.id))) for each in theirs]


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


async def _mute(house: House, broadcast_id: BroadcastId, wish: RoomWish) -> str:
    """Mute, or lift a moderator's mute; the speaker's name. Raises NotMuted, Conflict for the slower of two writers.

    The airing carries it, so it needs no stage that answers: the one that holds the room next obeys it, too.
    """
    if wish.speaker_id is None:
        raise Invalid("no speaker", user_message="Choose whom to mute.", field="speaker")
    async with house.database.transaction() as session:
        seat = await InvitationStore(session).get(broadcast_id, wish.speaker_id)
        broadcasts = BroadcastStore(session)
        before = await broadcasts.get(broadcast_id)
        if wish.act is RoomAct.UNMUTE and seat.id not in before.moderator_mutes:
            raise NotMuted(f"seat {seat.id}")
        saved = await broadcasts.save(muted_by_moderator(before, seat.id, on=wish.act is RoomAct.MUTE))
        announce(session, saved, house.shape)
    house.relay.nudge()
    return seat.name


def _last(house: House, broadcast: Broadcast, seconds: int) -> tuple[int, int]:
    """The media time of what listeners have heard last, up to where the sound is now, in ms."""
    if not 1 <= seconds <= SPAN_S_MAX:
        text = f"Choose between 1 and {SPAN_S_MAX} seconds, or flag the exact span on the page of the broadcast."
        raise Invalid(f"{seconds} s", user_message=text, field="seconds")
    if (clock := airing(broadcast, house.shape).clock()) is None:
        raise NoRoom(f"{broadcast.phase}")
    until_ms = clock.sample_at(to_us(house.clock.now())) // SAMPLES_PER_MS
    return max(0, until_ms - seconds * 1000), until_ms


def _letter(house: House, to: str, says: str, place: str, reason: str, act: RoomAct) -> Letter:
    return letters.acted_live(house, to, what=says, place=place, reason=reason, is_undoable=act.is_undoable)


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        message = "Say why, in a sentence: whose broadcast it is reads it, and it is kept."
        raise Invalid("no reason", user_message=message, field="reason")
    return said[:REASON_CHARACTERS]
