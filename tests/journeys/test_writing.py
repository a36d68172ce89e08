"""Writing in a browser: a draft that outlives its page, and the point of a picture that stays in view."""

from __future__ import annotations

from tests.journeys.test_members_pages import photo
from tests.kit.acting import Organiser, becomes
from tests.kit.axe import faults
from tests.kit.browser import chromium
from tests.kit.running import House

WORDS = "Half a thought"


async def test_words_are_kept_until_they_are_out(house: House, organiser: Organiser) -> None:
    async with chromium() as browser:
        page = await organiser.page(browser, "/compose")
        text = page.locator("#compose-text")
        await text.fill(WORDS)
        await page.reload()
        await page.locator(".compose__draft").wait_for()
        assert await text.input_value() == WORDS
        assert await page.locator("[data-left]").inner_text() == str(500 - len(WORDS))

        await page.locator("details.places[data-script] > summary").click()
        await page.locator("[data-files]").set_input_files([photo("one.jpg")])
        await becomes(page, "document.querySelector('.place[data-state=ready] img')?.naturalWidth > 0")
        await page.locator("[data-place='1'] .place__focus summary").click()
        picture = page.locator("[data-place='1'] .place__picture")
        box = await picture.bounding_box()
        assert box is not None
        await picture.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
        x, y = page.locator("#focus_x_1"), page.locator("#focus_y_1")
        pressed = [int(await each.input_value()) for each in (x, y)]
        assert all(0 < each <= 100 for each in pressed)
        assert await page.locator(".place__aim").count() == 1
        await y.focus()
        await page.keyboard.press("ArrowDown")
        assert int(await y.input_value()) == pressed[1] - 5
        assert await faults(page) == []

        await page.get_by_role("button", name="Post", exact=True).click()
        await page.wait_for_url("**/home?done=posted")
        assert await page.locator("#compose-text").input_value() == ""
        await page.goto(f"{house.site}/compose")
        assert await page.locator("#compose-text").input_value() == ""
        assert await page.locator(".compose__draft").count() == 0
