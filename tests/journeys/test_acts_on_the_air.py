"""What a moderator does while something is on the air, as listeners, whoever hosts, and whoever owns it meet it."""

from __future__ import annotations

import asyncio
import io
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import m3u8
import numpy as np
import pytest
from playwright.async_api import Locator, Page

from rostra.media.clock import SAMPLE_RATE_HZ
from tests.journeys.test_network_pages import a_neighbour
from tests.journeys.test_replay import on_stage, parts_later
from tests.kit.acting import Made, Organiser, eventually, speaking
from tests.kit.axe import faults
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House
from tests.kit.tones import tone_dbfs
from tests.kit.walking import a_moderator, complain, newest_case, reverse

VOICE_HZ = 430.0
RULE_LABEL = "The rule of this place that it breaks"
LOUD_DBFS, QUIET_DBFS = -30.0, -60.0
DELAY_S = 6
MARGIN_S = 0.3
"""Beside a span frames are silent, too, and the sound is measured in steps."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("acted"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def organiser(house: House) -> Organiser:
    return Organiser(house)


async def at_the_desk(desk: Page, house: House, made: Made) -> Locator:
    """What a moderator may do to a broadcast, with reason and rule typed."""
    await desk.goto(f"{house.site}/desk/live")
    row = desk.locator("section", has=desk.locator(f'[href="/b/{made.slug}"]'))
    await row.get_by_label("Reason").fill("The host reads out where somebody lives.")
    await row.get_by_label(RULE_LABEL).fill("No private data")
    return row


def heard(house: House, made: Made) -> dict[int, np.ndarray]:
    """What an edge gives of each segment that it lists whole, by its number: mono, 48 kHz."""
    base = f"{house.edge}/live/{made.id}/aac64/"
    with httpx.Client(base_url=base, trust_env=False, timeout=20) as http:
        init = http.get("init.mp4").raise_for_status().content
        listed = m3u8.loads(http.get("index.m3u8").raise_for_status().text)
        names = [segment.uri for segment in listed.segments if segment.uri]
        bodies = {int(name[1:-4]): init + http.get(name).raise_for_status().content for name in names}
    found = {}
    for number, body in bodies.items():
        with av.open(io.BytesIO(body)) as file:
            found[number] = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    return found


def loudness(house: House, made: Made, from_s: float, until_s: float) -> list[float]:
    """The voice in each half second of media time, as far as an edge lists it; empty while it does not list all."""
    segments = heard(house, made)
    length = len(next(iter(segments.values()))) if segments else 1
    step, found = SAMPLE_RATE_HZ // 2, []
    for at in range(round(from_s * SAMPLE_RATE_HZ), round(until_s * SAMPLE_RATE_HZ) - step, step):
        number, offset = divmod(at, length)
        if number not in segments:
            return []
        if offset + step <= length:
            found.append(tone_dbfs(segments[number][offset : offset + step], VOICE_HZ))
    return found


def withheld(house: House) -> tuple[float, float]:
    """From when until when, in seconds of media time."""
    with sqlite3.connect(house.folder / "data" / "rostra.sqlite3") as database:
        [row] = database.execute(
            "SELECT span_start, span_end FROM restrictions WHERE measure = 'silence' AND lifted_at IS NULL"
        ).fetchall()
    database.close()
    return row[0] / SAMPLE_RATE_HZ, row[1] / SAMPLE_RATE_HZ


async def test_what_is_withheld_from_a_delay_is_heard_by_nobody_and_given_back(
    house: House, organiser: Organiser, tmp_path: Path
) -> None:
    """Pressed while it is still held; every listener gets silence in its place, and the sound when it is given back."""
    made = organiser.schedule("With a delay", delay_s=DELAY_S)
    _, link = organiser.invite(made, "Anna")
    organiser.act(made, "open_doors")
    async with chromium() as browser, speaking(house, link, tone(tmp_path / "voice.wav", VOICE_HZ)):
        desk = await a_moderator(house, browser, await a_neighbour(house, "kim"), "kim")
        await eventually(lambda: on_stage(organiser, made), what="she is on stage")
        organiser.act(made, "go_live")
        await parts_later(organiser, made, 30)
        row = await at_the_desk(desk, house, made)
        assert await faults(desk) == []
        await row.get_by_role("button", name="Withhold it before it is heard").click()
        await desk.get_by_text("Withheld: nobody hears it.").wait_for()
        first, end = withheld(house)
        assert end - first == pytest.approx(DELAY_S, abs=0.6)

        async def levels_are(low: float, high: float) -> bool:
            found = await asyncio.to_thread(loudness, house, made, first + 1.0, end - MARGIN_S)
            return bool(found) and all(low < each < high for each in found)

        async def goes_on() -> bool:
            found = await asyncio.to_thread(loudness, house, made, end + MARGIN_S, end + 2.5)
            return bool(found) and all(each > LOUD_DBFS for each in found)

        await eventually(lambda: levels_are(-999, QUIET_DBFS), what="it was never heard")
        await eventually(goes_on, what="what was said after it is heard")
        control = await organiser.at_control(browser, made)
        await control.locator("#dumps", has_text="6 s withheld by a moderator").wait_for()
        row = await at_the_desk(desk, house, made)
        await row.get_by_role("button", name="Give back").click()
        await desk.get_by_text("Given back.").wait_for()
        await eventually(lambda: levels_are(LOUD_DBFS, 0), what="it is heard by whoever goes back to it")
        organiser.act(made, "end")


async def test_an_end_is_read_by_everybody_and_taken_back(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """And a pause goes when a complaint was right, although nobody presses anything at the live desk."""
    made = organiser.schedule("An end, and none")
    _, link = organiser.invite(made, "Anna")
    organiser.act(made, "open_doors")
    async with chromium() as browser, speaking(house, link, tone(tmp_path / "voice.wav", VOICE_HZ)):
        desk = await a_moderator(house, browser, await a_neighbour(house, "lou"), "lou")
        other = await a_moderator(house, browser, await a_neighbour(house, "mia"), "mia")
        await eventually(lambda: on_stage(organiser, made), what="she is on stage")
        organiser.act(made, "go_live")
        listener, control = await new_page(browser, phone=True), await organiser.at_control(browser, made)
        await listener.goto(made.page_url)
        await listener.locator("#lamp", has_text="On the air").wait_for()
        row = await at_the_desk(desk, house, made)
        await row.get_by_role("button", name="End the broadcast").click()
        await desk.get_by_text("Ended. For some minutes it can be taken back here.").wait_for()
        assert await faults(desk) == []
        for page in (listener, control):
            await page.locator("#lamp", has_text="Ended by a moderator").wait_for()
        await listener.locator("#player-state", has_text="A moderator has ended this broadcast.").wait_for()
        assert await control.get_by_role("button", name="Return to the air").is_disabled()
        await listener.reload()
        await listener.get_by_text("A moderator has ended this broadcast.").first.wait_for()
        assert await faults(listener) == []
        await desk.goto(f"{house.site}/desk/live")
        assert await desk.get_by_label(RULE_LABEL).first.input_value() == "No private data"
        row = await at_the_desk(desk, house, made)
        await row.get_by_role("button", name="Take the end back").click()
        await desk.get_by_text("It goes on as before.").wait_for()
        for page in (listener, control):
            await page.locator("#lamp", has_text="On the air").wait_for()

        row = await at_the_desk(desk, house, made)
        await row.get_by_role("button", name="Pause the broadcast").click()
        await desk.get_by_text("Paused: listeners hear silence").wait_for()
        await listener.locator("#lamp", has_text="Paused by a moderator").wait_for()
        await listener.reload()
        await listener.get_by_text("By the rules of this place: No private data").wait_for()
        owner = await organiser.page(browser, "/statements")
        await complain(owner, house, "It is the address of our own office.")
        assert re.search("was paused: everybody hears silence", await owner.locator("main").inner_text())
        await reverse(other, house, await newest_case(other, house), answer="You were right: it is an office.")
        await listener.locator("#lamp", has_text="On the air").wait_for()
        await owner.reload()
        await owner.get_by_text("You were right: it is an office.").wait_for()
        organiser.act(made, "end")
