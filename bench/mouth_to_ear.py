"""From the speaker's mouth to the listener's ear, through real browsers; and how long people wait to begin.

One Chromium speaks (its fake microphone plays a beep every four seconds), another listens with the product's own
page. There is no peer that does both halves, so the figures stand against our own bars.
"""

from __future__ import annotations

import asyncio
import re
import statistics
from datetime import timedelta
from typing import Final

from playwright.async_api import Page

from bench.ears import beeps, delays_s, hum, onsets_ms, tapped_browser, tapped_page
from bench.harness import Bench, Finding
from tests.kit.acting import becomes, invited, press, scheduled, signed_in
from tests.kit.running import House

TITLE: Final = "mouth to ear in Chromium, press to sound, and a speaker's first sound"
BEEP_EVERY_S: Final = 4.0
MEASURE_S: Final = 64.0
PRESSES: Final = 6
REJOINS: Final = 4
SETTLED: Final = 10


def run(bench: Bench) -> list[Finding]:
    house = House(bench.folder / "house")
    house.start()
    try:
        ears, stalls, presses = asyncio.run(_measure(bench, house))
        joins = [int(found) / 1000 for found in re.findall(r"first_sound .*?after_ms=(\d+)", house.log)]
    finally:
        house.stop()
    return [
        _finding("mouth to ear", ears[-SETTLED:], 1.5, {"all_s": _rounded(ears), "stalls": stalls}),
        _finding("press play to sound", presses, 1.5, {"all_s": _rounded(presses)}),
        _finding("WHIP POST to first PCM", joins, 0.3, {"all_s": _rounded(joins)}),
    ]


def _finding(what: str, values: list[float], bar_s: float, facts: dict[str, object]) -> Finding:
    median = round(statistics.median(values), 3)
    return Finding(
        scenario="mouth_to_ear",
        what=f"{what}, median of {len(values)}",
        value=median,
        unit="s",
        bar=f"<= {bar_s:g} s",
        kept=median <= bar_s,
        facts=facts,
    )


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]


async def _measure(bench: Bench, house: House) -> tuple[list[float], int, list[float]]:
    beeping = beeps(bench.folder / "beeps.wav", every_s=BEEP_EVERY_S)
    humming = hum(bench.folder / "hum.wav")
    async with tapped_browser(beeping) as speaking, tapped_browser(humming) as second:
        organiser = await signed_in(speaking, house)
        broadcast = await scheduled(organiser, house, "Mouth to ear", starts_in=timedelta(hours=1))
        control = broadcast.control
        links = [await invited(control, name) for name in ("Beeping", "Humming")]
        await press(control, "Open the doors", then_phase="doors_open")
        mouth = await tapped_page(speaking)
        await join(mouth, links[0])
        await press(control, "Go on the air", then_phase="live")
        ear = await tapped_page(second)
        await listen(ear, broadcast.page_url)
        await asyncio.sleep(MEASURE_S)
        ears = delays_s(await onsets_ms(mouth), await onsets_ms(ear), longest_s=BEEP_EVERY_S)
        stalls = int(await ear.evaluate("window.rostraPlayer.stalls"))
        await ear.context.close()

        hummer = await tapped_page(second)
        await join(hummer, links[1])
        await mouth.context.close()
        for _ in range(REJOINS):
            await hummer.reload()
            await becomes(hummer, "window.rostraStage?.connected")
            await asyncio.sleep(1)
        presses = []
        for _ in range(PRESSES):
            listener = await tapped_page(second)
            await listen(listener, broadcast.page_url)
            await becomes(listener, "window.__onsets.length > 0")
            presses.append((min(await onsets_ms(listener)) - await listener.evaluate("window.__pressed")) / 1000)
            await listener.context.close()
    return ears, stalls, presses


async def join(page: Page, invitation: str) -> None:
    await page.goto(invitation)
    await page.locator("#microphone-choice").wait_for()
    if await page.locator("#clean-up").is_checked():
        await page.locator("#clean-up").uncheck()
    await page.locator("#join").click()
    await becomes(page, "window.rostraStage?.connected")


async def listen(page: Page, url: str) -> None:
    """Open the page, let it become idle as a person would, press."""
    await page.goto(url)
    await page.locator("#play").wait_for()
    await asyncio.sleep(2.5)
    press_it = "() => { const b = document.querySelector('#play'); b.addEventListener('click', () => {"
    await page.evaluate(press_it + " window.__pressed = Date.now(); }, {capture: true, once: true}); }")
    await page.locator("#play").click()
