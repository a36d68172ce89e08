"""What a moderator does to a broadcast on the air: at once, with a reason, on record, and never to their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore, MarkStore
from rostra.broadcast.lifecycle import EndedByModerator, IllegalMove, NotEnded, NotPaused, PausedByModerator
from rostra.flows import moderate_live
from rostra.flows.command_stage import MutedByModerator, NoRoom, command_stage
from rostra.flows.complain import Grounds, complain, decide_complaint
from rostra.flows.hold_room import standing_on
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.moderate_live import act_in_room, open_live_case
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors, pause, resume
from rostra.flows.read_cases import decisions_about, open_case, reasons_for
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.room_acts import NotMuted, NotWithheld, RoomAct, RoomWish
from rostra.flows.run_schedule import Schedule
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.flows.switch_captions import switch_captions
from rostra.media import wire
from rostra.media.wire import Act as StageAct
from rostra.media.wire import Airing, CommandReply, HeldBy, Phase
from rostra.network.accounts import Role, Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Forbidden, Invalid
from rostra.platform.files import StorageFull
from rostra.safety.cases import Status
from rostra.safety.complaints import Outcome
from rostra.safety.decisions import Source
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.moments import MomentStore
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Kind, Measure, Restriction
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

    async def stage(_: bytes) -> bytes:
        return msgspec.json.encode(CommandReply(ok=True))

    wish = replace(a_wish(house.clock.now() + timedelta(minutes=5)), delay_s=10)
    made = await schedule_broadcast(house, wish, by=ada)
    await open_doors(house, made.id, by=ada)
    await go_live(house, made.id, by=ada)
    assert isinstance(house.clock, FakeClock)
    house.clock.jump(seconds=60)
    await house.bus.answer(wire.command_subject(str(made.id)), stage)
    return made


def wish(act: RoomAct, reason: str = "Names a private person.", **more: object) -> RoomWish:
    return RoomWish(act=act, reason=reason, **{"rule": "No private data", **more})  # type: ignore[arg-type]


async def phase(house: House, broadcast: Broadcast) -> Phase:
    async with house.database.reading() as session:
        return (await BroadcastStore(session).get(broadcast.id)).phase


async def test_every_act_is_undone_and_written_down(house: House, live: Broadcast, mo: Viewer, tray: Tray) -> None:
    """What restricts has a statement of reasons, what ends it a letter, and the ledger all of it."""
    seat = live.host_speaker_id
    await act_in_room(house, mo, live.id, wish(RoomAct.MUTE, speaker_id=seat))
    await act_in_room(house, mo, live.id, wish(RoomAct.UNMUTE, speaker_id=seat))
    assert await act_in_room(house, mo, live.id, wish(RoomAct.DUMP, seconds=8.0)) == 8
    (withheld,) = await standing(house, live, Measure.SILENCE)
    await act_in_room(house, mo, live.id, wish(RoomAct.GIVE_BACK, restriction_id=withheld.id))
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    assert await phase(house, live) is Phase.PAUSED
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    assert await phase(house, live) is Phase.LIVE
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    assert await phase(house, live) is Phase.LIVE
    assert await standing(house, live, *Measure) == [], "nothing is left of any of it"
    letters = await tray.collect(house, "ada@example.org")
    restricted, undone = letters[::2], letters[1::2]
    assert len(letters) == 8
    assert all("No private data" in each and "complain here until" in each for each in restricted)
    assert all("Names a private person." in each for each in letters)
    said = ["may be heard again", "taken our decision back", "The broadcast goes on.", "taken our decision back"]
    assert all(words in letter for words, letter in zip(said, undone, strict=True))
    async with house.database.reading() as session:
        found = [each for each in await LedgerStore(session).entries() if each.content.act is Act.LIVE_ACT]
    entries = sorted(found, key=lambda each: each.content.n)
    assert [each.content.facts["done"] for each in entries] == [each.value for each in RoomAct]
    assert [bool(each.content.facts["decision"]) for each in entries] == [
        True,
        False,
        True,
        True,
        True,
        False,
        True,
        True,
    ]


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
    return (await airing_on_bus(house, broadcast)).moderator_mutes


async def airing_on_bus(house: House, broadcast: Broadcast) -> Airing:
    while await house.relay.send_batch():
        pass
    found = await house.bus.get(wire.AIRINGS, str(broadcast.id), Airing)
    assert found is not None
    return found[0]


async def standing(house: House, broadcast: Broadcast, *measures: Measure) -> list[Restriction]:
    async with house.database.reading() as session:
        return await standing_on(session, broadcast.id, measures, house.clock.now())


async def test_an_end_is_in_force_at_once_and_final_only_later(
    house: House, live: Broadcast, ada: Viewer, mo: Viewer, tray: Tray
) -> None:
    """Nobody but a moderator lets it go on; a site that is killed loses nothing, since any site's schedule ends it."""
    clock = house.clock
    assert isinstance(clock, FakeClock)
    pressed_at = clock.now()
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    ended = await airing_on_bus(house, live)
    assert (ended.phase, ended.held_by) == (Phase.PAUSED, HeldBy.MODERATORS_END)
    for going_on in (resume(house, live.id, by=ada), act_in_room(house, mo, live.id, wish(RoomAct.RESUME))):
        with pytest.raises(EndedByModerator):
            await going_on
    with pytest.raises(EndedByModerator):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "was ended: everybody hears silence" in letter
    assert "Within 10 minutes a moderator can take it back" in " ".join(letter.split())
    clock.jump(minutes=9, seconds=59)
    await Schedule(house, lambda _: None).tick()
    assert await phase(house, live) is Phase.PAUSED
    clock.jump(seconds=1)
    await Schedule(house, lambda _: None).tick()
    assert await phase(house, live) is Phase.ENDED
    final = await airing_on_bus(house, live)
    assert final.recorded_until_us == to_us(pressed_at + live.delay), "the recording ends where it was ended"
    assert final.ended_us == clock.now_us(), "listeners wait for nothing any more"
    with pytest.raises(NoRoom):
        await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))


