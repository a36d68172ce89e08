"""Pages that no other journey opens, mostly in their empty states: axe finds nothing, and nothing scrolls sideways."""

from __future__ import annotations

from tests.kit.acting import Organiser
from tests.kit.axe import DESK, PHONE_DARK, faults
from tests.kit.browser import chromium
from tests.kit.running import House

OWN = (
    "/explore",
    "/lists",
    "/filters",
    "/conversations",
    "/scheduled",
    "/settings/posting",
    "/settings/notifications",
    "/settings/data",
    "/notifications/requests",
    "/search?q=nobody",
)
OPEN = ("/privacy", "/explore", "/search", "/sign-in", "/nowhere")


async def test_quiet_corners(house: House, organiser: Organiser) -> None:
    found: list[str] = []
    async with chromium() as browser:
        page = await organiser.page(browser, OWN[0])
        for path in OWN:
            await page.goto(f"{house.site}{path}")
            found += [f"{path}: {each}" for each in await faults(page, (DESK, PHONE_DARK))]
        visitor = await (await browser.new_context()).new_page()
        for path in OPEN:
            await visitor.goto(f"{house.site}{path}")
            found += [f"{path} (visitor): {each}" for each in await faults(visitor, (DESK, PHONE_DARK))]
    assert found == []
