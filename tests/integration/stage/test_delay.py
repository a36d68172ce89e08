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
from tests.integration.stage.conftest import BROADCAST, Guests, Programme, Stage, tone_dbfs, until

DELAY_S = 5
DELAY_PARTS = 10
PART_S = 24_576 / 48_000
HZ = 440.0


async def on_air(stage: Stage) -> Airing:
    """As the site tells it: listeners hear the beginning a delay after the press."""
    live_us = stage.clock.now_us() + DELAY_PARTS * 512_000
    return await stage.air(Phase.LIVE, delay_s=DELAY_S, live_us=live_us)


async def ended(stage: Stage) -> Airing:
    known = stage.rooms.performances[0].room.airing
    ended_us = stage.clock.now_us() + DELAY_PARTS * 512_000
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


def mostly_loud(found: Iterable[float]) -> bool:
    """A busy machine may conceal a packet of the speaker's; that is not what is looked at here."""
    found = list(found)
    return sum(level > -45 for level in found) >= 0.5 * len(found) > 0


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
    stage: Stage, guests: Guests, programme: Programme, told: list[Recorded | Dumped]
) -> None:
    """From the first word to the last: listeners, the recording and the track are of the same words."""
    await stage.air(Phase.DOORS_OPEN, delay_s=DELAY_S)
    assert (await dump(stage.bus, 5)).code == "nothing_held", "before the first word"
    airing = await on_air(stage)
    clock = airing.clock()
    assert clock is not None
    assert airing.live_us is not None
    await guests.invite("anna", HZ)
    said_from = clock.part_at(stage.clock.now_us())
    await until(lambda: stage.state().held_s > 4)
    for wrong in (0.0, -1.0, 1.9, 5.5, 1e9):
        assert (await dump(stage.bus, wrong)).code == "bad_dump"
    reply = await dump(stage.bus, 2)
    assert reply.ok
    assert reply.removed_s == pytest.approx(2)
    again = await dump(stage.bus, 2)
    assert again.removed_s < 1, "what is removed already is not counted again"
    assert stage.state().dumped_us is not None
    await programme.more(14)
    end = clock.end_part((await ended(stage)).ended_us or 0)
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
    assert abs(removed.until_us - removed.at_us) < 200_000, "in the stage's time: what was said just before the press"
    gap = range(clock.part_at(removed.from_us) + 1 + DELAY_PARTS, clock.part_at(removed.until_us) + DELAY_PARTS)
    assert len(gap) >= 2
    assert set(gap) <= set(silent), "the dumped seconds are silent"
    assert mostly_loud(heard[index] for index in range(first_word + 1, gap.start - 2))
    assert all(heard[index] < -60 for index in range(end - 3, end)), "the last words went, too"
    assert mostly_loud(heard[index] for index in range(gap.stop + 3, end - 7)), "and nothing else"
    programme_fact = next(fact for fact in told if isinstance(fact, Recorded) and fact.kind == "programme")
    track_fact = next(fact for fact in told if isinstance(fact, Recorded) and fact.kind == "track")
    first = clock.part_at(airing.live_us)
    assert programme_fact.duration_ms == track_fact.duration_ms == round((end - first) * PART_S * 1000)
    for fact, floor in ((programme_fact, -60), (track_fact, -90)):
        with av.open(str(stage.vault.files.path(fact.file))) as file:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)]).astype(np.float64)
        sound = sound / 32768 if fact.kind == "track" else sound
        kept = {
            index: tone_dbfs(sound[(index - first) * 24_576 : (index - first + 1) * 24_576], HZ)
            for index in range(first_word + 1, end - 7)
        }
        assert max(kept[index] for index in gap) < floor, fact.kind
        assert mostly_loud(kept[index] for index in kept if index < gap.start - 2), fact.kind
        assert mostly_loud(kept[index] for index in kept if index > gap.stop + 3), fact.kind


async def test_what_was_said_is_heard_although_the_stage_is_gone(
    stage: Stage, bus: Bus, tmp_path: Path, guests: Guests, programme: Programme
) -> None:
    """The holder dies right after a dump: the other stage releases what was said, and not what was dumped."""
    await on_air(stage)
    standby = Stage(bus, tmp_path / "b", "stage-b", stage.keys)
    await standby.start()
    try:
        await guests.invite("anna", HZ, signs_off=False)
        await until(lambda: stage.state().held_s > 4.5)
        reply = await dump(bus, 2)
        assert reply.ok
        [performance] = stage.rooms.performances
        last = performance.room.next_part - 1
        silent_from = last - 1
        await kill(stage)
        await until(lambda: bool(programme.parts) and programme.parts[-1].index >= last, 20)
        heard = levels(programme.parts)
        assert list(heard) == sorted(heard)
        sounding = [index for index, level in heard.items() if level > -20]
        assert sounding, "what was said before is heard"
        assert sounding == list(range(min(sounding), max(sounding) + 1)), "and without a hole"
        assert heard[silent_from] < -60, "but for what was dumped"
        assert max(sounding) < silent_from
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
