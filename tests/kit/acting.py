"""What people do with Rostra's pages, as words for journeys."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page

from tests.kit.browser import new_page
from tests.kit.running import House

ZONE = ZoneInfo("Europe/Berlin")


async def eventually(is_so: Callable[[], Awaitable[object]], *, seconds: float = 20, what: str = "") -> None:
    """Ask until the answer is yes; fail with `what` when it never is."""
    async with asyncio.timeout(seconds + 30):
        for _ in range(int(seconds / 0.1)):
            if await is_so():
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"never so within {seconds:g} s: {what or is_so}")


async def becomes(page: Page, expression: str, *, seconds: float = 20) -> None:
    """Wait until a JavaScript expression is true. (Playwright's own wait needs eval, which our policy refuses.)"""
    await eventually(lambda: page.evaluate(expression), seconds=seconds, what=expression)


def sign_in_url(house: House) -> str:
    """A fresh one-time link, as the operator prints one."""
    printed = subprocess.run(
        house.command("sign-in", "--data", str(house.folder / "data")),
        check=True,
        capture_output=True,
        text=True,
        cwd=house.folder,
        env={**house.clean_environment(), "ROSTRA_SITE_URL": house.site},
    ).stdout
    return printed.strip().splitlines()[-1]


async def signed_in(browser: Browser, house: House) -> Page:
    """An organiser's page, signed in by link."""
    page = await new_page(browser)
    await page.goto(sign_in_url(house))
    if await page.locator("form button[type=submit]", has_text=re.compile("sign in", re.IGNORECASE)).count():
        await page.get_by_role("button", name=re.compile("^sign in", re.IGNORECASE)).click()
    await page.wait_for_url(re.compile("/broadcasts"))
    return page


@dataclass
class Scheduled:
    """A broadcast that a journey has made. control: the organiser's page at its control page."""

    title: str
    control: Page
    page_url: str


async def scheduled(
    organiser: Page,
    house: House,
    title: str,
    *,
    starts_in: timedelta = timedelta(hours=1),
    unlisted: bool = False,
    auto_start: bool = False,
) -> Scheduled:
    """Fill the form and land on the control page."""
    start = datetime.now(ZONE) + starts_in
    await organiser.goto(f"{house.site}/broadcasts/new")
    await organiser.get_by_label("Title").fill(title)
    await organiser.get_by_label("Description").fill("Two tones talk about nothing.\n\nFor a test.")
    await organiser.locator("#date").fill(start.strftime("%Y-%m-%d"))
    await organiser.locator("#time").fill(start.strftime("%H:%M"))
    await organiser.locator("#zone").select_option("Europe/Berlin")
    if unlisted:
        await organiser.locator("input[name=visibility][value=unlisted]").check()
    if auto_start:
        await organiser.locator("#auto_start").check()
    await organiser.get_by_role("button", name="Schedule", exact=True).click()
    await organiser.wait_for_url(re.compile("/control"))
    page_url = await organiser.locator("#listener-link").input_value()
    return Scheduled(title, organiser, page_url)


async def press(control: Page, label: str, *, then_phase: str) -> None:
    """Press one of the big buttons, answer its question, and wait until the broadcast is there."""
    await control.locator("#acts").get_by_role("button", name=label, exact=True).click()
    dialog = control.locator("dialog[open]")
    if await dialog.count():
        await dialog.get_by_role("button", name=label, exact=True).click()
    await control.locator(f"[data-control][data-phase={then_phase}]").wait_for()


async def invited(control: Page, name: str) -> str:
    """Make an invitation and read its link."""
    await control.locator("#invite-name").fill(name)
    await control.get_by_role("button", name="Make a link").click()
    await control.locator("#fresh-name", has_text=name).wait_for()
    return await control.locator("#fresh-link").input_value()


async def on_stage(browser: Browser, invitation: str, name: str) -> Page:
    """Join as a speaker: allow the microphone, give a name, go on stage, be connected."""
    page = await new_page(browser, ears=True)
    await page.goto(invitation)
    await page.locator("#name").fill(name)
    await page.locator("#microphone-choice").wait_for()  # the permission is there, so the page opens it by itself
    await page.locator("#join").click()
    await becomes(page, "window.rostraStage?.connected")
    return page
