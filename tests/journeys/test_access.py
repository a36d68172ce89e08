"""Every page in every state: with axe, on a phone, enlarged, by keyboard alone, light on the wire, alone with us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page

from tests.kit.acting import Made, Organiser, becomes, eventually, on_stage
from tests.kit.axe import DESK, DESK_DARK, PHONE, PHONE_DARK, Look, Wire, faults
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House

FIRST_VIEW_BYTES = 60_000
ALL = (DESK, DESK_DARK, PHONE, PHONE_DARK)


class Tour:
    """Goes from page to page and collects what is wrong."""

    def __init__(self, browser: Browser, house: House) -> None:
        self._browser = browser
        self._site = house.site
        self.found: list[str] = []

    async def stand(self, page: Page, state: str, looks: tuple[Look, ...] = (DESK, PHONE_DARK)) -> None:
        self.found += [f"[{state}] {fault}" for fault in await faults(page, looks)]

    async def visit(
        self, path: str, state: str, *, looks: tuple[Look, ...] = (DESK, PHONE_DARK), ready: str = "h1"
    ) -> None:
        """A stranger's first look, in a window that has nothing stored."""
        page = await new_page(self._browser)
        await page.goto(self._site + path)
        await page.locator(ready).first.wait_for()
        await self.stand(page, state, looks)
        await page.context.close()


async def test_pages_that_stand_still(house: House, organiser: Organiser) -> None:
    """Home, sign-in, not found, the organiser's list, the form and its errors; cancelled, withdrawn, too early."""
    async with chromium() as browser:
        tour = Tour(browser, house)
        made = organiser.schedule("A page to look at", description="What it is about.\n\nAnd more of it.")
        seat, link = organiser.invite(made, "Ada")
        path = urlsplit(made.page_url).path
        await tour.visit("/", "home", looks=ALL)
        await tour.visit("/sign-in", "sign-in", looks=ALL)
        await tour.visit("/sign-in/spent", "spent link")
        await tour.visit("/b/nobody-knows", "not found")
        await tour.visit(path, "broadcast before", looks=ALL, ready="#countdown")
        await tour.visit(urlsplit(link).path, "invitation before the doors", ready="#early")

        own = await organiser.page(browser, "/broadcasts")
        await tour.stand(own, "organiser")
        await own.goto(f"{house.site}{path}/control")
        await own.locator("#checks li").first.wait_for()
        await tour.stand(own, "control before", ALL)
        await own.goto(f"{house.site}{path}/edit")
        await tour.stand(own, "edit")
        await own.goto(f"{house.site}/broadcasts/new")
        await tour.stand(own, "schedule", ALL)
        await own.get_by_label("Title").fill("Too late")
        await own.locator("#date").fill("2020-01-01")
        await own.locator("#time").fill("20:00")
        await own.get_by_role("button", name="Schedule", exact=True).click()
        await own.get_by_text("Not saved yet.").wait_for()
        await tour.stand(own, "schedule with an error")

        organiser.ask(f"/broadcasts/{made.id}/invitations/{seat}", None, "DELETE")
        await tour.visit(urlsplit(link).path, "invitation withdrawn")
        organiser.act(made, "cancel")
        await tour.visit(path, "broadcast cancelled", ready="#after")
        await own.goto(f"{house.site}{path}/control")
        await tour.stand(own, "control cancelled")
        assert tour.found == []


