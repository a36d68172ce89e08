"""A delay on a real stage and a real bus: held, released when due, dumped, and taken over by another stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from rostra.media.part import Part
from rostra.media.renditions import RENDITIONS
from rostra.media.wire import (
    DUMPED_SUBJECT,
    FACTS_STREAM,
    RECORDED_SUBJECT,
    Act,
    Airing,
    CommandReply,
    Dumped,
    Phase,
    Recorded,
    StageCommand,
    command_subject,
)
from rostra.platform.bus import Bus
from rostra.platform.tasks import Tasks
from rostra.stage.delay import Delays
from tests.integration.stage.conftest import BROADCAST, Programme, Stage, tone_dbfs, until

DELAY_S = 5
DELAY_PARTS = 10
PART_SAMPLES = 24_576
PART_S = PART_SAMPLES / 48_000
HZ = 440.0


async def on_air(stage: Stage) -> Airing:
    """As the site tells it: listeners hear the beginning a delay after the press."""
    live_us = stage.clock.now_us() + DELAY_PARTS * 512_000
    return await stage.air(Phase.LIVE, delay_s=DELAY_S, live_us=live_us)


async def ended(stage: Stage) -> Airing:
    """The press is a tenth of a second old when the stage hears of it."""
    known = stage.rooms.performances[0].room.airing
    ended_us = stage.clock.now_us() - 100_000 + DELAY_PARTS * 512_000
    return await stage.air(Phase.ENDED, delay_s=DELAY_S, live_us=known.live_us, ended_us=ended_us)


async def dump(bus: Bus, seconds: float) -> CommandReply:
    command = StageCommand(act=Act.DUMP, seconds=seconds)
    return msgspec.json.decode(
        await bus.request(command_subject(BROADCAST), msgspec.json.encode(command)), type=CommandReply
    )


def levels(parts: list[Part]) -> dict[int, float]:
    """How loud the tone is in each part, decoded in one go as a player does; dBFS."""
    codec = av.CodecContext.create("aac", "r")
    codec.sample_rate, codec.layout, codec.extradata = 48_000, "stereo", bytes((0x11, 0x90))
    found = {}
    for part in parts:
        frames = [pcm.to_ndarray()[0] for raw in part.frames for pcm in codec.decode(av.Packet(raw))]
        found[part.index] = tone_dbfs(np.concatenate(frames), HZ)
    return found


def all_loud(found: Iterable[float]) -> bool:
    """Whether there is something, and all of it sounds. (The speaker hums without a network: nothing is concealed.)"""
    found = list(found)
    return bool(found) and min(found) > -30


def said_us(stage: Stage) -> int:
    """How far the stage has come with what is said, in its own time: on a busy machine it is behind the wall clock."""
    [performance] = stage.rooms.performances
    clock = performance.room.clock
    return clock.anchor_us + (performance._said_to - DELAY_PARTS * clock.part_samples) * 1_000_000 // 48_000


@pytest.fixture
async def told(bus: Bus, stage: Stage) -> AsyncIterator[list[Recorded | Dumped]]:
    """What the site learns."""
    facts: list[Recorded | Dumped] = []
    tasks = Tasks()
    for subject, kind in ((RECORDED_SUBJECT, Recorded), (DUMPED_SUBJECT, Dumped)):

        async def take(payload: bytes, kind: type = kind) -> None:
            facts.append(msgspec.json.decode(payload, type=kind))

        tasks.spawn("facts", bus.work(FACTS_STREAM, subject, f"test-{kind.__name__}", take))
    yield facts
    await tasks.close()


async def test_what_is_said_is_heard_a_delay_later_and_what_was_dumped_never(
    stage: Stage, programme: Programme, told: list[Recorded | Dumped]
) -> None:
    """From the first word to the last: listeners, the recording and the track are of the same words."""
    await stage.air(Phase.DOORS_OPEN, delay_s=DELAY_S)
    assert (await dump(stage.bus, 5)).code == "nothing_held", "before the first word"
    airing = await on_air(stage)
    clock = airing.clock()
    assert clock is not None
    assert airing.live_us is not None
    begun_us = said_us(stage)
    said_from = clock.part_at(begun_us)
    stage.seat_a_tone("anna", HZ)
    await until(lambda: said_us(stage) > begun_us + 4_000_000)
    assert stage.state().held_s > 2
    for wrong in (0.0, -1.0, 1.9, 5.5, 1e9):
        assert (await dump(stage.bus, wrong)).code == "bad_dump"
    asked_us = said_us(stage)
    reply = await dump(stage.bus, 2)
    answered_us = said_us(stage)
    assert reply.ok
    assert reply.removed_s == pytest.approx(2)
    again = await dump(stage.bus, 2)
    assert again.removed_s <= (said_us(stage) - asked_us) / 1e6, "what is removed already is not counted again"
    assert stage.state().dumped_us is not None
    gap_end = clock.part_at(said_us(stage)) + DELAY_PARTS
    await until(lambda: said_us(stage) > answered_us + 5_000_000)
    [performance] = stage.rooms.performances
    end = clock.end_part((await ended(stage)).ended_us or 0)
    await until(lambda: performance.room.airing.phase is Phase.ENDED)
    late = await dump(stage.bus, 2)
    assert late.ok, "the last words can still be removed after the end"
    await until(lambda: any(isinstance(fact, Recorded) and fact.kind == "track" for fact in told), 20)
    heard = levels(programme.parts)
    assert list(heard) == list(range(min(heard), end)), "every part came once, in order, to the end"
    assert min(heard) <= said_from + 1, "from open doors there is something to play"
    silent = [index for index, level in heard.items() if level < -60]
    first_word = min(index for index in heard if index not in silent)
    assert first_word >= said_from + DELAY_PARTS - 1
    dumps = [fact for fact in told if isinstance(fact, Dumped)]
    assert len(dumps) == 2 + again.ok
    removed = dumps[0]
    assert (removed.until_us - removed.from_us) / 1e6 == pytest.approx(2, abs=0.001)
    assert asked_us - 1 <= removed.until_us <= answered_us + 1, "in the stage's time: what was said before the press"
    gap = range(clock.part_at(removed.from_us) + 1 + DELAY_PARTS, clock.part_at(removed.until_us) + DELAY_PARTS)
    assert len(gap) >= 2
    assert set(gap) <= set(silent), "the dumped seconds are silent"
    assert all_loud(heard[index] for index in range(first_word + 1, gap.start - 1))
    assert all(heard[index] < -60 for index in range(end - 3, end)), "the last words went, too"
    assert all_loud(heard[index] for index in range(gap_end + 1, end - 6)), "and nothing else"
    programme_fact = next(fact for fact in told if isinstance(fact, Recorded) and fact.kind == "programme")
    track_fact = next(fact for fact in told if isinstance(fact, Recorded) and fact.kind == "track")
    first = clock.part_at(airing.live_us)
    assert programme_fact.duration_ms == track_fact.duration_ms == round((end - first) * PART_S * 1000)
    for fact, floor in ((programme_fact, -60), (track_fact, -90)):
        with av.open(str(stage.vault.files.path(fact.file))) as file:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)]).astype(np.float64)
        sound = sound / 32768 if fact.kind == "track" else sound
        kept = {
            index: tone_dbfs(sound[(index - first) * PART_SAMPLES : (index - first + 1) * PART_SAMPLES], HZ)
            for index in range(first_word + 1, end - 7)
        }
        assert max(kept[index] for index in gap) < floor, fact.kind
        assert all_loud(kept[index] for index in kept if index < gap.start - 1), fact.kind
        assert all_loud(kept[index] for index in kept if index > gap_end), fact.kind


async def test_what_was_said_is_heard_although_the_stage_is_gone(
    stage: Stage, bus: Bus, tmp_path: Path, programme: Programme
) -> None:
    """The holder dies right after a dump: the other stage releases what was said, and not what was dumped."""
    await on_air(stage)
    standby = Stage(bus, tmp_path / "b", "stage-b", stage.keys, clock=stage.clock)
    await standby.start()
    try:
        begun_us = said_us(stage)
        stage.seat_a_tone("anna", HZ)
        await until(lambda: said_us(stage) > begun_us + 4_500_000)
        reply = await dump(bus, 2)
        assert reply.ok
        [performance] = stage.rooms.performances
        last = performance.room.next_part - 1
        delay = stage.rooms._delays.of(performance.room.airing)
        assert delay is not None
        [removed] = delay._line.dumps
        gap = range(removed.first // PART_SAMPLES + 1, min(last + 1, removed.end // PART_SAMPLES))
        assert len(gap) >= 2
        await kill(stage)
        await until(lambda: bool(programme.parts) and programme.parts[-1].index >= last)
        heard = levels(programme.parts)
        assert list(heard) == sorted(heard)
        sounding = [index for index, level in heard.items() if level > -20 and index < gap.start]
        assert sounding, "what was said before is heard"
        assert sounding == list(range(min(sounding), max(sounding) + 1)), "and without a hole"
        assert gap.start - max(sounding) <= 2, "up to what was dumped"
        assert max(heard[index] for index in gap) < -60
        await until(lambda: bool(standby.rooms.performances))
        assert (await dump(bus, 5)).ok or standby.state().held_s == 0
    finally:
        await standby.stop()


async def test_a_stage_that_starts_anew_reads_the_notes_first(bus: Bus, stage: Stage) -> None:
    """Parts that became due meanwhile wait until all notes were read: one of them may be of a dump."""
    await on_air(stage)
    await until(lambda: stage.state().held_s > 1)
    assert (await dump(bus, 5)).ok
    airing = stage.rooms.performances[0].room.airing
    known = stage.rooms._delays.of(airing)
    second = Delays(bus, stage.clock, stage.vault, list(RENDITIONS.values()))
    second.tend(airing)
    try:
        fresh = second.of(airing)
        assert fresh is not None
        assert not fresh._caught_up
        await until(lambda: fresh._caught_up)
        assert fresh._line.dumps == known._line.dumps != []
    finally:
        await second.close()


async def test_the_delay_survives_a_bus_that_goes_away(stage: Stage, own_nats, programme: Programme) -> None:
    """NATS dies with all that is held and comes back empty: the stage has it in memory and catches up."""
    await on_air(stage)
    await programme.more(2)
    await programme.all_read(stage)
    own_nats.kill()
    await asyncio.sleep(1)
    own_nats.start()
    before = len(programme.parts)
    await until(lambda: len(programme.parts) > before + 3, 30)
    indices = sorted({part.index for part in programme.parts})
    assert indices == list(range(indices[0], indices[-1] + 1))


async def kill(stage: Stage) -> None:
    """As a SIGKILL would: nothing is flushed, nobody says goodbye, the lease runs out."""
    for owner in (stage.rooms._tasks, stage.rooms._delays._tasks):
        await owner.close()
    for performance in stage.rooms.performances:
        await performance._tasks.close()
        await performance._answering.unsubscribe()
