"""Two stage processes on one bus: one holds the room, the other stands by. Real processes, real signals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import av
import httpx
import msgspec
import numpy as np
import pytest

from rostra.apps.channels import ensure_channels
from rostra.apps.ports import free_port
from rostra.cli.whip_client import Admission, WhipClient
from rostra.media.part import Part
from rostra.media.wire import (
    AIRINGS,
    FACTS_STREAM,
    KEYS,
    RECORDED_SUBJECT,
    ROOMS,
    Airing,
    Phase,
    Recorded,
    RoomLease,
    SigningKeys,
)
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.files import FileStore
from rostra.platform.tasks import Tasks
from rostra.shield.tickets import TicketClass, mint, new_key
from rostra.stage.whip_speaker import StageUnreachable, WhipSpeaker
from tests.integration.stage.conftest import ADDRESSES, BROADCAST, Programme, tone, tone_dbfs, until
from tests.kit.ending import call_off
from tests.kit.running import ROOT
from tests.kit.servers import Nats

ANNA_HZ = 440.0
PART_S = 24_576 / 48_000
SOUND_BACK_S = 8.0
"""An idle machine takes a third of it; more than this is no matter of load."""


@dataclass
class Pair:
    """Two `rostra stage` with one data folder, and the site's part: keys, airings, tickets for where the room is."""

    bus: Bus
    nats_url: str
    folder: Path
    keys: SigningKeys = field(default_factory=lambda: SigningKeys(current=new_key()))
    clock: SystemClock = field(default_factory=SystemClock)
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    tasks: Tasks = field(default_factory=Tasks)

    async def start(self) -> None:
        await ensure_channels(self.bus, window=timedelta(seconds=60))
        await self.bus.put(KEYS, "speaker", self.keys)
        now_us = self.clock.now_us()
        await self._air(
            Airing(
                broadcast_id=BROADCAST,
                slug="talk",
                title="Talk",
                phase=Phase.LIVE,
                starts_us=0,
                anchor_us=now_us,
                live_us=now_us,
            )
        )
        for _ in range(2):
            self._run(free_port())
            await until(self._leased)
        for port in self.processes:
            await until(lambda port=port: self._ready(port), 30)

    async def _air(self, airing: Airing) -> None:
        self.airing = airing
        await self.bus.put(AIRINGS, BROADCAST, airing)

    def _run(self, port: int) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRA_")}
        environment |= {"PYTHONPATH": str(ROOT / "src"), "ROSTRA_NATS_URL": self.nats_url}
        environment |= {"ROSTRA_DATA_DIR": str(self.folder), "ROSTRA_STAGE_PORT": str(port)}
        with (self.folder / f"stage-{port}.log").open("wb") as log:
            self.processes[port] = subprocess.Popen(
                [sys.executable, "-m", "rostra", "stage"], env=environment, cwd=self.folder, stdout=log, stderr=log
            )

    async def _ready(self, port: int) -> bool:
        async with httpx.AsyncClient() as http:
            with suppress(httpx.HTTPError):
                return (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        return False

    async def _leased(self) -> bool:
        return await self.holder() is not None

    async def holder(self) -> int | None:
        """The port of the stage that holds the room now."""
        found = await self.bus.get(ROOMS, BROADCAST, RoomLease)
        if found is None or found[0].until_us < self.clock.now_us():
            return None
        return httpx.URL(found[0].whip_url).port

    async def other_than(self, port: int) -> bool:
        """Whether another stage than the one at `port` holds the room."""
        return await self.holder() not in (None, port)

    async def admission(self) -> Admission:
        """As the site answers an invitation: a ticket, and where the room is."""
        port = await self.holder()
        if port is None:
            raise StageUnreachable("nobody holds the room")
        ticket = mint(
            self.keys,
            broadcast_id=BROADCAST,
            ticket_class=TicketClass.SPEAKER,
            speaker_id="anna",
            name="Anna",
            now=self.clock.now(),
        )
        return Admission(f"http://127.0.0.1:{port}/whip/{BROADCAST}", ticket)

    async def end(self) -> Airing:
        await self._air(msgspec.structs.replace(self.airing, phase=Phase.ENDED, ended_us=self.clock.now_us()))
        return self.airing

    async def stop(self) -> None:
        await self.tasks.close()
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
async def pair(bus: Bus, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Pair]:
    made = Pair(bus, own_nats.url, tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def programme(pair: Pair) -> AsyncIterator[Programme]:
    made = Programme(pair.bus)
    yield made
    await made.close()


@pytest.fixture
async def anna(pair: Pair) -> AsyncIterator[WhipSpeaker]:
    """Somebody who speaks without a pause and comes back by herself."""
    async with httpx.AsyncClient(timeout=60) as http:
        speaker = WhipSpeaker(tone(ANNA_HZ), WhipClient(http, pair), pair.clock, addresses=ADDRESSES)
        task = asyncio.ensure_future(speaker.run())
        yield speaker
        await call_off(task)


class Ears:
    """Decodes parts as they come, as a player does."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("aac", "r")
        self._codec.sample_rate, self._codec.layout = 48_000, "stereo"
        self._codec.extradata = bytes((0x11, 0x90))

    def sound(self, part: Part) -> np.ndarray:
        frames = [pcm for raw in part.frames for pcm in self._codec.decode(av.Packet(raw))]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames])


async def sounding(programme: Programme, after: int) -> tuple[Part, float]:
    """The first part behind `after` in which Anna is heard, and since when, seconds of media time."""
    ears, seen = Ears(), 0
    async with asyncio.timeout(30):
        while True:
            for part in programme.parts[seen:]:
                seen += 1
                sound = ears.sound(part)
                steps = [tone_dbfs(sound[at : at + 960], ANNA_HZ) for at in range(0, len(sound) - 959, 960)]
                hushed = [number for number, level in enumerate(steps) if level <= -30]
                since = hushed[-1] + 1 if hushed else 0  # a decoder's last frame may still sound behind a gap
                if part.index > after and since < len(steps):
                    return part, part.index * PART_S + since * 0.02
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
async def test_the_standby_takes_over_in_mid_sentence(
    pair: Pair, programme: Programme, anna: WhipSpeaker, blow: signal.Signals
) -> None:
    """Killed or asked to stop: the other stage has the room, the numbers go on, Anna comes back by herself.

    The recording is whole but for what nobody made.
    """
    facts: list[Recorded] = []

    async def take(payload: bytes) -> None:
        facts.append(msgspec.json.decode(payload, type=Recorded))

    pair.tasks.spawn("facts", pair.bus.work(FACTS_STREAM, RECORDED_SUBJECT, "test", take))
    before, _ = await sounding(programme, -1)
    first = await pair.holder()
    assert first is not None
    await programme.more(2)
    struck_s = (pair.clock.now_us() - pair.airing.anchor_us) / 1e6
    pair.processes[first].send_signal(blow)
    await until(lambda: pair.other_than(first))
    taken = pair.airing.clock().part_at(pair.clock.now_us())
    again, heard_s = await sounding(programme, taken)
    indices = [part.index for part in programme.parts]
    assert indices == sorted(set(indices)), "every number comes once, in order"
    print(f"{blow.name}: heard again {heard_s - struck_s:.2f} s later")
    assert heard_s - struck_s < SOUND_BACK_S
    assert anna.figures.connections == 2
    await programme.more(2)
    airing = await pair.end()
    await until(lambda: {fact.kind for fact in facts} == {"programme", "track"})
    end = airing.clock().end_part(airing.ended_us)
    made = {part.index for part in programme.parts}
    fact = next(fact for fact in facts if fact.kind == "programme")
    assert fact.parts_missing == end - len(made & set(range(end)))
    store = FileStore(pair.folder / "files")
    assert store.path(fact.file).stat().st_size == fact.size_bytes
    track = next(fact for fact in facts if fact.kind == "track")
    assert track.speaker_id == "anna"
    assert track.duration_ms == fact.duration_ms
    with av.open(str(store.path(track.file))) as file:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)]) / 32768
    part_samples = airing.clock().part_samples
    assert len(sound) == end * part_samples
    for part in (before, again):
        words = sound[(part.index + 1) * part_samples :][:part_samples]
        said = max(tone_dbfs(words[at : at + 960], ANNA_HZ) for at in range(0, len(words) - 959, 960))
        assert said > -15, "heard: on her track"
