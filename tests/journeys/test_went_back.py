"""Somebody listens half a minute behind when the host ends the broadcast: they hear the rest, and one sound at once."""

from __future__ import annotations

from pathlib import Path

from tests.kit.acting import Organiser, becomes, eventually, speaking
from tests.kit.browser import chromium, levels, new_page, tone
from tests.kit.running import House

HZ = 430.0
PAST_THE_LAST_SECONDS_S = 22
"""Whoever listens at the live end has heard it all by then."""


async def test_whoever_went_back_hears_the_end(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """The player stays for them, and is heard; whoever starts the replay meanwhile hears that alone."""
    made = organiser.schedule("To the very end")
    _, link = organiser.invite(made, "Low")
    organiser.act(made, "open_doors", "go_live")
    async with speaking(house, link, tone(tmp_path / "low.wav", HZ)), chromium() as browser:
        page = await new_page(browser, ears=True)
        await page.goto(made.page_url)
        await page.locator("#play").click()
        await becomes(page, "window.rostraPlayer?.state === 'playing' && rostraPlayer.windowS > 34", seconds=90)
        await page.get_by_role("button", name="Back 30 s").click()
        await becomes(page, "rostraPlayer.state === 'playing' && rostraPlayer.behindS > 25")
        organiser.act(made, "end")
        await page.locator("#over, #after:not([hidden])").first.wait_for()
        ended_s = await page.evaluate("document.querySelector('#programme').currentTime")
        await becomes(page, f"document.querySelector('#programme').currentTime > {ended_s + PAST_THE_LAST_SECONDS_S}")
        assert await page.evaluate("rostraPlayer.state") == "playing"
        assert await page.locator("#player").is_visible()
        assert await page.locator("#on-stage").is_visible()

        async def heard() -> bool:
            return (await levels(page, HZ))[0] > -60

        await eventually(heard, what="the listener hears what was said before the end")
        await page.locator("#replay audio").wait_for()
        await page.evaluate("document.querySelector('#replay audio').play()")
        await becomes(page, "rostraPlayer.state === 'ended' && document.querySelector('#programme').paused")
        await becomes(page, "document.querySelector('#replay audio').currentTime > 0.5")
        assert not await page.locator("#player").is_visible()
        assert not await page.locator("#on-stage").is_visible()
