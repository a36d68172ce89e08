"""Living here in a browser: settings, notifications with a request answered, posts with pictures and a film."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
from playwright.async_api import FilePayload

from tests.journeys.test_network_pages import a_neighbour, post
from tests.kit.acting import Organiser, becomes
from tests.kit.axe import DESK, DESK_DARK, PHONE, PHONE_DARK, faults
from tests.kit.browser import chromium
from tests.kit.running import House
from tests.kit.uploads import a_film, a_photo

ALL_LOOKS = (DESK, DESK_DARK, PHONE, PHONE_DARK)


def photo(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": a_photo()}


def asks_to_follow(http: httpx.Client, handle: str) -> None:
    page = http.get(f"/@{handle}").text
    account = re.search(r'action="/accounts/(\d+)/act"', page)
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert account is not None
    assert csrf is not None
    sent = http.post(
        f"/accounts/{account.group(1)}/act", data={"csrf": csrf.group(1), "act": "follow", "back": "/home"}
    )
    assert sent.status_code == 303


async def test_living_here(house: House, organiser: Organiser, tmp_path: Path) -> None:
    neighbour = await a_neighbour(house, "jona")
    async with chromium() as browser:
        page = await organiser.page(browser, "/settings")
        assert await faults(page, ALL_LOOKS) == []
        handle = re.search(r"@\w+", await page.locator("main").inner_text())
        assert handle is not None
        await page.get_by_label("About you").fill("I keep this house.")
        await page.get_by_label("I answer each request to follow").check()
        await page.locator("#avatar").set_input_files(photo("me.jpg"))
        await page.locator("#avatar_text").fill("A face before a wall")
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_url("**/settings?done=saved")
        assert await page.get_by_alt_text("A face before a wall").count() == 1

        await asyncio.to_thread(asks_to_follow, neighbour, handle.group()[1:])
        await asyncio.to_thread(post, neighbour, f"{handle.group()} good evening")
        await page.goto(f"{house.site}/home")
        assert (await page.locator(".count").inner_text()).split() == ["2", "new"]
        await page.goto(f"{house.site}/notifications")
        assert await page.locator(".noticed--new").count() == 2
        assert await faults(page, ALL_LOOKS) == []
        await page.get_by_role("button", name="Accept").click()
        await page.get_by_text("They follow you from now on.").wait_for()
        assert await page.locator(".count").count() == 0

        await page.goto(f"{house.site}/compose")
        await page.locator("#compose-text").fill("Two pictures")
        await page.locator("details.places[data-script] > summary").click()
        await page.locator("[data-files]").set_input_files([photo("one.jpg"), photo("two.jpg")])
        await becomes(page, "document.querySelectorAll('.place[data-state=ready] img').length === 2")
        await page.locator("#text_1").fill("Red and blue")
        await page.locator("#text_2").fill("The same again")
        assert await faults(page, ALL_LOOKS) == []
        await page.locator("[data-place='2'] [data-remove]").click()
        await page.get_by_role("button", name="Post", exact=True).click()
        await page.wait_for_url("**/home?done=posted")
        assert await page.get_by_alt_text("Red and blue").count() == 1
        assert await page.get_by_alt_text("The same again").count() == 0

        await page.set_viewport_size({"width": 360, "height": 740})
        head = await page.locator("header.head").bounding_box()
        assert head is not None
        assert head["height"] < 72, "one row on a phone, whoever it is"
        await page.get_by_title("Menu").click()
        assert await faults(page, ALL_LOOKS) == []
        await page.keyboard.press("Escape")
        assert not await page.get_by_role("link", name="Schedule", exact=True).is_visible()
        await page.get_by_title("New post").click()
        await page.wait_for_url("**/compose")
        await page.locator("#compose-text").fill("A film")
        await page.locator("details.places[data-script]").wait_for()
        film = await asyncio.to_thread(a_film, tmp_path / "film.mp4")
        await page.locator("[data-files]").set_input_files(
            {"name": "film.mp4", "mimeType": "video/mp4", "buffer": film}
        )
        await page.get_by_role("button", name="Post", exact=True).click()  # it goes out when the film is ready
        await page.wait_for_url("**/home?done=posted")
        await page.locator("video").wait_for()
    neighbour.close()