async def test_an_end_that_is_taken_back_leads_to_what_was_before(
    house: House, live: Broadcast, ada: Viewer, mo: Viewer
) -> None:
    """A pause of the host is still theirs, and one of a moderator still binds."""
    with pytest.raises(NotEnded):
        await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    await pause(house, live.id, by=ada)
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    assert await phase(house, live) is Phase.PAUSED
    await resume(house, live.id, by=ada)
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    with pytest.raises(PausedByModerator):
        await resume(house, live.id, by=ada)
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME))
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    await end_broadcast(house, live.id, by=ada)
    assert await phase(house, live) is Phase.ENDED, "ending for good stays the host's"


@pytest.mark.parametrize("act", [RoomAct.MUTE, RoomAct.PAUSE, RoomAct.END, RoomAct.DUMP])
async def test_a_complaint_that_is_right_lets_the_room_go(
    house: House, live: Broadcast, mo: Viewer, ada: Viewer, tray: Tray, act: RoomAct
) -> None:
    """Every element of Article 17(3), a complaint, somebody else who decides, and everything back at once."""
    await act_in_room(house, mo, live.id, wish(act, speaker_id=live.host_speaker_id, seconds=8.0))
    assert await held(house, live)
    (decision,) = await decisions_about(house, ada)
    assert (decision.by, decision.source) == (mo.account_id, Source.VOLUNTARY)
    reasons = await reasons_for(house, ada, decision.id)
    assert [each.element for each in reasons.statement.sections] == ["a", "a", "b", "c", "e", "f"]
    grounds = Grounds(text="Nobody was named.")
    made = await complain(house, ada, decision.id, grounds, address="192.0.2.7", limits=NoticeLimits.new(house.clock))
    file = await open_case(house, judge_of(mo), decision.case_id)
    assert (file.standing.status, file.bias) == (Status.IN_COMPLAINT, Bias.OWN_DECISION)
    other = judge_of(await somebody(house, "mia", Role.MODERATOR))
    answer = (house, other, made.id, Outcome.REVERSED, "Nobody was named.", verdict(why="It breaks no rule."))
    with pytest.raises(Recused):
        await decide_complaint(house, judge_of(mo), *answer[2:], version=file.standing.version)
    await decide_complaint(*answer, version=file.standing.version)
    assert not await held(house, live)
    assert await standing(house, live, *Measure) == []
    letters = await tray.collect(house, "ada@example.org")
    assert "You were right." in letters[-2] + letters[-1]
    assert ("was never on the air" in letters[-1]) is (act is not RoomAct.DUMP)


async def held(house: House, broadcast: Broadcast) -> bool:
    """Whether listeners are kept from anything."""
    on_bus = await airing_on_bus(house, broadcast)
    silent = await standing(house, broadcast, Measure.SILENCE)
    return bool(on_bus.moderator_mutes or on_bus.held_by or silent)


async def test_what_is_withheld_lies_ahead_of_what_is_heard(house: House, live: Broadcast, mo: Viewer) -> None:
    """It reaches edges as a span of media time before its first part does. The decision takes over from the press."""
    clock = (await airing_on_bus(house, live)).clock()
    assert clock is not None
    heard = clock.sample_at(house.clock.now_us())
    await act_in_room(house, mo, live.id, wish(RoomAct.DUMP, seconds=10))
    (found,) = await standing(house, live, Measure.SILENCE)
    assert found.span is not None
    assert found.span.start == heard // 48 * 48
    assert found.span.end == pytest.approx(heard + int(live.delay.total_seconds() * 48_000), abs=48)
    assert found.decision_id is not None
    with pytest.raises(NotWithheld):
        await act_in_room(house, mo, live.id, wish(RoomAct.GIVE_BACK, restriction_id=found.id + 1))
    with pytest.raises(Invalid, match="11"):
        await act_in_room(house, mo, live.id, wish(RoomAct.DUMP, seconds=11))


