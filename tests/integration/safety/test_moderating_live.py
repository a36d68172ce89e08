"""What a moderator does to a broadcast on the air: at once, with a reason, on record, and never to their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.flows.command_stage import NoRoom
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.moderate_live import RoomAct, RoomWish, act_in_room, restrict_at_once
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.flows.read_cases import open_case
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.media.wire import CommandReply, Phase, StageCommand
from rostra.network.accounts import Role, Viewer
from rostra.platform.errors import Forbidden, Invalid
from rostra.safety.cases import Status
from rostra.safety.decisions import Reasons, Source
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.recusal import Recused
from rostra.safety.restrictions import Kind, Measure, Subject
from rostra.safety.restrictions.store import RestrictionStore
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish
from tests.kit.safety import Tray, somebody, verdict

pytestmark = on_sqlite
REASONS: Reasons = verdict().reasons


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
    async with house.database.reading() as session:
        found = [each for each in await LedgerStore(session).entries() if each.content.act is Act.LIVE_ACT]
    entries = sorted(found, key=lambda each: each.content.n)
    assert [each.content.facts["done"] for each in entries] == ["mute", "unmute", "dump", "pause", "resume"]


async def test_a_span_is_silenced_by_a_decision_with_reasons(
    house: House, live: Broadcast, mo: Viewer, ada: Viewer, tray: Tray
) -> None:
    """In one step, and yet a case with evidence, a statement of reasons and a way to complain."""
    decision = await restrict_at_once(house, mo, live.id, Measure.SILENCE, REASONS, last_s=20, territories=("DE",))
    assert decision.source is Source.VOLUNTARY
    assert decision.in_force_at == house.clock.now()
    async with house.database.reading() as session:
        standing = await RestrictionStore(session).standing(Subject(Kind.BROADCAST, live.id), house.clock.now())
    (restriction,) = standing.restrictions
    assert restriction.territories == ("DE",)
    assert restriction.span is not None
    assert (restriction.span.end - restriction.span.start) // 48_000 == 20
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "Section 111 of the Criminal Code" in letter
    max_ = await somebody(house, "max", Role.MODERATOR)
    assert max_.account_id is not None
    file = await open_case(house, judge_of(max_), decision.case_id)
    assert file.standing.status is Status.DECIDED
    assert len(file.evidence) == 1


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
        await restrict_at_once(house, mo, live.id, Measure.SILENCE, REASONS, last_s=3_000)
    own = replace(ada, role=Role.OWNER)
    for act in (
        act_in_room(house, own, live.id, wish(RoomAct.PAUSE)),
        restrict_at_once(house, own, live.id, Measure.WITHHOLD, REASONS),
    ):
        with pytest.raises(Recused):
            await act
    assert await phase(house, live) is Phase.LIVE
    await end_broadcast(house, live.id, by=ada)
    assert isinstance(house.clock, FakeClock)
    house.clock.jump(seconds=60)
    with pytest.raises(NoRoom):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