async def test_pages_of_a_broadcast_on_its_way(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """Doors open, on the air, paused, ended: the listener's page, the speaker's, the host's, and home."""
    async with chromium(microphone=tone(tmp_path / "a.wav", 430)) as speaking, chromium() as browser:
        tour, at_the_microphone = Tour(browser, house), Tour(speaking, house)
        made = organiser.schedule("A broadcast to look at", starts_in=timedelta(minutes=20))
        _, link = organiser.invite(made, "Ada")
        path = urlsplit(made.page_url).path
        organiser.act(made, "open_doors")
        control = await organiser.at_control(browser, made)
        await at_the_microphone.visit(urlsplit(link).path, "invitation check", ready="#microphone-choice", looks=ALL)
        stage = await on_stage(speaking, link, "Ada")
        await tour.visit(path, "broadcast with open doors", ready="#player")
        await control.locator("#on-stage li").first.wait_for()
        await tour.stand(control, "control with open doors")
        await tour.stand(stage, "stage with open doors")

        listener = await new_page(browser)
        await listener.goto(made.page_url)
        await listener.locator("#play").click()
        await becomes(listener, "window.rostraPlayer?.state === 'playing'")
        for act, phase in (("go_live", "live"), ("pause", "paused")):
            organiser.act(made, act)
            await control.locator(f"[data-control][data-phase={phase}]").wait_for()
            await listener.locator(f"article[data-phase={phase}]").wait_for()
            await stage.locator(f".stage[data-phase={phase}]").wait_for()
            looks = ALL if phase == "live" else (DESK, PHONE_DARK)
            for page, whose in ((listener, "listener"), (control, "control"), (stage, "stage")):
                await tour.stand(page, f"{whose}, {phase}", looks)
            await tour.visit("/", f"home, {phase}", ready=".now")
        organiser.act(made, "end")
        await stage.locator("#out").wait_for()
        await tour.stand(stage, "stage after the end")
        await listener.locator("#over, #after").locator("visible=true").first.wait_for()
        await tour.stand(listener, "listener after the end")
        await tour.visit(urlsplit(link).path, "invitation over")
        await control.locator("#tracks").wait_for(timeout=40_000)  # the page was made anew since the recording came
        await tour.stand(control, "control after the end")
        assert not await control.locator("#invite, #ready-text").locator("visible=true").count()
        await tour.visit(path, "broadcast with a recording", ready="audio[aria-label=Recording]", looks=ALL)
        await control.goto(f"{house.site}{path}/edit-replay")
        await control.locator("#add").click()
        await tour.stand(control, "edit the replay", ALL)
        clip = await new_page(browser)
        await clip.goto(f"{house.site}{path}")
        await clip.locator("details.clip summary").click()
        await tour.stand(clip, "make a clip")
        await clip.get_by_role("button", name="Make the clip").click()
        await clip.wait_for_url("**/c/*")
        await tour.stand(clip, "clip", ALL)
        assert tour.found + at_the_microphone.found == []


@pytest.fixture
def doors_open(organiser: Organiser) -> Iterator[Made]:
    made = organiser.schedule("By keyboard", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    yield made
    organiser.put_away(made)


async def test_listening_by_keyboard_alone(doors_open: Made) -> None:
    """Tab reaches the play button after the head of the page, Enter plays; a reader of screens hears the new name."""
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(doors_open.page_url)
        await becomes(page, "window.rostraPlayer !== undefined")
        reached: list[str] = []
        while "play" not in reached:
            assert len(reached) < 8, f"play is not among the first stops: {reached}"
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.id || document.activeElement.className"))
        assert reached[0] == "past-head"
        await page.keyboard.press("Enter")
        await becomes(page, "window.rostraPlayer.state === 'playing'")
        assert await page.evaluate("document.activeElement.id") == "play"
        assert await page.locator("#play").inner_text() != "Listen"


async def test_first_views_are_light_and_ask_nobody_else(house: House, organiser: Organiser, doors_open: Made) -> None:
    """At most 60 kB on the wire before anything is pressed, and no request to a third party.

    With open doors the player's library and the first parts follow while the page is idle, so a press plays at once.
    """
    before = organiser.schedule("Light")
    _, link = organiser.invite(doors_open, "Ada")
    own_hosts = {urlsplit(url).netloc for url in (house.site, house.edge, house.stage)}
    async with chromium() as browser:
        for url in (f"{house.site}/", before.page_url, doors_open.page_url, link, f"{house.site}/sign-in"):
            page = await new_page(browser)
            wire = await Wire.tap(page)
            await page.goto(url)
            await page.evaluate("document.fonts.ready.then(() => true)")

            async def everything_is_here(wire: Wire = wire) -> bool:
                return not wire.under_way

            await eventually(everything_is_here, what=f"{url} is fetched")
            first_view = {
                fetched: size
                for fetched, size in wire.bytes_of.items()
                if fetched.startswith(house.site) and "/assets/hls" not in fetched
            }
            assert sum(first_view.values()) <= FIRST_VIEW_BYTES, f"{url}: {first_view}"
            assert wire.hosts <= own_hosts
            if url != doors_open.page_url:
                assert first_view == wire.bytes_of
            await page.context.close()
