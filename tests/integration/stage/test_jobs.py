"""The workshop of a stage: what the site orders is made, whatever happens to whoever makes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import psutil
import pytest

from rostra.apps.channels import ensure_channels
from rostra.media.jobs import (
    MADE,
    AnyMade,
    Job,
    Measure,
    Measured,
    NotMade,
    Progress,
    Publish,
    Published,
    job_subject,
    progress_subject,
)
from rostra.media.wire import FACTS_STREAM
from rostra.platform.bus import Bus
from rostra.platform.files import FileStore
from rostra.stage.job_process import NICENESS
from rostra.stage.jobs import Workshop
from tests.kit.ending import call_off
from tests.kit.recordings import a_programme, heard, second
from tests.kit.tones import tone_dbfs

BROADCAST = "4711"


class Customer:
    """Orders, and reads the answers as the site does."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        self.bus = bus
        self.files = FileStore(folder / "files")
        self.folder = folder / "making"
        self.made: asyncio.Queue[AnyMade] = asyncio.Queue()
        self.waits: asyncio.Queue[Progress] = asyncio.Queue()

    async def start(self) -> None:
        async def take(payload: bytes) -> None:
            self.made.put_nowait(msgspec.json.decode(payload, type=AnyMade))

        async def hear(_: str, payload: bytes) -> None:
            progress = msgspec.json.decode(payload, type=Progress)
            if progress.waiting is not None:
                self.waits.put_nowait(progress)

        await ensure_channels(self.bus, window=timedelta(seconds=60))
        await self.bus.subscribe(progress_subject(BROADCAST), hear)
        self.reading = asyncio.ensure_future(self.bus.work(FACTS_STREAM, MADE, "customer", take))

    def open_workshop(self) -> asyncio.Task[None]:
        return asyncio.ensure_future(Workshop(self.bus, self.files, self.folder).run())

    async def order(self, job: Job) -> None:
        await self.bus.publish_durable(job_subject(job), msgspec.json.encode(job), message_id=job.job_id)

    async def answer(self) -> AnyMade:
        return await asyncio.wait_for(self.made.get(), 60)

    async def recording(self, *tones_hz: float) -> str:
        return await self.files.adopt(a_programme(self.folder.parent / "made.m4a", list(tones_hz)), "m4a")


@pytest.fixture
async def customer(bus: Bus, tmp_path: Path) -> AsyncIterator[Customer]:
    made = Customer(bus, tmp_path)
    await made.start()
    workshop = made.open_workshop()
    yield made
    await call_off(workshop, made.reading)


def an_order(source: str, *, job_id: str = "1", cuts: list[tuple[int, int]] | None = None) -> Publish:
    return Publish(
        job_id=job_id,
        broadcast_id=BROADCAST,
        sources=[source],
        mixed=False,
        cuts=cuts or [],
        chapters=[],
        title="An evening",
        artist="Ada",
        album="",
        date="2026-11-23",
    )


async def a_worker() -> psutil.Process:
    """The process that is at work, as soon as there is one."""
    while True:
        for child in psutil.Process().children():
            try:
                if "rostra.stage.job_process" in child.cmdline():
                    return child
            except psutil.Error:
                continue
        await asyncio.sleep(0.01)


async def test_what_is_ordered_is_made(customer: Customer) -> None:
    """In their order, each by a process that gives way to everything else."""
    source = await customer.recording(440.0, 880.0, 1760.0)
    await customer.order(an_order(source, cuts=[(2000, 4000)]))
    await customer.order(Measure(job_id="2", broadcast_id=BROADCAST, source=source))
    worker = await a_worker()
    while worker.nice() != max(psutil.Process().nice(), NICENESS):
        await asyncio.sleep(0.01)
    published = await customer.answer()
    assert isinstance(published, Published)
    sound = heard(customer.files.path(published.file))
    assert tone_dbfs(second(sound, 1), 440.0) == pytest.approx(-12, abs=1)
    assert tone_dbfs(second(sound, 3), 1760.0) == pytest.approx(-12, abs=1)
    measured = await customer.answer()
    assert isinstance(measured, Measured)
    peaks = customer.files.path(measured.file).read_bytes()
    assert len(peaks) == pytest.approx(60, abs=1)
    assert peaks[10] == pytest.approx(0.25 * 255, abs=5)


async def test_a_copy_waits_behind_nothing_that_is_encoded(customer: Customer) -> None:
    """An evening's first replay is copied: it is there although an edit before it is not getting on at all."""
    source = await customer.recording(440.0)
    await customer.order(an_order(source, job_id="edit", cuts=[(0, 1000)]))
    worker = await a_worker()
    worker.suspend()
    try:
        await customer.order(an_order(source, job_id="first"))
        assert (await customer.answer()).job_id == "first"
    finally:
        worker.resume()
    assert (await customer.answer()).job_id == "edit"


async def test_a_killed_process_begins_again(customer: Customer) -> None:
    source = await customer.recording(440.0)
    await customer.order(an_order(source, cuts=[(0, 1000)]))
    (await a_worker()).kill()
    assert isinstance(await customer.answer(), Published)


async def test_a_stage_that_stops_gives_its_order_back(customer: Customer) -> None:
    source = await customer.recording(440.0)
    other = customer.open_workshop()
    await customer.order(an_order(source, cuts=[(0, 1000)]))
    worker = await a_worker()
    await call_off(other)
    assert isinstance(await customer.answer(), Published)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


async def test_a_full_disk_is_told_and_survived(customer: Customer) -> None:
    """The order waits, says why, and is carried out once there is space."""
    source = await customer.recording(440.0)
    customer.folder.mkdir()
    (customer.folder / "1.mp4").symlink_to("/dev/full")  # the first try removes it
    await customer.order(an_order(source))
    waiting = await asyncio.wait_for(customer.waits.get(), 30)
    assert waiting.waiting is not None
    assert "disk is full" in waiting.waiting
    assert isinstance(await customer.answer(), Published)


async def test_what_cannot_be_made_is_said_once(customer: Customer) -> None:
    """A file that is gone, or holds no sound, does not come back for ever."""
    await customer.order(an_order("ab/" + "0" * 62 + ".m4a"))
    noise = await customer.files.put_bytes(b"no sound at all", "m4a")
    await customer.order(an_order(noise, job_id="2"))
    first, then = await customer.answer(), await customer.answer()
    assert isinstance(first, NotMade)
    assert isinstance(then, NotMade)
    assert [(first.of, first.code), (then.of, then.code)] == [("publish", "not_found"), ("publish", "sound_unreadable")]
