"""A full house: the place in the line, and the sound that starts by itself when somebody leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from rostra.web.edge.waiting_page import MOST_BYTES
from tests.kit.acting import Organiser, becomes, on_stage
from tests.kit.axe import faults
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House


@pytest.fixture
def small_house(tmp_path: Path) -> Iterator[House]:
    """Room for one listener, whose place is kept for a moment only."""
    house = House(tmp_path / "house", environment={"ROSTRA_EDGE_CAPACITY": "1", "ROSTRA_SEAT_KEPT_S": "2"})
    house.start()
    yield house
    house.stop()


async def test_whoever_waits_hears_the_sound_when_somebody_leaves(small_house: House, tmp_path: Path) -> None:
    organiser = Organiser(small_house)
    made = organiser.schedule("A full house", starts_in=timedelta(minutes=20))
    _, link = organiser.invite(made, "Ada")
    organiser.act(made, "open_doors")
    async with chromium(microphone=tone(tmp_path / "a.wav", 430)) as browser:
        await on_stage(browser, link, "Ada")
        organiser.act(made, "go_live")
        first = await new_page(browser)
        await first.goto(made.page_url)
        await first.locator("#play").click()
        await becomes(first, "window.rostraPlayer?.state === 'playing' && rostraPlayer.bufferedS > 0.5")
        second = await new_page(browser)
        await second.goto(made.page_url)
        await becomes(second, "window.rostraPlayer?.full === true")
        await second.locator("#play").click()
        await becomes(second, "rostraPlayer.state === 'waiting' && /You are next/.test(rostraPlayer.place ?? '')")
        assert await second.locator("#play-label").inner_text() == "Leave the line"
        await sees_the_waiting_page(browser, f"{small_house.edge}/live/{made.id}/enter")
        await first.context.close()
        playing = "rostraPlayer.state === 'playing' && rostraPlayer.bufferedS > 0.5"
        await becomes(second, playing, seconds=90)  # the page without a script may have its turn first
        assert await second.evaluate("rostraPlayer.latency") < 8
        await second.context.close()
    organiser.put_away(made)


async def sees_the_waiting_page(browser: Browser, address: str) -> None:
    """Without JavaScript too: a place, a page that looks again by itself with that place, and nothing to fetch."""
    plain = await browser.new_context(java_script_enabled=False)
    page = await plain.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = await page.goto(address)
    assert answer is not None
    assert len(await answer.body()) <= MOST_BYTES
    assert re.fullmatch("One person is before you|You are next", await page.locator(".place").inner_text())
    place = await page.locator("a.again").get_attribute("href")
    assert place in (await page.locator("meta[http-equiv]").get_attribute("content") or "none")
    assert asked == [address]
    assert await page.locator("main").evaluate("main => getComputedStyle(main).maxWidth") != "none"
    standing = re.sub('<meta http-equiv="refresh"[^>]*>', "", (await answer.body()).decode())
    await plain.close()
    read = await new_page(browser)
    await read.set_content(standing)
    assert await faults(read) == []
    await read.context.close()
