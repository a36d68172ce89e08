"""Every process killed at every stage of a broadcast's life: five broadcasts, one in each phase, and one blow for all.

After each blow the phases are what they were, playlists go on under their numbers, the voice is heard, what had just
ended has its replay, and the next act of the host works.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import m3u8
import pytest

from tests.kit.acting import Made, Organiser, eventually, speaking
from tests.kit.browser import tone
from tests.kit.heard import loud_now
from tests.kit.running import House

BACK_S = 60
"""An idle machine needs a tenth of it."""
VICTIMS = ("stage", "edge", "site", "nats-server", "standby", "captions", "backstage")
"""In this order the standby has the rooms when it is killed, and the hosts' own site is the last to come back."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """All that people get; its own, since a kill would hurt the journeys that share a house."""
    own = House(tmp_path, standby=True, backstage=True, environment={"ROSTRA_CAPTIONS": "bundled"})
    own.start()
    yield own
    own.stop()


@dataclass
class Evening:
    """A broadcast in each phase that has one to lose."""

    house: House
    organiser: Organiser
    scheduled: Made
    doors_open: Made
    live: Made
    paused: Made

    def base(self, made: Made) -> str:
        return f"{self.house.edge}/live/{made.id}/aac64/"

    async def phase(self, made: Made) -> str:
        """Of a broadcast, by its page; empty while the site does not answer."""
        try:
            return str(httpx.get(f"{made.page_url}/status.json", timeout=60, trust_env=False).json()["phase"])
        except (httpx.HTTPError, ValueError):
            return ""

    async def hosts_are_answered(self) -> bool:
        try:
            return self.organiser.control(self.live)["phase"] == "live"
        except (httpx.HTTPError, ValueError):
            return False

    def playlist(self, made: Made) -> m3u8.M3U8:
        return m3u8.loads(httpx.get(f"{self.base(made)}index.m3u8", timeout=60, trust_env=False).text)

    def next_part(self, made: Made) -> int:
        """The part that the playlist announces; -1 while the edge does not answer."""
        try:
            return int(self.playlist(made).preload_hint.uri.strip("p").removesuffix(".m4s"))
        except (httpx.HTTPError, AttributeError, ValueError):
            return -1

    async def voice_is_heard(self) -> bool:
        try:
            return await asyncio.to_thread(loud_now, self.base(self.live))
        except (OSError, ValueError):
            return False

    async def just_ended(self) -> Made:
        """A broadcast whose recording is being finished."""
        made = self.organiser.schedule("Just over")
        self.organiser.act(made, "open_doors", "go_live")

        async def recording() -> bool:
            stage = self.organiser.control(made)["stage"]
            return stage is not None and stage["recording_bytes"] > 0

        await eventually(recording, seconds=BACK_S, what="something is recorded")
        self.organiser.act(made, "end")
        return made


async def acts(organiser: Organiser, made: Made, act: str) -> None:
    """The host presses until the button works, as people do."""

    async def done() -> bool:
        try:
            organiser.act(made, act)
        except (AssertionError, httpx.HTTPError):
            return False
        return True

    await eventually(done, seconds=BACK_S, what=f"{act} works")


@pytest.mark.timeout(600)
async def test_no_kill_at_any_stage_of_its_life_harms_a_broadcast(house: House, tmp_path: Path) -> None:
    """Each process of a house x {scheduled, doors open, live, paused, just ended}."""
    organiser = Organiser(house)
    made = [organiser.schedule(title) for title in ("Scheduled", "Doors", "Live", "Paused")]
    evening = Evening(house, organiser, *made)
    for each, moves in zip(
        made[1:], (["open_doors"], ["open_doors", "go_live"], ["open_doors", "go_live"]), strict=True
    ):
        organiser.act(each, *moves)
    organiser.act(evening.paused, "pause")
    wanted = dict(zip(("scheduled", "doors_open", "live", "paused"), made, strict=True))
    _, link = organiser.invite(evening.live, "Low")
    async with speaking(house, link, tone(tmp_path / "low.wav", 430)):
        await eventually(evening.voice_is_heard, seconds=BACK_S, what="the voice is heard at all")
        for victim in VICTIMS:
            over = await evening.just_ended()
            on_air = [evening.doors_open, evening.live, evening.paused]
            numbers = [evening.next_part(each) for each in on_air]
            killed = house.pid_of(victim)
            os.kill(killed, signal.SIGKILL)

            async def it_is_back(victim: str = victim, killed: int = killed) -> bool:
                try:
                    return house.pid_of(victim) != killed
                except LookupError:
                    return False

            async def all_is_as_it_was() -> bool:
                return [await evening.phase(each) for each in wanted.values()] == list(wanted)

            async def numbers_go_on(numbers: list[int] = numbers, on_air: list[Made] = on_air) -> bool:
                return all(evening.next_part(each) > before + 8 for each, before in zip(on_air, numbers, strict=True))

            async def replay_is_there(over: Made = over) -> bool:
                try:
                    address = f"{over.page_url}/recording"
                    return httpx.head(address, timeout=60, trust_env=False, follow_redirects=True).status_code == 200
                except httpx.HTTPError:
                    return False

            await eventually(it_is_back, seconds=BACK_S, what=f"{victim} runs again")
            await eventually(evening.hosts_are_answered, seconds=BACK_S, what=f"hosts are answered after {victim} died")
            await eventually(all_is_as_it_was, seconds=BACK_S, what=f"phases after {victim} died")
            await eventually(numbers_go_on, seconds=BACK_S, what=f"numbers after {victim} died")
            await eventually(evening.voice_is_heard, seconds=BACK_S, what=f"the voice after {victim} died")
            await eventually(replay_is_there, seconds=BACK_S, what=f"the replay after {victim} died")
            for each in on_air:
                assert not any(segment.discontinuity for segment in evening.playlist(each).segments), victim
        for each, act in (
            (evening.scheduled, "open_doors"),
            (evening.doors_open, "go_live"),
            (evening.paused, "resume"),
        ):
            await acts(organiser, each, act)
