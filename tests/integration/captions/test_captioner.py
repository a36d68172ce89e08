"""Captions of speech on a real bus by the real engine, the small model that comes with the requirements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise
from threading import Event
from typing import Any, cast

import msgspec
import numpy as np
import pytest

from rostra.apps.captions import Captions
from rostra.apps.channels import ensure_channels
from rostra.apps.settings_reading import load
from rostra.captions.captioner import Captioner
from rostra.captions.engine import RATE_HZ, Sound, Word
from rostra.captions.whisper import Whisper
from rostra.media import wire
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from tests.kit.programme import publish
from tests.kit.speech import TEXT, for_engine, programme, wrong_words


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper.load("bundled", language="en", threads=1)


def an_airing(broadcast_id: str, parts: int) -> wire.Airing:
    """A broadcast that has just ended, `parts` long."""
    now_us, part_us = SystemClock().now_us(), 512_000
    return wire.Airing(
        broadcast_id=broadcast_id,
        slug="an-evening",
        title="An evening",
        phase=wire.Phase.ENDED,
        starts_us=now_us - parts * part_us,
        anchor_us=now_us - parts * part_us,
        ended_us=now_us - part_us // 2,
        captions="en",
    )


async def on_the_bus(bus: Bus, broadcast_id: str) -> wire.Airing:
    """An evening of which the bus still holds everything."""
    clock = an_airing(broadcast_id, 1).clock()
    assert clock is not None
    parts = programme(clock)
    airing = an_airing(broadcast_id, len(parts))
    for part in parts:
        await publish(bus, airing, part)
    return airing


async def captions_of(bus: Bus, airing: wire.Airing, *, until: int | None = None) -> list[wire.Captioned]:
    """What was said about a broadcast, up to its end or to the first `until` messages."""
    found: list[wire.Captioned] = []
    payloads = cast("AsyncGenerator[bytes, None]", bus.follow(wire.captions_subject(airing.broadcast_id)))
    async with aclosing(payloads):
        async for payload in payloads:
            found.append(msgspec.json.decode(payload, type=wire.Captioned))
            if len(found) == until or found[-1].start == found[-1].end:
                break
    return found


def checked(found: list[wire.Captioned]) -> str:
    """All the text, of cues that follow each other."""
    cues = [cue for each in found for cue in each.cues]
    assert all(one.end <= two.start for one, two in pairwise(cues))
    return " ".join(cue.text for cue in cues)


async def test_two_broadcasts_share_one_engine_and_the_last_words_come(bus: Bus, whisper: Whisper) -> None:
    await ensure_channels(bus, window=timedelta(seconds=300))
    airings = [await on_the_bus(bus, name) for name in ("1", "2")]
    captioner = Captioner(bus, SystemClock(), whisper, "one")
    captioner.start()
    for airing in airings:
        captioner.airing(airing)
    async with asyncio.timeout(60):
        for airing in airings:
            text = checked(await captions_of(bus, airing))
            assert wrong_words(TEXT, text) < 0.15, text
            assert "fish come back" in text
    await captioner.close()


async def test_another_process_goes_on_where_one_stood_still(bus: Bus, whisper: Whisper) -> None:
    """Two more take over in the middle: one of them says the rest, and nothing is said twice."""
    await ensure_channels(bus, window=timedelta(seconds=300))
    airing, engine = await on_the_bus(bus, "3"), Halting(whisper)
    first, *others = (
        Captioner(bus, SystemClock(), each, name) for name, each in zip("abc", (engine, whisper, whisper), strict=True)
    )
    try:
        async with asyncio.timeout(40):
            first.start()
            first.airing(airing)
            before = await captions_of(bus, airing, until=1)
            await first.close()
            for captioner in others:
                captioner.start()
                captioner.airing(airing)
            found = await captions_of(bus, airing)
    finally:
        engine.gone.set()
        for captioner in others:
            await captioner.close()
    assert found[: len(before)] == before
    text = checked(found)
    assert wrong_words(TEXT, text) < 0.15, text


async def test_captions_that_are_off_cost_nothing_and_what_was_said_then_stays_unwritten(
    bus: Bus, whisper: Whisper
) -> None:
    """The host turns them on in the middle: only what is heard from then on has captions."""
    await ensure_channels(bus, window=timedelta(seconds=300))
    airing, other = [await on_the_bus(bus, name) for name in ("4", "5")]
    off, middle_s = msgspec.structs.replace(airing, captions=""), 12
    captioner = Captioner(bus, SystemClock(), whisper, "one")
    try:
        async with asyncio.timeout(60):
            captioner.start()
            captioner.airing(airing)
            captioner.airing(off)
            captioner.airing(other)
            await captions_of(bus, other)
            assert await bus.last(wire.CAPTIONS_STREAM, wire.captions_subject(airing.broadcast_id)) is None
            captioner.airing(
                msgspec.structs.replace(airing, captions_us=(airing.anchor_us or 0) + middle_s * 1_000_000)
            )
            found = await captions_of(bus, airing)
    finally:
        await captioner.close()
    assert found[0].start >= middle_s * 48_000
    assert "fish come back" in checked(found)


class Halting:
    """The engine of a process that stands still after its first window."""

    def __init__(self, whisper: Whisper) -> None:
        self.gone = Event()
        self._whisper = whisper
        self._windows = 0

    def words(self, sound: Sound) -> list[Word]:
        self._windows += 1
        if self._windows > 1:
            self.gone.wait()
            return []
        return self._whisper.words(sound)


def noises() -> Iterator[tuple[str, Any]]:
    times = np.arange(8 * RATE_HZ) / RATE_HZ
    random = np.random.default_rng(3)
    yield "silence", np.zeros(len(times))
    yield "hum", 0.1 * np.sin(2 * np.pi * 50 * times)
    yield "tone", 0.3 * np.sin(2 * np.pi * 440 * times)
    yield "noise", 0.05 * random.standard_normal(len(times))
    chords = [(262, 330, 392), (294, 370, 440), (247, 311, 392), (262, 330, 523)]
    bars = [sum(np.sin(2 * np.pi * hz * times[: 2 * RATE_HZ]) for hz in chord) for chord in chords]
    yield "music", 0.1 * np.concatenate(bars) * (1 + np.sin(2 * np.pi * 2 * times)) / 2


@pytest.mark.parametrize(("name", "sound"), list(noises()))
def test_nothing_is_imagined(whisper: Whisper, name: str, sound: Any) -> None:
    """Whisper would thank the silence for watching."""
    assert whisper.words(sound.astype(np.float32)) == []


def test_words_are_where_they_are_said(whisper: Whisper) -> None:
    """Half a second of silence before the sentence moves every word by half a second."""
    sound = for_engine("Good evening and welcome to the forum.")
    first = whisper.words(sound)
    later = whisper.words(np.append(np.zeros(RATE_HZ // 2, np.float32), sound))
    assert [word.text for word in first] == [word.text for word in later]
    assert later[3].start_s - first[3].start_s == pytest.approx(0.5, abs=0.2)


async def test_the_house_runs_without_its_model(bus: Bus) -> None:
    """The process stays, and its beat tells the host's page what is missing."""
    await ensure_channels(bus, window=timedelta(seconds=300))
    settings = load(environment={}, captions="/nowhere/at/all")
    captions = Captions(settings, bus, SystemClock())
    running = asyncio.ensure_future(captions.run())
    async with asyncio.timeout(20):
        async for change in bus.watch(wire.PROCESSES):
            if change is not None and change.value is not None:
                beat = msgspec.json.decode(change.value, type=wire.ProcessBeat)
                if any("/nowhere/at/all is no speech model" in text for text in beat.warnings):
                    break
    assert not running.done()
    running.cancel()
    await captions.close()
