"""A member in a browser: posts, opens the thread, answers, follows, with the keys too; every page for every eye."""

from __future__ import annotations

import asyncio
import re

import httpx

from rostra.network.accounts import Account, AccountStore, Role
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.ids import AccountId, IdSource
from tests.kit.acting import Organiser, becomes
from tests.kit.axe import Wire, faults
from tests.kit.browser import chromium, new_page
from tests.kit.running import House

FIRST_VIEW_BYTES = 60_000


async def a_neighbour(house: House, handle: str) -> httpx.Client:
    """Another member of the house, with a session, who writes with plain forms."""
    clock = SystemClock()
    database = Database(f"sqlite:///{house.folder / 'data' / 'rostra.sqlite3'}")
    account = Account(
        id=AccountId(IdSource(clock).next()),
        handle=handle,
        display_name=handle.title(),
        role=Role.ORGANISER,
        created_at=clock.now(),
    )
    async with database.transaction() as session:
        await AccountStore(session).add(account)
        secret = await AccountStore(session).open_session(account.id, now=clock.now())
    await database.close()
    cookies = {f"rostra_session_{house.site.rpartition(':')[2]}": secret}
    return httpx.Client(base_url=house.site, cookies=cookies, timeout=20, trust_env=False)


def post(http: httpx.Client, text: str) -> None:
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', http.get("/compose").text)
    assert csrf is not None
    sent = http.post("/compose", data={"csrf": csrf.group(1), "text": text, "visibility": "public"})
    assert sent.status_code == 303, sent.text


async def test_a_member_takes_part(house: House, organiser: Organiser) -> None:
    neighbour = await a_neighbour(house, "mira")
    await asyncio.to_thread(post, neighbour, "Good evening from the garden #gardens")
    async with chromium() as browser:
        page = await organiser.page(browser, "/home")
        assert "You follow nobody yet." in await page.locator("main").inner_text()
        await page.keyboard.press("n")
        await page.keyboard.type("Hello everybody, see https://example.org/a/very/long/address/that/counts/less")
        assert await page.locator("[data-left]").inner_text() == str(500 - 21 - 23)
        await page.get_by_role("button", name="Post", exact=True).click()
        await page.wait_for_url("**/home?done=posted")
        await page.goto(f"{house.site}/@mira")
        await page.get_by_role("button", name="Follow", exact=True).click()
        await page.get_by_role("button", name="Unfollow").wait_for()

        await page.goto(f"{house.site}/home")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        assert "from the garden" in await page.evaluate("document.activeElement.innerText")
        await page.keyboard.press("f")
        await becomes(page, "document.activeElement.matches('[data-act=favourite][aria-pressed=true]')")
        await page.keyboard.press("?")
        assert await page.get_by_role("dialog").is_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("o")
        await page.wait_for_url("**/@mira/*")
        await page.locator("#compose-text").fill("@mira Good evening to you")
        await page.get_by_role("button", name="Answer", exact=True).click()
        await page.get_by_text("Good evening to you").wait_for()
        thread = page.url
        assert await faults(page) == []
        for path in ("/home", "/@mira", "/compose"):
            await page.goto(f"{house.site}{path}")
            assert await faults(page) == []

        reader = await new_page(browser, script=False)
        await reader.goto(thread)
        assert "Good evening to you" in await reader.locator("main").inner_text()
        visitor = await new_page(browser, phone=True)
        wire = await Wire.tap(visitor)
        await visitor.goto(f"{house.site}/public", wait_until="networkidle")
        page_itself = {
            url: size for url, size in wire.bytes_of.items() if "/media/" not in url
        }  # others posted pictures
        assert sum(page_itself.values()) <= FIRST_VIEW_BYTES, "\n".join(
            f"{size} {url}" for url, size in page_itself.items()
        )
        assert wire.hosts == {house.site.partition("://")[2]}
        assert await faults(visitor) == []
    neighbour.close()
