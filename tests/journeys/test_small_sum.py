"""The small sum of the waiting page, reckoned by the page's own script, under its policy, in a real browser."""

from __future__ import annotations

import asyncio
import hashlib

from playwright.async_api import Route

from rostra.shield.waiting.challenge import Challenge
from rostra.shield.waiting.door import Reason, Waits
from rostra.web.edge.waiting_page import PAGE_TYPE, POLICY, waiting_page
from tests.kit.browser import chromium, new_page
from tests.kit.clock import FakeClock
from tests.kit.programme import an_airing

ENTER = "/live/4711/enter"
SALTS = ("1.2.3.4.", "1." * 25, "1." * 26, "1." * 31, "1." * 60)
"""SHA-256 pads to blocks of 64 bytes: salts on both sides of where one more is needed."""
NUMBER = 2345


async def test_the_browser_finds_the_number() -> None:
    """And shows it at the entry with the place, where nobody had to press anything."""
    async with chromium() as browser:
        page = await new_page(browser)
        for salt in SALTS:
            wanted = hashlib.sha256(f"{salt}{NUMBER}".encode()).hexdigest()
            waits = Waits(Reason.CHALLENGE, "a-place", challenge=Challenge(salt, wanted, 1_795_000_000))
            shown = waiting_page(
                waits, an_airing(FakeClock()), enter=ENTER, page_url="https://house.example/b/e", again_s=300
            )
            proven: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            async def answer(route: Route, shown: bytes = shown, proven: asyncio.Future[str] = proven) -> None:
                if "proof=" in route.request.url and not proven.done():
                    proven.set_result(route.request.url)
                fields = {"content-security-policy": POLICY, "content-type": PAGE_TYPE}
                await route.fulfill(body=b"in" if proven.done() else shown, headers=fields)

            await page.unroute_all()
            await page.route("**/*", lambda route, _, answer=answer: answer(route))
            await page.goto(f"http://edge.test{ENTER}", wait_until="commit")
            async with asyncio.timeout(60):
                assert (await proven).endswith(f"{ENTER}?w=a-place&proof=1795000000.{NUMBER}")
