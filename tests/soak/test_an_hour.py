"""An hour on the air with three speakers and a crowd of followers. `SOAK_MINUTES` makes it shorter or longer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import m3u8
import pytest

from rostra.apps.ports import free_port
from rostra.cli.listen import Ear, Heard
from rostra.platform.clock import SystemClock
from tests.kit.acting import Made, Organiser, connected, eventually, ffmpeg_speaks, running, speaking, ticket
from tests.kit.browser import tone
from tests.kit.running import House
from tests.kit.witnesses import Memory, OwnLag, Standstills, counter

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
FOLLOWERS = int(os.environ.get("SOAK_FOLLOWERS", "50"))
SETTLED_AFTER_MINUTES = 10
"""By then the window is full and every cache is warm; what grows afterwards is a leak."""
GROWTH_PER_HOUR = 0.1
APART_S = 0.4
EXPLAINED_WITHIN_S = 6.0
REPLAY_WITHIN_S = 30.0
PROCESSES = ("stage", "edge", "site")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running_house = House(tmp_path, environment={"ROSTRA_METRICS_PORT": str(free_port(5))})
    running_house.start()
    yield running_house
    running_house.stop()


class Crowd:
    """Players without sound that come one after the other, so that this one process can keep up with them.

    Each has a client of its own, as real ones do: a pool of connections looks at all of them for each request, and a
    pool for fifty players spent more time on that than on everything else.
    """

    def __init__(self) -> None:
        self._ears: list[Ear] = []
        self._stalls = 0
        self.stalled_at: list[float] = []
        """Monotonic seconds, to the second."""

    async def follow(self, playlist: str, number: int) -> Heard:
        await asyncio.sleep(number * APART_S)
        async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
            ear = Ear(http, SystemClock())
            self._ears.append(ear)
            try:
                await asyncio.wait_for(ear.run(playlist), 60 * MINUTES - number * APART_S)
            except TimeoutError:
                return ear.heard()
        raise AssertionError("the broadcast ended by itself")

    def look(self) -> None:
        stalls = sum(ear.heard().stalls for ear in self._ears)
        self.stalled_at += [time.monotonic()] * (stalls - self._stalls)
        self._stalls = stalls


async def look_each_minute(house: House, memory: Memory, crowd: Crowd) -> None:
    """Memory and counters go to a file line by line, so that a run can be watched."""
    with (house.folder / "minutes.jsonl").open("w") as lines:
        while True:
            memory.look()
            line = {
                "minute": len(memory.series["stage"]) - 1,
                "kb": {process: series[-1] for process, series in memory.series.items()},
                "late_ticks": counter(house, "stage", "rostra_stage_late_ticks"),
                "silent_parts": counter(house, "edge", "rostra_edge_silent_parts"),
                "stalls": len(crowd.stalled_at),
                "load": os.getloadavg()[0],
            }
            lines.write(json.dumps(line) + "\n")
            lines.flush()
            for _ in range(60):
                await asyncio.sleep(1)
                crowd.look()


async def replay_of_it_all(organiser: Organiser, made: Made) -> float:
    """End it; seconds until all of it is there to hear again, as HLS and as one file."""
    began = time.monotonic()
    organiser.act(made, "end")

    async def is_there() -> bool:
        return organiser.http.get(f"/b/{made.slug}/replay.m3u8").status_code == 200

    await eventually(is_there, seconds=2 * REPLAY_WITHIN_S, what="the replay is there")
    after_s = time.monotonic() - began
    listed = m3u8.loads(organiser.http.get(f"/b/{made.slug}/replay.m3u8").text)
    assert sum(segment.duration for segment in listed.segments) > 60 * MINUTES
    whole = organiser.http.head(f"/b/{made.slug}/recording.m4a")
    assert whole.status_code == 200
    return after_s


async def test_an_hour_on_the_air(house: House, tmp_path: Path) -> None:
    """No follower misses a part or stalls, FFmpeg stays connected, no process needs more and more memory, and half a
    minute after the end the replay of it all is there.

    A stall right after the machine (or this process, which plays all followers) stood still is told and not held
    against Rostra. A run that is too short for memory to settle looks at the sound only.
    """
    organiser = Organiser(house)
    made = organiser.schedule("An hour", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    links = {name: organiser.invite(made, name)[1] for name in ("Low", "High", "FFmpeg")}
    low, high, third = (tone(tmp_path / f"{hz}.wav", hz, level_dbfs=-20) for hz in (430.0, 1130.0, 700.0))
    memory, lag = Memory(house, PROCESSES), OwnLag()
    async with (
        Standstills() as standstills,
        speaking(house, links["Low"], low),
        speaking(house, links["High"], high),
        running(house, *ffmpeg_speaks(ticket(links["FFmpeg"]), third)) as ffmpeg,
    ):

        async def everybody_is_there() -> bool:
            return sorted(connected(organiser, made)) == ["FFmpeg", "High", "Low"]

        await eventually(everybody_is_there, what="three speakers are on stage")
        organiser.act(made, "go_live")
        crowd = Crowd()
        looking = asyncio.create_task(look_each_minute(house, memory, crowd))
        lagging = asyncio.create_task(lag.run())
        playlist = f"{house.edge}/live/{made.id}/index.m3u8"
        silent_before = counter(house, "edge", "rostra_edge_silent_parts")
        heard = await asyncio.gather(*(crowd.follow(playlist, number) for number in range(FOLLOWERS)))
        memory.look()
        silent = counter(house, "edge", "rostra_edge_silent_parts") - silent_before
        crowd.look()
        for task in (looking, lagging):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        assert ffmpeg.returncode is None, (house.folder / "programs.log").read_text()[-3000:]
        assert await everybody_is_there()
        replay_after_s = await replay_of_it_all(organiser, made)
    standstills.times += lag.times
    unexplained = [at for at in crowd.stalled_at if not standstills.explains(at, within_s=EXPLAINED_WITHIN_S)]
    growth = (
        {process: memory.growth(process, after_minutes=SETTLED_AFTER_MINUTES) for process in PROCESSES}
        if MINUTES >= 2 * SETTLED_AFTER_MINUTES
        else {}
    )
    print(
        json.dumps(
            {
                "minutes": MINUTES,
                "followers": FOLLOWERS,
                "kb": memory.series,
                "growth_per_hour": {process: round(share, 4) for process, share in growth.items()},
                "silent_parts": silent,
                "stalls": len(crowd.stalled_at),
                "unexplained_stalls": len(unexplained),
                "standstills_s": [round(late, 2) for _, late in standstills.times],
                "replay_after_s": round(replay_after_s, 1),
                "parts": [min(each.parts for each in heard), max(each.parts for each in heard)],
            }
        )
    )
    assert replay_after_s <= REPLAY_WITHIN_S
    assert [(each.gaps, each.errors) for each in heard] == [(0, 0)] * FOLLOWERS
    assert unexplained == []
    assert silent == 0 or standstills.times
    assert min(each.parts for each in heard) >= (60 * MINUTES - FOLLOWERS * APART_S) / 0.512 - 20
    assert min(each.rms_db or -100 for each in heard) > -30
    assert all(share <= GROWTH_PER_HOUR for share in growth.values()), growth
