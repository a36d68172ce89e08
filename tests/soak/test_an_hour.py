"""An hour on the air with three speakers and fifty followers. `SOAK_MINUTES` makes it shorter or longer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from rostra.cli.listen import Ear, Heard
from rostra.platform.clock import SystemClock
from tests.kit.acting import Organiser, connected, eventually, ffmpeg_speaks, running, speaking, ticket
from tests.kit.browser import tone
from tests.kit.running import House

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
SETTLED_AFTER_MINUTES = 10.0
"""By then the window is full and every cache is warm; what grows afterwards is a leak."""
GROWTH = 1.1
FOLLOWERS = 50
APART_S = 0.4


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running_house = House(tmp_path)
    running_house.start()
    yield running_house
    running_house.stop()


async def follow(http: httpx.AsyncClient, playlist: str, number: int) -> Heard:
    """They come one after the other, as people do, so that this one process can keep up with its own players."""
    await asyncio.sleep(number * APART_S)
    ear = Ear(http, SystemClock())
    try:
        await asyncio.wait_for(ear.run(playlist), 60 * MINUTES - number * APART_S)
    except TimeoutError:
        return ear.heard()
    raise AssertionError("the broadcast ended by itself")


def resident_kb(house: House, process: str) -> int:
    status = Path(f"/proc/{house.pid_of(process)}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def test_an_hour_on_the_air(house: House, tmp_path: Path) -> None:
    """No follower stalls or misses a part, FFmpeg stays connected, and stage and edge need no more memory at the end.

    A run that is too short for memory to settle looks at the sound only.
    """
    organiser = Organiser(house)
    made = organiser.schedule("An hour", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    links = {name: organiser.invite(made, name)[1] for name in ("Low", "High", "FFmpeg")}
    low, high, third = (tone(tmp_path / f"{hz}.wav", hz, level_dbfs=-20) for hz in (430.0, 1130.0, 700.0))
    async with (
        speaking(house, links["Low"], low),
        speaking(house, links["High"], high),
        running(house, *ffmpeg_speaks(ticket(links["FFmpeg"]), third)) as ffmpeg,
        httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=2 * FOLLOWERS), trust_env=False) as http,
    ):

        async def everybody_is_there() -> bool:
            return sorted(connected(organiser, made)) == ["FFmpeg", "High", "Low"]

        await eventually(everybody_is_there, what="three speakers are on stage")
        organiser.act(made, "go_live")
        playlist = f"{house.edge}/live/{made.id}/index.m3u8"
        following = asyncio.gather(*(follow(http, playlist, number) for number in range(FOLLOWERS)))
        await asyncio.sleep(60 * min(SETTLED_AFTER_MINUTES, MINUTES / 2))
        settled = {process: resident_kb(house, process) for process in ("stage", "edge")}
        heard = await following
        at_the_end = {process: resident_kb(house, process) for process in settled}
        assert ffmpeg.returncode is None, (house.folder / "programs.log").read_text()[-3000:]
        assert await everybody_is_there()
    print({"settled_kb": settled, "end_kb": at_the_end, "first": heard[0]})
    assert [(each.stalls, each.gaps, each.errors) for each in heard] == [(0, 0, 0)] * FOLLOWERS
    assert min(each.parts for each in heard) >= (60 * MINUTES - FOLLOWERS * APART_S) / 0.512 - 20
    assert min(each.rms_db or -100 for each in heard) > -30
    if MINUTES > SETTLED_AFTER_MINUTES:
        assert all(at_the_end[process] <= GROWTH * settled[process] for process in settled), (settled, at_the_end)
