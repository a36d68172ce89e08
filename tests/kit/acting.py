"""What people do with Rostra's pages, as words for journeys."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import imageio_ffmpeg
from playwright.async_api import Browser, Page

from tests.kit.browser import new_page
from tests.kit.running import House

ZONE = ZoneInfo("Europe/Berlin")


async def eventually(is_so: Callable[[], Awaitable[object]], *, seconds: float = 40, what: str = "") -> None:
    """Ask until the answer is yes; fail with `what` when it never is."""
    async with asyncio.timeout(seconds + 30):
        for _ in range(int(seconds / 0.1)):
            if await is_so():
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"never so within {seconds:g} s: {what or is_so}")


async def becomes(page: Page, expression: str, *, seconds: float = 40) -> None:
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
        env={**house.clean_environment(), "ROSTRA_SITE_URL": house.site, "ROSTRA_BACKSTAGE_URL": house.organisers},
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


@dataclass(frozen=True)
class Made:
    """A broadcast that was scheduled through the API. starts_at: in UTC."""

    id: str
    slug: str
    page_url: str
    starts_at: datetime


class Organiser:
    """Somebody who is signed in, with a program instead of a page: for what a journey only passes through.

    One session for many journeys, because a house gives out sign-in links slowly.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.http = httpx.Client(base_url=house.organisers, follow_redirects=True, timeout=20, trust_env=False)
        page = self.http.get(sign_in_url(house)).raise_for_status().text
        self.csrf = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        assert self.csrf

    def ask(self, path: str, body: object, method: str = "POST") -> dict[str, Any]:
        answer = self.http.request(method, f"/api/v1{path}", json=body, headers={"X-Rostra-CSRF": self.csrf})
        assert answer.is_success, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def schedule(self, title: str, *, starts_in: timedelta = timedelta(hours=1), **more: object) -> Made:
        starts_at = datetime.now(UTC) + starts_in
        wish = {"title": title, "starts_at": starts_at.isoformat(), "zone": "Europe/Berlin", **more}
        made = self.ask("/broadcasts", wish)
        return Made(made["id"], made["slug"], made["page_url"], starts_at)

    def act(self, made: Made, *acts: str) -> None:
        for act in acts:
            self.ask(f"/broadcasts/{made.id}/acts", {"act": act})

    def put_away(self, made: Made) -> None:
        """End or cancel it, whichever its phase permits, so that no room goes on for nobody."""
        allowed = [act["act"] for act in self.control(made)["acts"] if act["allowed"]]
        for act in ("end", "cancel"):
            if act in allowed:
                self.act(made, act)
                return

    def invite(self, made: Made, name: str) -> tuple[str, str]:
        """The seat's id and its link."""
        seat = self.ask(f"/broadcasts/{made.id}/invitations", {"name": name})
        return seat["speaker_id"], seat["url"]

    def control(self, made: Made) -> dict[str, Any]:
        """What the control page shows."""
        content: dict[str, Any] = self.http.get(f"/api/v1/broadcasts/{made.id}/control").raise_for_status().json()
        return content

    async def page(self, browser: Browser, path: str, *, script: bool = True) -> Page:
        """A page of the organiser in a window of its own, at `path`."""
        page = await new_page(browser, script=script)
        cookies = [
            {"name": cookie.name, "value": cookie.value or "", "url": self.house.site}
            for cookie in self.http.cookies.jar
        ]
        await page.context.add_cookies(cookies)  # type: ignore[arg-type]
        await page.goto(f"{self.house.site}{path}")
        return page

    async def at_control(self, browser: Browser, made: Made) -> Page:
        """The control page, once its script has taken over."""
        page = await self.page(browser, f"/b/{made.slug}/control")
        await becomes(page, "document.querySelector('#now').textContent !== ''")
        return page


def ticket(invitation: str, **body: str) -> dict[str, str]:
    """What an invitation link gives to a program that wants to speak."""
    site, _, token = invitation.rpartition("/i/")
    answer = httpx.post(f"{site}/api/v1/invitations/{token}/ticket", json=body, trust_env=False)
    content: dict[str, str] = answer.raise_for_status().json()
    return content


@asynccontextmanager
async def running(house: House, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program at work in the background; it ends with the block at the latest."""
    with (house.folder / "programs.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=house.clean_environment()
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def speaking(house: House, invitation: str, sound: Path, *more: str) -> Any:
    """`rostra speak`, over and over, as a context."""
    return running(house, *house.command("speak", str(sound), "--invite", invitation, "--loop", *more))


def ffmpeg_speaks(entry: dict[str, str], sound: Path) -> list[str]:
    """FFmpeg's WHIP muxer, playing a file over and over. entry: from `ticket`."""
    words = [
        str(imageio_ffmpeg.get_ffmpeg_exe()),
        "-hide_banner",
        "-nostdin",
        "-re",
        "-stream_loop",
        "-1",
        "-i",
        str(sound),
    ]
    words += ["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-b:a", "64k", "-f", "whip"]
    return [*words, "-authorization", entry["ticket"], entry["whip_url"]]


def connected(organiser: Organiser, made: Made) -> list[str]:
    """Who is on stage now, by name."""
    stage = organiser.control(made)["stage"] or {"speakers": []}
    return [speaker["name"] for speaker in stage["speakers"] if speaker["connected"]]
