"""A post of the owner of the server is flagged by a stranger: the owner is an account like all others.

They neither see nor decide the case; another moderator does. They get the reasons and complain; a third person reverses
that, and the post is back exactly as it was.
"""

from __future__ import annotations

import asyncio
import re

import httpx
from playwright.async_api import Browser, Page

from rostra.network.accounts import AccountStore, Role
from rostra.platform.database import Database
from tests.journeys.test_network_pages import a_neighbour
from tests.kit.acting import Organiser
from tests.kit.axe import faults
from tests.kit.browser import chromium, new_page
from tests.kit.running import House

SAID = "Whoever votes against me should be thrown into the river"


async def a_moderator(house: House, browser: Browser, handle: str) -> Page:
    """In a window of their own."""
    http = await a_neighbour(house, handle)
    database = Database(f"sqlite:///{house.folder / 'data' / 'rostra.sqlite3'}")
    async with database.transaction() as session:
        account = await AccountStore(session).by_handle(handle)
        assert account is not None
        await AccountStore(session).put_role(account.id, Role.MODERATOR)
    await database.close()
    page = await new_page(browser)
    cookies = [{"name": name, "value": value, "url": house.site} for name, value in http.cookies.items()]
    await page.context.add_cookies(cookies)  # type: ignore[arg-type]
    http.close()
    return page


def as_seen(house: House, path: str) -> tuple[int, str]:
    """What a visitor gets, without how long ago that was."""
    with httpx.Client(base_url=house.site, timeout=20, trust_env=False) as visitor:
        answer = visitor.get(path)
    when = re.compile(r'<time.*?</time>| aria-label="[^"]*"')
    return answer.status_code, when.sub("", answer.text)


async def flagged(house: House, browser: Browser, path: str) -> str:
    """A stranger on a phone, without a script, in three steps; the private link."""
    stranger = await new_page(browser, phone=True, script=False)
    await stranger.goto(f"{house.site}{path}")
    await stranger.get_by_role("link", name="Flag this post").first.click()
    await stranger.get_by_label("It is against the law").check()
    await stranger.get_by_role("button", name="Go on").click()
    await stranger.get_by_label("Threats and violence").check()
    await stranger.get_by_role("button", name="Go on").click()
    await stranger.get_by_label("Why is it against the law?").fill(
        "It threatens everybody who votes, and names a place."
    )
    await stranger.get_by_role("button", name="Send").click()
    await stranger.get_by_role("alert").wait_for()
    assert "It threatens everybody" in await stranger.get_by_label("Why is it against the law?").input_value()
    await stranger.get_by_label("Your name").fill("Nora Neighbour")
    await stranger.get_by_label("Your e-mail address").fill("nora@example.org")
    await stranger.get_by_label("To the best of my knowledge").check()
    await stranger.get_by_role("button", name="Send").click()
    await stranger.get_by_role("heading", name="Thank you. It has come.").wait_for()
    return await stranger.get_by_label("Your private link to this page").input_value()


async def reasons_given(page: Page, measure: str) -> None:
    await page.get_by_label("With it").select_option(measure)
    await page.get_by_label("Kind", exact=True).select_option("VIOLENCE/INCITEMENT_VIOLENCE_HATRED")
    await page.get_by_label("Which provision or rule").fill("Section 126 of the Criminal Code")
    await page.get_by_label("The facts").fill("The post says that voters should be thrown into the river.")
    await page.get_by_label("Why that follows").fill("It announces a crime against a group of people.")


async def test_the_owner_is_not_above_the_rules(house: House, organiser: Organiser) -> None:
    words = {"csrf": organiser.csrf, "text": SAID, "visibility": "public"}
    (await asyncio.to_thread(organiser.http.post, "/compose", data=words)).raise_for_status()
    profile = (await asyncio.to_thread(organiser.http.get, "/@host")).text.replace("\n", "")
    found = re.search(r'id="p(\d+)"(?:(?!id="p).)*thrown into the river', profile)
    assert found is not None
    path = f"/@host/{found.group(1)}"
    before = {each: await asyncio.to_thread(as_seen, house, each) for each in (path, "/@host", "/public")}
    assert all(SAID in text for _, text in before.values())

    async with chromium() as browser:
        link = await flagged(house, browser, path)
        mo, max_ = await a_moderator(house, browser, "mo"), await a_moderator(house, browser, "max")

        await mo.goto(f"{house.site}/desk")
        row = mo.locator("[data-case]").first
        case = await row.get_attribute("href")
        assert case is not None
        owner = await organiser.page(browser, "/desk")
        assert await owner.locator(f'[href="{case}"]').count() == 0, "not in their queue"
        assert (await owner.request.get(f"{house.site}{case}")).status == 403, "nor at its address"

        assert await faults(mo) == []
        await mo.keyboard.press("j")
        await mo.keyboard.press("o")
        await mo.wait_for_url(f"**{case}")
        assert SAID in await mo.locator(".evidence").inner_text()
        await mo.keyboard.press("c")
        await mo.get_by_role("heading", name="This case is yours").wait_for()
        await reasons_given(mo, "remove")
        assert await faults(mo) == []
        await mo.get_by_role("button", name="See what will be read").click()
        await mo.get_by_role("heading", name="@host reads this").wait_for()
        assert await faults(mo) == []
        told = await mo.locator(".letter").first.locator(".letter__summary").inner_text()
        await mo.get_by_role("button", name="Decide and send").click()
        await mo.get_by_text("Everybody whom it concerns has been told.").wait_for()
        await mo.goto(f"{house.site}/desk/decided")
        await mo.locator("table").wait_for()
        assert await faults(mo) == []

        for each in before:
            assert SAID not in (await asyncio.to_thread(as_seen, house, each))[1], each
        await owner.goto(f"{house.site}/statements")
        await owner.get_by_role("link", name="Decision").click()
        assert await owner.locator(".letter__summary").inner_text() == told
        assert await faults(owner) == []
        await owner.get_by_label("Why is the decision wrong?").fill("It is a line from a play, and the title says so.")
        await owner.get_by_role("button", name="Complain").click()
        await owner.get_by_text("It is being looked at.").wait_for()

        await mo.goto(f"{house.site}{case}")
        await mo.get_by_text("You have decided in this case before").wait_for()
        assert await mo.get_by_role("button", name="See what will be read").count() == 0
        await max_.goto(f"{house.site}{case}")
        await max_.get_by_label("The complaint is").select_option("reversed")
        await max_.get_by_label("The answer to it").fill("You were right: it is a quotation.")
        await max_.get_by_label("The facts").fill("The line is spoken in a play that the post names.")
        await max_.get_by_label("Why that follows").fill("A quotation announces nothing.")
        await max_.get_by_role("button", name="See what will be read").click()
        assert await faults(max_) == []
        await max_.get_by_role("button", name="Decide and send").click()
        await max_.get_by_text("Whoever complained has been told.").wait_for()

        after = {each: await asyncio.to_thread(as_seen, house, each) for each in before}
        assert after == before
        await owner.reload()
        await owner.get_by_text("You were right: it is a quotation.").wait_for()
        await owner.get_by_text("This no longer holds.").wait_for()
        stranger = await new_page(browser, phone=True)
        await stranger.goto(link)
        await stranger.get_by_text("looked at it again and took that back").first.wait_for()
        assert await faults(stranger) == []
