"""The steps of a walk through the law, as words for journeys: flag, decide, complain, answer."""

from __future__ import annotations

import re

import httpx
from playwright.async_api import Browser, Page

from rostra.network.accounts import AccountStore, Role
from rostra.platform.database import Database
from tests.kit.browser import new_page
from tests.kit.running import House


async def a_moderator(house: House, browser: Browser, http: httpx.Client, handle: str) -> Page:
    """A member of the house becomes one, in a window of their own. http: their session."""
    database = Database(f"sqlite:///{house.folder / 'data' / 'rostra.sqlite3'}")
    async with database.transaction() as session:
        account = await AccountStore(session).by_handle(handle)
        assert account is not None
        await AccountStore(session).put_role(account.id, Role.MODERATOR)
    await database.close()
    return await in_a_window(house, browser, http)


async def in_a_window(house: House, browser: Browser, http: httpx.Client, *, phone: bool = False) -> Page:
    """Whoever `http` is signed in as, with a browser. Closes `http`."""
    page = await new_page(browser, phone=phone)
    cookies = [{"name": name, "value": value, "url": house.site} for name, value in http.cookies.items()]
    await page.context.add_cookies(cookies)  # type: ignore[arg-type]
    http.close()
    return page


async def send_notice(page: Page, *, area: str, words: str) -> str:
    """From the first step to the receipt, by whoever has no account; the private link."""
    await page.get_by_label("It is against the law").check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label(area, exact=False).first.check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("Why is it against the law?").fill(words)
    await page.get_by_label("Your name").fill("Nora Neighbour")
    await page.get_by_label("Your e-mail address").fill("nora@example.org")
    await page.get_by_label("To the best of my knowledge").check()
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("heading", name="Thank you. It has come.").wait_for()
    return await page.get_by_label("Your private link to this page").input_value()


async def newest_case(page: Page, house: House) -> str:
    """The path of the case that was opened last, from the queue."""
    await page.goto(f"{house.site}/desk")
    found = [await each.get_attribute("href") or "" for each in await page.locator("[data-case]").all()]
    return max(found, key=lambda path: int(path.rpartition("/")[2]))


async def give_reasons(page: Page, *, kind: str, provision: str, facts: str, why: str) -> None:
    """Fill in the second half of the form of a decision."""
    await page.get_by_label("Kind", exact=True).select_option(kind)
    await page.get_by_label("Which provision or rule").fill(provision)
    await page.get_by_label("The facts").fill(facts)
    await page.get_by_label("Why that follows").fill(why)


async def complain(page: Page, house: House, words: str) -> None:
    """Whoever was restricted reads the newest statement and complains."""
    await page.goto(f"{house.site}/statements")
    await page.get_by_role("link", name=re.compile("Decision")).first.click()
    await page.get_by_label("Why is the decision wrong?").fill(words)
    await page.get_by_role("button", name="Complain").click()
    await page.get_by_text("It is being looked at.").wait_for()


async def reverse(page: Page, house: House, case: str, *, answer: str) -> None:
    """Somebody who has decided nothing here answers that the complaint is right."""
    await page.goto(f"{house.site}{case}")
    await page.get_by_label("The complaint is").select_option("reversed")
    await page.get_by_label("The answer to it").fill(answer)
    await page.get_by_label("The facts").fill("It was looked at once more, with what the complaint says.")
    await page.get_by_label("Why that follows").fill("What was taken for a threat is none.")
    await page.get_by_role("button", name="See what will be read").click()
    await page.get_by_role("button", name="Decide and send").click()
    await page.get_by_text("Whoever complained has been told.").wait_for()
