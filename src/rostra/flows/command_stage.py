"""What the host asks of the room: mute, unmute, remove a speaker."""

from __future__ import annotations

import msgspec

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.invitations import HostSeat
from rostra.flows.house import House
from rostra.flows.invite_speaker import revoke_invitation
from rostra.flows.permission import check_may_run
from rostra.media import wire
from rostra.media.wire import Act, CommandReply, StageCommand
from rostra.network.accounts import Viewer
from rostra.platform.bus import BusUnavailable
from rostra.platform.errors import Conflict, Unavailable
from rostra.platform.ids import BroadcastId, SpeakerId


class NoRoom(Conflict):
    code = "no_room"
    user_message = "There is no stage: the doors are closed or the broadcast is over."


class StageSilent(Unavailable):
    code = "stage_silent"
    user_message = "The stage does not answer. It may be restarting; try again in a few seconds."


class StageRefused(Conflict):
    """The room understood and said no; the text is the room's own."""

    code = "stage_refused"


class MutedByModerator(Conflict):
    """409: a moderator has muted this voice, and whoever hosts wants to let it speak. Nothing has happened."""

    code = "muted_by_moderator"
    user_message = (
        "A moderator has muted this voice, so only a moderator can let it speak again. The reasons are in the letter "
        "to whoever owns the broadcast, with the way to complain."
    )


async def command_stage(house: House, broadcast_id: BroadcastId, act: Act, seat: SpeakerId, *, by: Viewer) -> None:
    """Raises NotFound, Forbidden, NoRoom, StageSilent, StageRefused; HostSeat when the host would be removed;
    MutedByModerator when a voice would be let speak that a moderator has muted.

    A removed speaker also loses the invitation: otherwise the next stage process would let them in again.
    """
    async with house.database.reading() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
    check_may_run(by, broadcast)
    if not broadcast.phase.has_stage:
        raise NoRoom(f"{broadcast.phase}")
    if act is Act.UNMUTE and seat in broadcast.moderator_mutes:
        raise MutedByModerator(f"seat {seat}")
    if act is Act.REMOVE:
        if seat == broadcast.host_speaker_id:
            raise HostSeat(f"seat {seat}")
        await revoke_invitation(house, broadcast_id, seat, by=by)
    await ask_stage(house, broadcast, StageCommand(act=act, speaker_id=str(seat)))


async def ask_stage(house: House, broadcast: Broadcast, command: StageCommand) -> CommandReply:
    """Let the room carry out a command. Raises StageSilent, StageRefused."""
    subject = wire.command_subject(str(broadcast.id))
    try:
        answer = await house.bus.request(subject, msgspec.json.encode(command))
    except BusUnavailable as error:
        raise StageSilent(f"{command.act} {command.speaker_id}") from error
    reply = msgspec.json.decode(answer, type=CommandReply)
    if not reply.ok and not (command.act is Act.REMOVE and reply.code == "not_found"):
        raise StageRefused(reply.code, user_message=reply.message or None)
    return reply