async def test_an_act_needs_a_rule_and_what_undoes_it_none(house: House, live: Broadcast, mo: Viewer) -> None:
    with pytest.raises(Invalid, match="rule"):
        await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE, rule=" "))
    assert await phase(house, live) is Phase.LIVE
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    await act_in_room(house, mo, live.id, wish(RoomAct.RESUME, rule=""))


async def test_an_act_stands_in_nobodys_way_and_answers_no_notice(
    house: House, live: Broadcast, mo: Viewer, tray: Tray
) -> None:
    """What others have flagged, or work on, is weighed by itself. The act has a case of its own, with the sound."""
    page = f"{house.membership.site_url}/b/{live.slug}"
    filed = [await a_notice(house, place) for place in (page, f"{page}#t=44,64")]
    await open_live_case(house, await somebody(house, "mia", Role.MODERATOR), live.id, last_s=20)
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    for each in filed:
        assert (await open_case(house, judge_of(mo), case_of(each))).standing.status is Status.OPEN
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "was ended: everybody hears silence" in letter
    async with house.database.reading() as session:
        assert await MomentStore(session).is_waiting("a worker", now=house.clock.now() + timedelta(minutes=2))


async def test_what_cannot_be_explained_is_done_all_the_same(
    house: House, live: Broadcast, mo: Viewer, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, so no evidence can be sealed and no case opened. A letter says it, and it can be undone."""

    async def full(*_: object) -> None:
        raise StorageFull("no space")

    monkeypatch.setattr(house.files, "put_several", full)
    await act_in_room(house, mo, live.id, wish(RoomAct.DUMP, seconds=8))
    (found,) = await standing(house, live, Measure.SILENCE)
    await act_in_room(house, mo, live.id, wish(RoomAct.GIVE_BACK, restriction_id=found.id))
    assert await standing(house, live, Measure.SILENCE) == []
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    assert await phase(house, live) is Phase.LIVE
    letters = await tray.collect(house, "ada@example.org")
    assert ["A moderator can undo it." in each for each in letters] == [True, False, True, False]


async def test_an_end_can_be_taken_back_although_somebody_has_complained(
    house: House, live: Broadcast, mo: Viewer, ada: Viewer
) -> None:
    """The room waits for ten minutes only. The complaint is answered all the same, by somebody else."""
    await act_in_room(house, mo, live.id, wish(RoomAct.END))
    (decision,) = await decisions_about(house, ada)
    grounds = Grounds(text="Nobody was named.")
    await complain(house, ada, decision.id, grounds, address="192.0.2.7", limits=NoticeLimits.new(house.clock))
    await act_in_room(house, mo, live.id, wish(RoomAct.TAKE_BACK))
    assert await phase(house, live) is Phase.LIVE
    assert await standing(house, live, *Measure) == []
    assert (await open_case(house, judge_of(mo), decision.case_id)).standing.status is Status.IN_COMPLAINT


async def test_nobody_gives_back_in_a_case_that_they_have_a_part_in(house: House, live: Broadcast, mo: Viewer) -> None:
    mia = await somebody(house, "mia", Role.MODERATOR)
    filed = await a_notice(house, f"{house.membership.site_url}/b/{live.slug}#t=44,64", by=mia)
    file = await open_case(house, judge_of(mo), case_of(filed))
    await decide(house, judge_of(mo), file.case.id, verdict(file.case.subject.key, Measure.SILENCE))
    (found,) = await standing(house, live, Measure.SILENCE)
    with pytest.raises(Recused):
        await act_in_room(house, mia, live.id, wish(RoomAct.GIVE_BACK, restriction_id=found.id))
    assert await standing(house, live, Measure.SILENCE) == [found]


async def test_a_site_that_is_killed_has_done_all_of_an_act_or_nothing(
    house: House, live: Broadcast, mo: Viewer, ada: Viewer, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies at the last moment: when everything is written and only the entry of the ledger is to come."""

    async def killed(*_: object, **__: object) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(moderate_live, "remember", killed)
        for act in (RoomAct.MUTE, RoomAct.PAUSE, RoomAct.END, RoomAct.DUMP):
            with pytest.raises(SystemError):
                await act_in_room(house, mo, live.id, wish(act, speaker_id=live.host_speaker_id, seconds=8.0))
    assert not await held(house, live)
    assert await standing(house, live, *Measure) == []
    assert await decisions_about(house, ada) == []
    assert await tray.collect(house) == []
    await act_in_room(house, mo, live.id, wish(RoomAct.PAUSE))
    assert await held(house, live)


async def test_a_case_does_not_mute(house: House, live: Broadcast, mo: Viewer) -> None:
    """Nothing would obey: these measures are for the live desk."""
    case_id = await open_live_case(house, mo, live.id)
    with pytest.raises(Invalid, match="in the room"):
        await decide(house, judge_of(mo), case_id, verdict(f"broadcast:{live.id}", Measure.PAUSE))


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
        act_in_room(house, own, live.id, wish(RoomAct.END)),
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
