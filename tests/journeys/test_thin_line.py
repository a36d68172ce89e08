"""A listener on a line that does not carry the programme: the player changes the rendition, says so, and plays on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import CDPSession, Page

from tests.kit.acting import Organiser, becomes, eventually, on_stage
from tests.kit.browser import chromium, new_page, tone

THIN_BPS = 120_000
"""Chromium counts whole packets of 1,500 bytes: parts and playlists of 64 kbit/s need 150 of it, of 24 kbit/s 80."""


async def line_carries(line: CDPSession, bits_per_s: int) -> None:
    """Make the page's line as thin as that; -1 for as it is. One session, since the thinnest of several counts."""
    bytes_per_s = bits_per_s // 8 if bits_per_s > 0 else -1
    conditions = {"offline": False, "latency": 20, "downloadThroughput": bytes_per_s, "uploadThroughput": -1}
    await line.send("Network.emulateNetworkConditions", conditions)


async def plays_on(page: Page, seconds: float) -> None:
    """The position goes on by so much without another stall."""
    stalls, position = await page.evaluate("[rostraPlayer.stalls, document.querySelector('#programme').currentTime]")
    await becomes(
        page, f"document.querySelector('#programme').currentTime > {position + seconds}", seconds=seconds + 20
    )
    assert await page.evaluate("rostraPlayer.stalls") == stalls


async def test_a_thin_line_gets_the_lean_rendition(organiser: Organiser, tmp_path: Path) -> None:
    """On a thin line the player goes to 24 kbit/s, shows it, stalls no more; on a good one it comes back unheard."""
    made = organiser.schedule("On a thin line", starts_in=timedelta(minutes=20))
    _, link = organiser.invite(made, "Ada")
    organiser.act(made, "open_doors")
    async with chromium(microphone=tone(tmp_path / "a.wav", 430)) as browser:
        await on_stage(browser, link, "Ada")
        organiser.act(made, "go_live")
        listener = await new_page(browser)
        line = await listener.context.new_cdp_session(listener)
        await listener.goto(made.page_url)
        await listener.locator("#play").click()
        await becomes(listener, "window.rostraPlayer?.bitrateBps === 64000")
        await line_carries(line, THIN_BPS)
        await becomes(listener, "rostraPlayer.bitrateBps === 24000 && rostraPlayer.state === 'playing'", seconds=40)
        await listener.locator("#latency", has_text="24 kbit/s").wait_for()
        await plays_on(listener, 6)

        async def host_sees_it() -> bool:
            return organiser.control(made)["shares_text"] == "24 kbit/s: 1"

        await eventually(host_sees_it, seconds=30, what="the host sees who hears which rendition")
        await line_carries(line, -1)
        await becomes(listener, "rostraPlayer.bitrateBps === 64000", seconds=120)
        await plays_on(listener, 6)
    organiser.put_away(made)
