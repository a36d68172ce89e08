"""What a moderator does to a broadcast on the air: at once, with a reason, on record, and never to their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore, MarkStore
from rostra.broadcast.lifecycle import IllegalMove, NotPaused, PausedByModerator
from rostra.flows.command_stage import MutedByModerator, NoRoom, command_stage
from rostra.flows.complain import Grounds, complain
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.moderate_live import EndsForGood, NotMuted, RoomAct, RoomWish, act_in_room, open_live_case
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors, pause, resume
from rostra.flows.read_cases import decisions_about, open_case, reasons_for
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.flows.switch_captions import switch_captions
from rostra.media import wire
from rostra.media.wire import Act as StageAct
from rostra.media.wire import Airing, CommandReply, Phase, StageCommand
from rostra.network.accounts import Role, Viewer
from rostra.platform.errors import Forbidden, Invalid
from rostra.safety.cases import Status
from rostra.safety.decisions import Source
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Kind, Measure
from rostra.safety.restrictions import Subject as Restricted
from rostra.safety.restrictions.store import RestrictionStore
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish
from tests.kit.safety import Tray, a_notice, case_of, decide, somebody, verdict

pytestmark = on_sqlite


@pytest.fixture
async def ada(house: House) -> Viewer:
    return await somebody(house, "ada", Role.ORGANISER, email="ada@example.org")


@pytest.fixture
async def mo(house: House) -> Viewer:
    return await somebody(house, "mo", Role.MODERATOR)


@pytest.fixture
async def live(house: House, ada: Viewer) -> Broadcast:
    """On the air for a minute, with a delay of ten seconds and a stage that does as it is told."""

    async def stage(payload: bytes) -> bytes:
        command = msgspec.json.decode(payload, type=StageCommand)
        return msgspec.json.encode(CommandReply(ok=True, removed_s=command.seconds))

    wish = replace(a_wish(house.clock.now() + timedelta(minutes=5)), delay_s=10)
    made = await schedule_broadcast(house, wish, by=ada)
    await open_doors(house, made.id, by=ada)
    await go_live(house, made.id, by=ada)
    assert isinstance(house.clock, FakeClock)
    house.clock.jump(seconds=60)
    await house.bus.answer(wire.command_subject(str(made.id)), stage)
    return made


def wish(act: RoomAct, reason: str = "Names a private person.", **more: object) -> RoomWish:
    return RoomWish(act=act, reason=reason, **more)  # type: ignore[arg-type]


async def phase(house: House, broadcast: Broadcast) -> Phase:
    async with house.database.reading() as session:
        return (await BroadcastStore(session).get(broadcast.id)).phase


async def test_acts_in_the_room_are_told_and_written_down(
    house: House, live: Broadcast, mo: Viewer, tray: Tray
) -> None:
    seat = live.host_speaker_id
    await act_in_room(house, mo, live.id, wish(RoomAct.MUTE, speaker_id=seat))
    await act_in_room(house, mo, live.id, wish(RoomAct.UNMUTE, speaker_id=seat))
    assert await act_in_room(house, mo, live.id, wish(RoomAct.DUMP, seconds=8.0)) == 8
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    assert await phase(house, live) is Phase.PAUSED
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    assert await phase(house, live) is Phase.LIVE
    letters = await tray.collect(house, "ada@example.org")
    assert len(letters) == 5
    assert "last 8 seconds was removed" in letters[2]
    assert all("Names a private person." in each for each in letters)
    assert ["It cannot be undone." in each for each in letters] == [False, False, True, False, False]
    async with house.database.reading() as session:
        found = [each for each in await LedgerStore(session).entries() if each.content.act is Act.LIVE_ACT]
    entries = sorted(found, key=lambda each: each.content.n)
    assert [each.content.facts["done"] for each in entries] == ["mute", "unmute", "dump", "pause", "resume"]


async def test_a_moderators_mute_binds_the_host(house: House, live: Broadcast, ada: Viewer, mo: Viewer) -> None:
    """The airing says it, so whichever stage holds the room, now or next, knows it; a rebuilt bus does, too."""
    seat = live.host_speaker_id
    assert seat is not None
    await act_in_room(house, mo, live.id, wish(RoomAct.MUTE, speaker_id=seat))
    assert await mutes_on_bus(house, live) == (str(seat),)
    with pytest.raises(MutedByModerator) as refused:
        await command_stage(house, live.id, StageAct.UNMUTE, seat, by=ada)
    assert "only a moderator" in refused.value.user_message
    with pytest.raises(Recused):
        await act_in_room(house, replace(ada, role=Role.OWNER), live.id, wish(RoomAct.UNMUTE, speaker_id=seat))
    await go_on(house, live, by=ada)
    await rebuild_bus(house)
    assert await mutes_on_bus(house, live) == (str(seat),)
    await act_in_room(house, mo, live.id, wish(RoomAct.UNMUTE, speaker_id=seat))
    assert await mutes_on_bus(house, live) == ()
    await command_stage(house, live.id, StageAct.UNMUTE, seat, by=ada)
    with pytest.raises(NotMuted):
        await act_in_room(house, mo, live.id, wish(RoomAct.UNMUTE, speaker_id=seat))


async def test_a_mute_waits_for_no_stage(house: House, ada: Viewer, mo: Viewer) -> None:
    """The stage is dead: whichever comes next obeys."""
    made = await schedule_broadcast(house, a_wish(house.clock.now() + timedelta(minutes=5)), by=ada)
    await open_doors(house, made.id, by=ada)
    await act_in_room(house, mo, made.id, wish(RoomAct.MUTE, speaker_id=made.host_speaker_id))
    assert await mutes_on_bus(house, made) == (str(made.host_speaker_id),)


async def test_a_moderators_pause_binds_the_host(house: House, live: Broadcast, ada: Viewer, mo: Viewer) -> None:
    """What the host changes otherwise lifts it as little; ending stays theirs."""
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    with pytest.raises(PausedByModerator) as refused:
        await resume(house, live.id, by=ada)
    assert "only a moderator" in refused.value.user_message
    owner = await somebody(house, "olga", Role.OWNER)
    for who in (owner, mo, None):
        with pytest.raises(Forbidden if who is mo else PausedByModerator):
            await resume(house, live.id, by=who)
    with pytest.raises(IllegalMove):
        await go_live(house, live.id, by=None)
    with pytest.raises(Recused):
        await act_in_room(house, replace(ada, role=Role.OWNER), live.id, wish(RoomAct.RESUME))
    await switch_captions(house, live.id, on=False, by=ada)
    assert await phase(house, live) is Phase.PAUSED
    with pytest.raises(PausedByModerator):
        await resume(house, live.id, by=ada)
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    assert await phase(house, live) is Phase.LIVE
    await go_on(house, live, by=ada)
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    await end_broadcast(house, live.id, by=ada)
    assert await phase(house, live) is Phase.ENDED


async def test_a_pause_of_the_host_becomes_a_moderators(house: House, live: Broadcast, ada: Viewer, mo: Viewer) -> None:
    """Whoever pauses first does not escape one, and a moderator puts nobody on the air who has left it."""
    await pause(house, live.id, by=ada)
    with pytest.raises(NotPaused):
        await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    with pytest.raises(IllegalMove, match="pause"):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    with pytest.raises(PausedByModerator):
        await resume(house, live.id, by=ada)
    async with house.database.reading() as session:
        marks = await MarkStore(session).of_broadcast(live.id)
    assert [each.kind for each in marks] == ["pause"]
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    assert await phase(house, live) is Phase.LIVE


async def go_on(house: House, broadcast: Broadcast, *, by: Viewer) -> None:
    """What a host does otherwise writes the broadcast anew."""
    await pause(house, broadcast.id, by=by)
    await resume(house, broadcast.id, by=by)


async def mutes_on_bus(house: House, broadcast: Broadcast) -> tuple[str, ...]:
    while await house.relay.send_batch():
        pass
    found = await house.bus.get(wire.AIRINGS, str(broadcast.id), Airing)
    assert found is not None
    return found[0].moderator_mutes


async def test_an_end_asks_twice_and_is_told_as_final(house: House, live: Broadcast, mo: Viewer, tray: Tray) -> None:
    with pytest.raises(Invalid, match="no reason"):
        await act_in_room(house, mo, live.id, wish(RoomAct.END, " ", is_sure=True))
    with pytest.raises(EndsForGood):
        await act_in_room(house, mo, live.id, wish(RoomAct.END))
    with pytest.raises(Invalid, match="rule"):
        await act_in_room(house, mo, live.id, wish(RoomAct.END, is_sure=True))
    assert await phase(house, live) is Phase.LIVE
    assert await tray.collect(house, "ada@example.org") == [], "nothing was done, so nothing is told"
    await act_in_room(house, mo, live.id, wish(RoomAct.END, is_sure=True, rule="No private data"))
    assert await phase(house, live) is Phase.ENDED
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "has ended the broadcast while it was on the air. This cannot be undone" in letter
    assert "Names a private person." in letter
    assert "It is against a rule of this place" in letter
    assert "No private data" in letter
    assert "If you think that we are wrong, complain here" in letter
    async with house.database.reading() as session:
        (entry,) = [each for each in await LedgerStore(session).entries() if each.content.act is Act.LIVE_ACT]
    assert entry.content.facts["done"] == "end"
    with pytest.raises(IllegalMove):
        await act_in_room(house, mo, live.id, wish(RoomAct.END))


async def test_whoever_owns_it_complains_about_an_end(house: House, live: Broadcast, mo: Viewer, ada: Viewer) -> None:
    """It is a decision like any other, on record, about which somebody else decides."""
    await act_in_room(house, mo, live.id, wish(RoomAct.END, is_sure=True, rule="No private data"))
    (decision,) = await decisions_about(house, ada)
    assert (decision.by, decision.source) == (mo.account_id, Source.VOLUNTARY)
    reasons = await reasons_for(house, ada, decision.id)
    assert [each.element for each in reasons.statement.sections] == ["a", "a", "b", "c", "e", "f"]
    assert reasons.may_complain_until is not None
    grounds = Grounds(text="Nobody was named.")
    await complain(house, ada, decision.id, grounds, address="192.0.2.7", limits=NoticeLimits.new(house.clock))
    file = await open_case(house, judge_of(mo), decision.case_id)
    assert (file.standing.status, file.bias) == (Status.IN_COMPLAINT, Bias.OWN_DECISION)
    async with house.database.reading() as session:
        acts = {each.content.act for each in await LedgerStore(session).entries()}
    assert {Act.LIVE_ACT, Act.DECISION_MADE} <= acts


async def test_an_end_is_told_where_somebody_else_has_the_case(
    house: House, live: Broadcast, mo: Viewer, tray: Tray
) -> None:
    other = await somebody(house, "mia", Role.MODERATOR)
    await open_live_case(house, other, live.id)
    await act_in_room(house, mo, live.id, wish(RoomAct.END, is_sure=True, rule="No private data"))
    assert await phase(house, live) is Phase.ENDED
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "The broadcast was ended." in letter
    assert "It cannot be undone." in letter


async def test_an_end_answers_no_notice_in_passing(house: House, live: Broadcast, mo: Viewer, tray: Tray) -> None:
    filed = await a_notice(house, f"{house.membership.site_url}/b/{live.slug}")
    await act_in_room(house, mo, live.id, wish(RoomAct.END, is_sure=True, rule="No private data"))
    assert (await open_case(house, judge_of(mo), case_of(filed))).standing.status is Status.OPEN
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "The broadcast was ended." in letter


async def test_a_press_opens_a_case_whose_decision_silences_the_span(
    house: House, live: Broadcast, mo: Viewer, tray: Tray
) -> None:
    """The case is the moderator's own for a while, with evidence; its decision has reasons and a way to complain."""
    case_id = await open_live_case(house, mo, live.id, last_s=20)
    file = await open_case(house, judge_of(mo), case_id)
    assert (file.case.source, file.case.claimed_by) == (Source.VOLUNTARY, mo.account_id)
    assert [each.kind for each in file.evidence] == ["content"]
    await decide(house, judge_of(mo), case_id, verdict(file.case.subject.key, Measure.SILENCE))
    async with house.database.reading() as session:
        standing = await RestrictionStore(session).standing(Restricted(Kind.BROADCAST, live.id), house.clock.now())
    (restriction,) = standing.restrictions
    assert restriction.span is not None
    assert (restriction.span.end - restriction.span.start) // 48_000 == 20
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "Section 111 of the Criminal Code" in letter
    assert await open_live_case(house, mo, live.id) != case_id


async def test_not_without_a_reason_not_on_ones_own_not_when_it_is_over(
    house: House, live: Broadcast, mo: Viewer, ada: Viewer
) -> None:
    with pytest.raises(Invalid, match="no reason"):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE, "  \n "))
    with pytest.raises(Invalid, match="no speaker"):
        await act_in_room(house, mo, live.id, wish(RoomAct.MUTE))
    with pytest.raises(Forbidden):
        await act_in_room(house, ada, live.id, wish(RoomAct.PAUSE))
    with pytest.raises(Invalid):
        await open_live_case(house, mo, live.id, last_s=3_000)
    own = replace(ada, role=Role.OWNER)
    for act in (
        act_in_room(house, own, live.id, wish(RoomAct.PAUSE)),
        act_in_room(house, own, live.id, wish(RoomAct.END, is_sure=True, rule="No ads")),
        open_live_case(house, own, live.id),
    ):
        with pytest.raises(Recused):
            await act
    assert await phase(house, live) is Phase.LIVE
    await end_broadcast(house, live.id, by=ada)
    assert isinstance(house.clock, FakeClock)
    house.clock.jump(seconds=60)
    with pytest.raises(NoRoom):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
