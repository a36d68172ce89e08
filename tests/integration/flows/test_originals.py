"""From the pieces of two browsers' recordings to an original: ordered, made, and taken over."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sqlalchemy import delete, select

from rostra.broadcast.originals import LocalPiece, Original, OriginalStore
from rostra.broadcast.schedule import airing
from rostra.flows.align_originals import NothingToAlign, align_now
from rostra.flows.house import House
from rostra.flows.invite_speaker import invite_speaker
from rostra.flows.issue_ticket import Seat, find_seat
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.flows.publish_recording import publish_recording
from rostra.flows.take_local_recording import announce_recording, take_piece
from rostra.flows.take_made import take_made
from rostra.media.jobs import Align, Aligned
from rostra.media.wire import Recorded
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Forbidden
from rostra.platform.outbox import OutboxRow
from rostra.stage.makers import make
from rostra.stage.workbench import Bench
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, a_stranger
from tests.kit.recordings import a_track, heard
from tests.kit.voices import OPUS_SAMPLES, RATE_HZ, as_recorded, through_opus, voice

RUN = "00112233445566ff"
PIECE = 5 * RATE_HZ
SECONDS = 30


class Evening:
    """A broadcast of half a minute in which Ada spoke; `spoken` begins when it went on the air."""

    def __init__(self, house: House, owner: Viewer, clock: FakeClock, folder: Path) -> None:
        self.house, self.owner, self.clock, self.folder = house, owner, clock, folder
        self.spoken = voice(SECONDS, seed=31)

    async def begin(self) -> None:
        made = await a_broadcast(self.house, self.owner)
        await open_doors(self.house, made.id, by=self.owner)
        self.clock.jump(seconds=20)
        await go_live(self.house, made.id, by=self.owner)
        self.invited = await invite_speaker(self.house, made.id, "Ada", by=self.owner)
        self.clock.jump(seconds=SECONDS)
        self.broadcast = await end_broadcast(self.house, made.id, by=self.owner)

    async def seat(self) -> Seat:
        return await find_seat(self.house, self.invited.token)

    async def tell_track(self) -> None:
        """What the stage says at the end: the track begins with the part in which the broadcast went live."""
        airs = airing(self.broadcast, self.house.shape)
        clock, live_us = airs.clock(), airs.live_us
        assert clock is not None
        assert live_us is not None
        lead = clock.sample_at(live_us) - clock.part_at(live_us) * clock.part_samples
        sound = np.concatenate([np.zeros(lead, dtype=np.int16), through_opus(self.spoken)]).astype(np.float32) / 32767
        path = a_track(self.folder / "track.flac", sound)
        size_bytes = path.stat().st_size
        self.lead = lead
        fact = Recorded(
            broadcast_id=str(self.broadcast.id),
            kind="track",
            speaker_id=str(self.invited.invitation.id),
            file=await self.house.files.adopt(path, "flac"),
            size_bytes=size_bytes,
            duration_ms=len(sound) // 48,
            parts_missing=0,
        )
        await publish_recording(self.house, msgspec.json.encode(fact))

    async def send(self, *numbers: int, seed: int | None = None) -> None:
        """Pieces of what the browser recorded, which ran 100 ppm fast; seed: of somebody else's."""
        assert self.broadcast.live_at is not None
        seat = await self.seat()
        sound = as_recorded(self.spoken if seed is None else voice(SECONDS, seed=seed), ppm=100)
        for number in numbers:
            part = sound[number * PIECE : (number + 1) * PIECE]
            content = a_track(self.folder / "piece.flac", part.astype(np.float32) / 32767).read_bytes()
            piece = LocalPiece(
                broadcast_id=seat.broadcast.id,
                speaker_id=seat.invitation.id,
                recording_id=RUN,
                piece=number,
                file="",
                size_bytes=0,
                first_sample=number * PIECE,
                samples=len(part),
                rate_hz=RATE_HZ,
                at_us=to_us(self.broadcast.live_at) + number * 5_000_000 + 200_000,
            )
            await take_piece(self.house, seat, piece, content, sha256=hashlib.sha256(content).digest())

    async def announce(self, pieces: int, *, whole: bool) -> None:
        await announce_recording(self.house, await self.seat(), RUN, pieces=pieces, whole=whole)

    async def orders(self) -> list[Align]:
        """What the site has ordered since the last time."""
        async with self.house.database.transaction() as session:
            ordered = OutboxRow.target == "jobs.align"
            rows = (await session.scalars(select(OutboxRow).where(ordered).order_by(OutboxRow.id))).all()
            await session.execute(delete(OutboxRow).where(ordered))
            return [msgspec.json.decode(row.payload, type=Align) for row in rows]

    async def make(self, job: Align) -> Original:
        """As the stage does it, and the site's side of the answer."""
        bench = Bench(self.house.files, self.folder, lambda _: None)
        made = await asyncio.to_thread(make, job, bench)
        assert isinstance(made, Aligned)
        await take_made(self.house, msgspec.json.encode(made))
        return await self.original()

    async def original(self) -> Original:
        async with self.house.database.reading() as session:
            (original,) = await OriginalStore(session).originals(self.broadcast.id)
        return original


@pytest.fixture
async def evening(house: House, owner: Viewer, clock: FakeClock, tmp_path: Path) -> Evening:
    made = Evening(house, owner, clock, tmp_path)
    await made.begin()
    return made


async def test_the_last_piece_sets_it_going(evening: Evening) -> None:
    """Pieces before the track, the end before the last piece: it is ordered once, when nothing is missing any more."""
    await evening.send(0, 1, 2, 4, 5)
    await evening.announce(6, whole=True)
    await evening.tell_track()
    assert await evening.orders() == []
    await evening.send(3)
    await evening.send(3)
    (job,) = await evening.orders()
    original = await evening.make(job)
    assert (original.trouble, original.pieces) == ("", 6)
    assert original.file is not None
    assert original.coverage > 0.9
    assert original.drift_ppm == pytest.approx(100, abs=40)
    sound = heard(evening.house.files.path(original.file))
    truth = np.concatenate([np.zeros(evening.lead + OPUS_SAMPLES), evening.spoken])[: len(sound)]
    middle = slice(5 * RATE_HZ, 25 * RATE_HZ)
    assert np.corrcoef(sound[middle], truth[middle])[0, 1] > 0.95
    await evening.announce(6, whole=True)
    assert await evening.orders() == []


async def test_the_host_need_not_wait(evening: Evening) -> None:
    """What is here is enough for the host; the rest is the track's. More pieces make it anew, a stranger nothing."""
    seat = evening.invited.invitation.id
    with pytest.raises(NothingToAlign):
        await align_now(evening.house, evening.broadcast.id, seat, by=evening.owner)
    await evening.send(0, 1, 2, 3)
    await evening.announce(6, whole=False)
    await evening.tell_track()
    assert await evening.orders() == []
    with pytest.raises(Forbidden):
        await align_now(evening.house, evening.broadcast.id, seat, by=a_stranger())
    await align_now(evening.house, evening.broadcast.id, seat, by=evening.owner)
    (job,) = await evening.orders()
    original = await evening.make(job)
    assert original.coverage == pytest.approx(2 / 3, abs=0.05)


@on_sqlite
async def test_somebody_elses_voice_is_refused(evening: Evening) -> None:
    """Everything was here before the track; the host reads why it cannot be used."""
    await evening.send(*range(6), seed=99)
    await evening.announce(6, whole=True)
    await evening.tell_track()
    (job,) = await evening.orders()
    original = await evening.make(job)
    assert original.file is None
    assert "does not sound like" in original.trouble
