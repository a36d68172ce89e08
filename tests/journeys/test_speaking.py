"""A speaker's evening when it is not smooth: no microphone, a reload, two windows, a host who decides otherwise."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page

from tests.kit.acting import Made, Organiser, becomes, connected, eventually, on_stage
from tests.kit.browser import chromium, levels, new_page, tone
from tests.kit.running import House

LOW_HZ, HIGH_HZ = 430.0, 1130.0
HEARD_DB, UNHEARD_DB = -60.0, -75.0


@pytest.fixture
def made(organiser: Organiser) -> Iterator[Made]:
    """A broadcast with open doors."""
    made = organiser.schedule("Speaking", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    yield made
    organiser.put_away(made)


async def refused_words(page: Page, link: str) -> str:
    await page.goto(link)
    await page.locator("#start-microphone").click()
    await page.locator("#microphone-error").wait_for()
    return await page.locator("#microphone-error").inner_text()


async def test_without_a_microphone_the_page_says_what_to_do(organiser: Organiser, made: Made, tmp_path: Path) -> None:
    """A permission that is denied and a machine without a microphone get words of their own, and Try again works."""
    _, link = organiser.invite(made, "Ada")
    async with chromium(microphone=tone(tmp_path / "a.wav", LOW_HZ), grant=False) as browser:
        page = await new_page(browser)
        words = await refused_words(page, link)
        assert "blocked" in words
        assert "Try again" in words
        assert await page.locator("#start-microphone").inner_text() == "Try again"
        await page.context.grant_permissions(["microphone"])
        await page.locator("#start-microphone").click()
        await page.locator("#microphone-choice").wait_for()
        assert not await page.locator("#microphone-error").is_visible()
    async with chromium() as browser:
        page = await new_page(browser)
        words = await refused_words(page, link)
        assert "No microphone was found" in words
        assert "Plug one in" in words
        await page.locator("#join").click()
        assert await page.locator("#microphone-error").is_visible()
        assert not await page.locator("#room").is_visible()


async def test_one_seat_and_a_host(house: House, organiser: Organiser, made: Made, tmp_path: Path) -> None:
    """Reload, second window, mute, unmute, hand over, remove and withdraw, each seen by whom it concerns."""
    path = urlsplit(made.page_url).path
    _, low_link = organiser.invite(made, "Low")
    _, high_link = organiser.invite(made, "High")
    async with (
        chromium(microphone=tone(tmp_path / "low.wav", LOW_HZ)) as first,
        chromium(microphone=tone(tmp_path / "high.wav", HIGH_HZ)) as second,
    ):
        low, high = await asyncio.gather(on_stage(first, low_link, "Low"), on_stage(second, high_link, "High"))
        control = await organiser.at_control(first, made)

        await low.reload()
        await becomes(low, "window.rostraStage?.connected")

        async def both_are_there() -> bool:
            return sorted(connected(organiser, made)) == ["High", "Low"]

        await eventually(both_are_there, what="who reloaded has the one seat again, alone")

        again = await on_stage(first, low_link, "Low")
        await low.locator("#out").wait_for()
        assert "in use in another window" in await low.locator("#out-text").inner_text()
        await low.locator("#take-seat").click()
        await becomes(low, "window.rostraStage?.connected")
        await again.locator("#out").wait_for()
        await again.context.close()
        assert sorted(connected(organiser, made)) == ["High", "Low"]

        async def low_is_heard() -> bool:
            return (await levels(high, LOW_HZ))[0] > HEARD_DB

        async def low_is_silent() -> bool:
            return (await levels(high, LOW_HZ))[0] < UNHEARD_DB

        await eventually(low_is_heard, what="High hears Low")
        await control.get_by_role("button", name="Mute Low", exact=True).click()
        await low.locator("#heard", has_text="The host has muted you").wait_for()
        await eventually(low_is_silent, what="High does not hear a muted Low")
        await control.get_by_role("button", name="Unmute Low", exact=True).click()
        await low.locator("#heard", has_text="You are heard").wait_for()
        await eventually(low_is_heard, what="High hears Low again")

        await control.get_by_role("button", name="Hand over the host's seat to High").click()
        await control.locator("dialog[open]").get_by_role("button", name="Hand over").click()
        await control.locator("#on-stage li", has_text="High").get_by_text("host").wait_for()
        await high.get_by_text("you are the host").wait_for()
        await high.evaluate("document.querySelector('#to-control').target = 'control'")  # keeps the speaker on stage
        async with high.context.expect_page() as opened:
            await high.get_by_role("button", name="Open the control page").click()
        guest = await opened.value
        await guest.wait_for_url(f"**{path}/control")
        await guest.locator("#acts").get_by_role("button", name="Go on the air", exact=True).click()
        await guest.locator("[data-control][data-phase=live]").wait_for()
        await low.locator(".stage[data-phase=live]").wait_for()

        await control.get_by_role("button", name="Remove Low from the stage").click()
        await control.locator("dialog[open]").get_by_role("button", name="Remove").click()
        await low.locator("#out").wait_for()
        assert "host" in await low.locator("#out-text").inner_text()
        assert not await low.locator("#take-seat").is_visible()
        await eventually(low_is_silent, what="High does not hear a removed Low")
        assert connected(organiser, made) == ["High"]
        gone = await low.goto(low_link)
        assert gone is not None
        assert gone.status == 410
        assert "withdrawn" in await low.locator("#main").inner_text()


async def test_a_withdrawn_invitation_ends_the_session(organiser: Organiser, made: Made, tmp_path: Path) -> None:
    """Whoever is on stage is told at once, and the link says so from then on."""
    _, link = organiser.invite(made, "Ada")
    async with chromium(microphone=tone(tmp_path / "a.wav", LOW_HZ)) as browser:
        page = await on_stage(browser, link, "Ada")
        control = await organiser.at_control(browser, made)
        await control.get_by_role("button", name="Withdraw the invitation of Ada").click()
        await control.locator("dialog[open]").get_by_role("button", name="Withdraw").click()
        await control.locator("#invitations li", has_text="Ada").locator("text=withdrawn").wait_for()
        await page.locator("#out").wait_for()
        assert "withdrawn" in await page.locator("#out-text").inner_text()
        assert connected(organiser, made) == []
        await page.reload()
        assert "withdrawn" in await page.locator("#main").inner_text()


async def test_links_that_do_not_open_say_why(house: House, organiser: Organiser) -> None:
    """Before the doors: when they open. Expired: ask for a new one. Unknown: check the link."""
    made = organiser.schedule("Later", starts_in=timedelta(hours=3))
    seat, link = organiser.invite(made, "Ada")
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(link)
        doors = (made.starts_at - timedelta(minutes=15)).astimezone().strftime("%M")
        early = await page.locator("#early").inner_text()
        assert "The doors open at" in early
        assert f":{doors}" in early
    with sqlite3.connect(house.folder / "data" / "rostra.sqlite3") as database:
        database.execute("UPDATE invitations SET expires_at = created_at WHERE id = ?", (int(seat),))
    database.close()
    expired = httpx.get(link)
    assert expired.status_code == 410
    assert "has expired" in expired.text
    ticket = httpx.post(link.replace("/i/", "/api/v1/invitations/") + "/ticket")
    assert (ticket.status_code, ticket.json()["code"]) == (410, "invitation_expired")
    unknown = httpx.get(f"{house.site}/i/nobody-has-this")
    assert unknown.status_code == 404
    assert "does not exist" in unknown.text
