"""Seats and sessions while people come, go, are muted and taken off the stage."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from rostra.cli.whip_client import Admission, WhipClient
from rostra.media.wire import (
    Act,
    CommandReply,
    Phase,
    Quality,
    SpeakerState,
    StageCommand,
    StageState,
    command_subject,
    state_subject,
)
from rostra.stage.errors import NoSeat
from rostra.stage.whip_speaker import Rejected, StageUnreachable
from tests.integration.stage.conftest import BROADCAST, Guests, Stage, until

ANNA_HZ, BEN_HZ = 440.0, 1000.0


async def command(stage: Stage, act: Act, speaker_id: str) -> CommandReply:
    payload = msgspec.json.encode(StageCommand(act=act, speaker_id=speaker_id))
    return msgspec.json.decode(await stage.bus.request(command_subject(BROADCAST), payload), type=CommandReply)


async def test_a_second_session_replaces_the_first(stage: Stage, guests: Guests) -> None:
    """Anna reloads her page: her new session takes her seat, the old one ends, Ben still hears one Anna."""
    await stage.air(Phase.LIVE)
    first = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    await guests.leave(first)
    await guests.invite("anna", 2000.0)
    await until(lambda: ben.level(2000.0) > -20 and ben.level(ANNA_HZ) < -50)
    assert len(stage.state().speakers) == 2
    assert stage.sessions.count == 2


async def test_replacing_while_the_first_still_sends(stage: Stage, guests: Guests) -> None:
    """Two clients with one invitation: the second has the seat, the first is hung up and no longer mixed in."""
    await stage.air(Phase.LIVE)
    await guests.invite("anna", ANNA_HZ)
    seat = stage.rooms.performance(BROADCAST).room.seat("anna")
    old_line, since_us = seat.line, seat.since_us
    second = await guests.invite("anna", BEN_HZ)
    await until(lambda: seat.line is not old_line)
    assert stage.rooms.performance(BROADCAST).room.seat("anna") is seat
    assert seat.since_us == since_us
    assert second.speaker.figures.connections == 1


async def test_a_revoked_invitation_ends_its_session(stage: Stage, guests: Guests) -> None:
    """The seat is gone at once and the ticket, though still valid, opens no other."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ)
    await stage.revoke("anna")
    await until(lambda: stage.state().speakers == [])
    with pytest.raises(Rejected, match="403"):
        await anna.task


async def test_the_host_mutes_and_unmutes(stage: Stage, guests: Guests) -> None:
    """A host's mute is heard as silence and survives a reload; the speaker's own mute is not lifted by it."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    await until(lambda: ben.level(ANNA_HZ) > -20)
    assert (await command(stage, Act.MUTE, "anna")).ok
    await until(lambda: ben.level(ANNA_HZ) < -60)

    def anna_now() -> SpeakerState:
        return next(each for each in stage.state().speakers if each.speaker_id == "anna")

    assert anna_now().muted_by_host
    assert not anna_now().muted
    await until(lambda: anna_now().level_dbfs > -20)  # the level is shown before the mute
    await guests.leave(anna)
    await until(lambda: len(stage.state().speakers) == 1)
    await guests.invite("anna", ANNA_HZ)
    assert anna_now().muted_by_host
    assert (await command(stage, Act.UNMUTE, "anna")).ok
    await until(lambda: ben.level(ANNA_HZ) > -20)


async def test_a_moderators_mute_is_the_airings(stage: Stage, guests: Guests) -> None:
    """A stage that opens the room with it, as one that takes over does, obeys it, whoever returns or presses."""
    await stage.air(Phase.LIVE, moderator_mutes=("anna",))
    anna = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    await until(lambda: anna.level(BEN_HZ) > -20)

    def anna_now() -> SpeakerState:
        return next(each for each in stage.state().speakers if each.speaker_id == "anna")

    await until(lambda: anna_now().level_dbfs > -20)
    assert (await command(stage, Act.UNMUTE, "anna")).ok
    await guests.leave(anna)
    await until(lambda: len(stage.state().speakers) == 1)
    await guests.invite("anna", ANNA_HZ)
    await until(lambda: anna_now().level_dbfs > -20)
    assert (anna_now().muted_by_host, anna_now().muted_by_moderator) == (False, True)
    assert ben.level(ANNA_HZ) < -60
    await stage.air(Phase.LIVE)
    await until(lambda: ben.level(ANNA_HZ) > -20)


async def test_the_host_removes_somebody(stage: Stage, guests: Guests) -> None:
    """Who is removed does not come back by reconnecting."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ)
    assert (await command(stage, Act.REMOVE, "anna")).ok
    with pytest.raises(Rejected, match="403"):
        await anna.task
    with pytest.raises(NoSeat):
        stage.rooms.performance(BROADCAST).room.seat("anna")
    unknown = await command(stage, Act.MUTE, "nobody")
    assert not unknown.ok
    assert unknown.code == "no_seat"
    garbage = await stage.bus.request(command_subject(BROADCAST), b"{}")
    assert not msgspec.json.decode(garbage, type=CommandReply).ok


