"""A whole stage process inside the test: real NATS, real HTTP, real WebRTC over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from rostra.apps.channels import ensure_channels
from rostra.apps.ports import free_port
from rostra.cli.whip_client import Admission, WhipClient
from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.part import Part, decode_part
from rostra.media.wire import AIRINGS, KEYS, REVOKED, Airing, Phase, SigningKeys, StageState, parts_subject
from rostra.platform.bus import Bus
from rostra.platform.files import FileStore
from rostra.shield.tickets import TicketClass, mint, new_key
from rostra.stage.ice import MediaAddresses
from rostra.stage.opus import Pcm
from rostra.stage.recorder import Vault
from rostra.stage.rooms import Rooms, StageIdentity
from rostra.stage.seat import Seat, Speaker
from rostra.stage.sessions import Sessions
from rostra.stage.voice import Voice
from rostra.stage.whip_speaker import WhipSpeaker
from rostra.web.whip.app import create_app
from rostra.web.whip.desk import Desk, WhipSettings
from tests.kit.clock import PatientClock
from tests.kit.ending import call_off

BROADCAST = "7001"
ADDRESSES = MediaAddresses(addresses=("127.0.0.1",))


class Stage:
    """One stage and the site's part of its world: airings, keys, tickets."""

    def __init__(
        self,
        bus: Bus,
        folder: Path,
        name: str = "stage-a",
        keys: SigningKeys | None = None,
        *,
        settings: WhipSettings | None = None,
        addresses: MediaAddresses = ADDRESSES,
        clock: PatientClock | None = None,
    ) -> None:
        self.bus = bus
        self.clock = clock or PatientClock()
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.keys = keys or SigningKeys(current=new_key())
        self.vault = Vault(folder / "recordings", FileStore(folder / "files"))
        self.rooms = Rooms(bus, self.clock, self.vault, StageIdentity(name, self.url))
        self.sessions = Sessions(self.rooms, self.clock, addresses)
        desk = Desk(self.rooms, self.sessions, self.clock, settings or WhipSettings(self.url))
        self._server = Server(
            create_app(desk), address="127.0.0.1", port=self.port, interface=Interfaces.ASGI, log_enabled=False
        )
        self._serving: asyncio.Task[None] | None = None
        self.http = httpx.AsyncClient(base_url=self.url, timeout=60)

    async def start(self) -> None:
        await ensure_channels(self.bus, window=timedelta(seconds=60))
        await self.bus.put(KEYS, "speaker", self.keys)
        self.sessions.start()
        self.rooms.start()
        self._serving = asyncio.ensure_future(self._server.serve())
        await until(self._is_ready)

    async def _is_ready(self) -> bool:
        try:
            return (await self.http.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    async def stop(self) -> None:
        await self.rooms.close()
        await self.sessions.close()
        await self.http.aclose()
        self._server.stop()
        if self._serving is not None:
            await self._serving

    async def air(self, phase: Phase = Phase.DOORS_OPEN, **changes: object) -> Airing:
        """Write the airing as the site would, and wait until the stage has followed."""
        known = await self.bus.get(AIRINGS, BROADCAST, Airing)
        fields: dict[str, object] = {"broadcast_id": BROADCAST, "slug": "talk", "title": "Talk", "starts_us": 0}
        fields["anchor_us"] = known[0].anchor_us if known else self.clock.now_us()
        fields["live_us"] = known[0].live_us if known else None
        if phase is Phase.LIVE and fields["live_us"] is None:
            fields["live_us"] = self.clock.now_us()
        airing = Airing(**(fields | changes), phase=phase)  # type: ignore[arg-type]
        await self.bus.put(AIRINGS, BROADCAST, airing)
        if phase.has_stage:
            await until(lambda: any(each.room.airing.phase is phase for each in self.rooms.performances))
        return airing

    async def revoke(self, speaker_id: str) -> None:
        await self.bus.put(REVOKED, speaker_id, b"")

    def ticket(self, speaker_id: str, *, broadcast_id: str = BROADCAST, **options: object) -> str:
        arguments = {"ticket_class": TicketClass.SPEAKER, "name": speaker_id.title(), "now": self.clock.now()} | options
        return mint(self.keys, broadcast_id=broadcast_id, speaker_id=speaker_id, **arguments)  # type: ignore[arg-type]

    def bearer(self, speaker_id: str, **options: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ticket(speaker_id, **options)}"}

    def state(self) -> StageState:
        return self.rooms.performance(BROADCAST).state()

    def signalling(self, speaker_id: str) -> WhipClient:
        return WhipClient(self.http, _Admissions(self, speaker_id))

    def seat_a_tone(self, speaker_id: str, hz: float) -> Seat:
        """Somebody sits on stage who hums without a network: each block that the room makes holds 20 ms of the tone,
        however late the machine makes it. For tests of what becomes of the sound, not of how it came.
        """
        room = self.rooms.performance(BROADCAST).room
        speaker = Speaker(speaker_id, speaker_id.title(), host=False)
        seat = room.join(speaker, _NoLine(), now_us=self.clock.now_us(), now=self.clock.monotonic())
        seat.voice = _Humming(hz)
        return seat


class _NoLine:
    """The way to the ears of somebody who does not listen."""

    def send(self, packet: bytes, block: int) -> None: ...

    async def close(self) -> None: ...


class _Humming(Voice):
    def __init__(self, hz: float) -> None:
        super().__init__()
        self._tone = tone(hz)

    def heard_within(self, seconds: float, now: float) -> bool:
        return True

    def block(self, now: float) -> Pcm:
        return next(self._tone)


@dataclass(frozen=True)
class _Admissions:
    stage: Stage
    speaker_id: str

    async def admission(self) -> Admission:
        return Admission(f"{self.stage.url}/whip/{BROADCAST}", self.stage.ticket(self.speaker_id))


class WordlessClient(WhipClient):
    """A client whose cable is cut before it can say goodbye."""

    def __init__(self, http: httpx.AsyncClient, stage: Stage, speaker_id: str) -> None:
        super().__init__(http, _Admissions(stage, speaker_id))

    async def delete(self, session_url: str) -> None:
        return


@dataclass
class Guest:
    """A speaker with a tone of their own, who remembers the last second of what came back."""

    speaker_id: str
    hz: float
    speaker: WhipSpeaker
    heard: list[Pcm] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def level(self, hz: float) -> float:
        """How loud a tone is in the last second heard, dBFS."""
        return tone_dbfs(np.concatenate(self.heard[-50:]), hz) if len(self.heard) >= 50 else -200.0


def tone(hz: float, seconds: float = 3600.0, amplitude: float = 0.25) -> Iterator[Pcm]:
    phase = 2 * np.pi * hz / SAMPLE_RATE_HZ
    for block in range(int(seconds * SAMPLE_RATE_HZ / BLOCK_SAMPLES)):
        at = np.arange(block * BLOCK_SAMPLES, (block + 1) * BLOCK_SAMPLES)
        yield (amplitude * np.sin(phase * at)).astype(np.float32)


def tone_dbfs(pcm: Pcm, hz: float) -> float:
    """Amplitude of the tone `hz` in `pcm` (Goertzel by a dot product), dBFS."""
    at = np.arange(len(pcm)) * (2 * np.pi * hz / SAMPLE_RATE_HZ)
    amplitude = 2 * np.hypot(np.dot(pcm, np.cos(at)), np.dot(pcm, np.sin(at))) / len(pcm)
    return float(20 * np.log10(max(amplitude, 1e-10)))


async def until(true, seconds: float = 30.0) -> None:
    """Wait until something holds; the test fails when it does not. An idle machine needs a tenth of the time."""
    async with asyncio.timeout(seconds):
        while True:
            answer = true()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return
            await asyncio.sleep(0.02)


class Guests:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._all: list[Guest] = []

    async def invite(self, speaker_id: str, hz: float, stage: Stage | None = None, *, signs_off: bool = True) -> Guest:
        """Somebody joins with a tone and stays until the test ends; signs_off: and says goodbye then."""
        heard: list[Pcm] = []
        stage = stage or self._stage
        signalling = stage.signalling(speaker_id) if signs_off else WordlessClient(stage.http, stage, speaker_id)
        speaker = WhipSpeaker(tone(hz), signalling, stage.clock, heard=heard.append, addresses=ADDRESSES)
        guest = Guest(speaker_id, hz, speaker, heard)
        guest.task = asyncio.ensure_future(speaker.run())
        self._all.append(guest)
        await until(lambda: speaker.figures.connections > 0 or guest.task.done())
        if guest.task.done():
            guest.task.result()
        return guest

    async def leave(self, guest: Guest) -> None:
        await call_off(guest.task)

    async def close(self) -> None:
        for guest in self._all:
            if not guest.task.done():
                await self.leave(guest)


class Programme:
    """Follows the parts on the bus."""

    def __init__(self, bus: Bus) -> None:
        self.parts: list[Part] = []
        self._task = asyncio.ensure_future(self._follow(bus))

    async def _follow(self, bus: Bus) -> None:
        async for payload in bus.follow(parts_subject(BROADCAST, "aac64")):
            self.parts.append(decode_part(payload))

    async def more(self, count: int) -> list[Part]:
        """The next `count` parts."""
        have = len(self.parts)
        await until(lambda: len(self.parts) >= have + count)
        return self.parts[have : have + count]

    async def all_read(self, stage: Stage) -> None:
        """Wait until nothing lies on the bus that was not read, so that a bus without memory loses nothing of it."""
        await until(lambda: bool(self.parts) and self.parts[-1].index >= stage.state().part)

    async def from_now(self, stage: Stage, count: int) -> list[Part]:
        """The first `count` parts that the stage has not begun yet: all of them are as the airing now says.

        By the clock of the programme as well: where encoders are late, more than one has begun.
        """
        room = stage.rooms.performance(BROADCAST).room
        clock = room.airing.clock()
        assert clock is not None
        first = max(room.next_part, clock.part_at(stage.clock.now_us())) + 1
        await until(lambda: bool(self.parts) and self.parts[-1].index >= first + count - 1)
        found = [part for part in self.parts if first <= part.index < first + count]
        assert [part.index for part in found] == list(range(first, first + count))
        return found

    async def close(self) -> None:
        await call_off(self._task)


@pytest.fixture
async def stage(bus: Bus, tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(bus, tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def guests(stage: Stage) -> AsyncIterator[Guests]:
    made = Guests(stage)
    yield made
    await made.close()


@pytest.fixture
async def programme(stage: Stage) -> AsyncIterator[Programme]:
    made = Programme(stage.bus)
    yield made
    await made.close()


__all__ = ["Guest", "Guests", "Programme", "Stage"]