async def test_a_speaker_mutes_oneself(stage: Stage, guests: Guests) -> None:
    """The page tells the stage; everybody sees it, nobody hears anything."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    await until(lambda: ben.level(ANNA_HZ) > -20)
    line = stage.rooms.performance(BROADCAST).room.seat("anna").line
    path = f"/whip/{BROADCAST}/{line.session_id}/mute"
    answer = await stage.http.post(path, json={"muted": True}, headers=stage.bearer("anna"))
    assert answer.status_code == 204
    await until(lambda: ben.level(ANNA_HZ) < -60)
    assert (await stage.http.post(path, json={"muted": "x"}, headers=stage.bearer("anna"))).status_code == 422
    await stage.http.post(path, json={"muted": False}, headers=stage.bearer("anna"))
    await until(lambda: ben.level(ANNA_HZ) > -20)
    assert anna.speaker.figures.connections == 1


async def test_everybody_sees_the_room(stage: Stage, guests: Guests) -> None:
    """State comes four times a second on the bus and as server-sent events, with names, levels and quality."""
    seen: list[StageState] = []

    async def see(_: str, payload: bytes) -> None:
        seen.append(msgspec.json.decode(payload, type=StageState))

    await stage.bus.subscribe(state_subject(BROADCAST), see)
    await stage.air(Phase.LIVE)
    await guests.invite("anna", ANNA_HZ)
    await until(lambda: bool(seen) and bool(seen[-1].speakers) and seen[-1].speakers[0].level_dbfs > -20)
    anna = seen[-1].speakers[0]
    assert (anna.speaker_id, anna.name, anna.host) == ("anna", "Anna", False)
    assert anna.connected
    await until(lambda: seen[-1].speakers[0].quality in (Quality.GOOD, Quality.FAIR))
    await until(lambda: seen[-1].programme_dbfs > -20)
    assert seen[-1].phase is Phase.LIVE
    async with stage.http.stream("GET", f"/stage/{BROADCAST}/events", headers=stage.bearer("anna")) as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        async for line in events.aiter_lines():
            if line.startswith("data: "):
                assert msgspec.json.decode(line[6:], type=StageState).broadcast_id == BROADCAST
                break
    assert (await stage.http.get(f"/stage/{BROADCAST}/events")).status_code == 401


async def test_a_lost_line_keeps_its_seat(stage: Stage, guests: Guests) -> None:
    """Without RTP the seat shows as lost and waits; the speaker who comes back sits on the same one."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ, signs_off=False)
    seat = stage.rooms.performance(BROADCAST).room.seat("anna")
    await guests.leave(anna)
    await until(lambda: stage.state().speakers[0].quality is Quality.LOST)
    assert not stage.state().speakers[0].connected
    await guests.invite("anna", ANNA_HZ)
    assert stage.rooms.performance(BROADCAST).room.seat("anna") is seat
    await until(lambda: stage.state().speakers[0].connected)


async def test_a_speaker_reconnects_by_itself(stage: Stage, guests: Guests) -> None:
    """A session that breaks is followed by another, on the same seat."""
    await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    seat = stage.rooms.performance(BROADCAST).room.seat("anna")
    await seat.line.close()
    await until(lambda: anna.speaker.figures.connections == 2)
    await until(lambda: ben.level(ANNA_HZ) > -20 and anna.level(BEN_HZ) > -20)
    assert stage.rooms.performance(BROADCAST).room.seat("anna") is seat


async def test_nobody_answers(stage: Stage) -> None:
    """A first attempt that reaches nobody says so instead of trying for ever."""

    class Nowhere:
        async def admission(self) -> Admission:
            return Admission("http://127.0.0.1:9/whip/1", "ticket")

    async with httpx.AsyncClient() as http:
        with pytest.raises(StageUnreachable, match="ConnectError"):
            await WhipClient(http, Nowhere()).post("v=0")
