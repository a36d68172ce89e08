"""The organiser: scheduling without a script, a picture, wrong times, editing, cancelling, starting by itself."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from PIL import Image
from playwright.async_api import Page

from tests.kit.acting import Organiser, connected, eventually, sign_in_url, speaking
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House

TOKYO = ZoneInfo("Asia/Tokyo")


def a_photograph() -> bytes:
    """A JPEG that knows where it was taken: 52° 31' N, 13° 24' E, by a camera with a name."""
    exif = Image.Exif()
    exif[0x010F] = "Telltale Cameras"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    file = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(file, "JPEG", exif=exif)
    assert b"Telltale" in file.getvalue()
    return file.getvalue()


async def fill(page: Page, *, title: str, at: datetime, zone: str) -> None:
    await page.get_by_label("Title").fill(title)
    await page.locator("#date").fill(at.strftime("%Y-%m-%d"))
    await page.locator("#time").fill(at.strftime("%H:%M"))
    await page.locator("#zone").select_option(zone)


async def test_scheduling_without_a_script(house: House, organiser: Organiser) -> None:
    """Every mistake is answered with words and keeps what was typed; the picture loses its secrets; unlisted stays."""
    start = (datetime.now(TOKYO) + timedelta(days=2)).replace(second=0, microsecond=0)
    submit = "main form.form button[type=submit]"
    async with chromium() as browser:
        page = await organiser.page(browser, "/broadcasts/new", script=False)
        await fill(page, title="Without a script", at=start.replace(year=2020), zone="Asia/Tokyo")
        await page.get_by_label("Host").fill("Grace Hopper")
        await page.locator("input[name=visibility][value=unlisted]").check()
        await page.locator(submit).click()
        assert "This time has passed" in await page.locator("main [role=alert]").first.inner_text()
        assert await page.get_by_label("Title").input_value() == "Without a script"
        assert await page.locator("#zone").input_value() == "Asia/Tokyo"
        await fill(page, title="Without a script", at=start, zone="Asia/Tokyo")
        for name, content, words in (
            (
                "drawing.svg",
                b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
                "JPEG, PNG or WebP",
            ),
            ("torn.jpg", a_photograph()[:900], "damaged"),
        ):
            await page.locator("#picture").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
            await page.locator(submit).click()
            assert words in await page.locator("main [role=alert]").first.inner_text()
        photograph = {"name": "us.jpg", "mimeType": "image/jpeg", "buffer": a_photograph()}
        await page.locator("#picture").set_input_files(photograph)  # type: ignore[arg-type]
        await page.locator(submit).click()
        await page.wait_for_url("**/control?done=scheduled")
        url = await page.locator("#listener-link").input_value()

        reader = await new_page(browser, script=False)
        await reader.goto(url)
        moment = reader.locator("time").first
        assert await moment.get_attribute("datetime") == start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert "(Tokyo, UTC+9)" in await reader.locator("main").inner_text()
        assert "With Grace Hopper" in await reader.locator(".lead").inner_text()
        address = await reader.locator(".broadcast__picture").get_attribute("src")
        picture = httpx.get(f"{house.site}{address}")
        assert picture.headers["content-type"] == "image/jpeg"
        assert b"Telltale" not in picture.content
        assert not Image.open(io.BytesIO(picture.content)).getexif()
        await reader.goto(f"{house.site}/")
        assert await reader.get_by_text("Without a script").count() == 0

        await page.get_by_role("link", name="Edit the broadcast").click()
        stale = await organiser.page(browser, urlsplit(page.url).path, script=False)
        assert await page.locator("#time").input_value() == start.strftime("%H:%M")
        await page.get_by_label("Title").fill("With a better title")
        await page.locator("input[name=visibility][value=public]").check()
        await page.locator(submit).click()
        await page.wait_for_url("**/control?done=saved")
        assert "saved" in await page.locator("main [role=status]").first.inner_text()
        edited = httpx.get(url).text
        assert "With a better title" in edited
        assert "Grace Hopper" in edited
        await stale.locator(submit).click()
        assert "Not saved yet." in await stale.locator("main [role=alert]").first.inner_text()
        assert "With a better title" in httpx.get(url).text, "whoever edits an old page does not undo the newer one"
        assert httpx.get(f"{house.site}{address}").status_code == 200, "an edit without a new picture keeps the old one"


def test_the_calendar_file_is_read_back(organiser: Organiser) -> None:
    """One event in UTC with title, page and a stable UID; cancelling raises SEQUENCE and says CANCELLED."""
    made = organiser.schedule("Comma, semicolon; and a very long title that has to be folded", description="One\n\nTwo")
    first, first_type = _calendar(made.page_url)
    assert first_type == "text/calendar"
    assert first["DTSTART"] == made.starts_at.strftime("%Y%m%dT%H%M%SZ")
    assert first["SUMMARY"] == r"Comma\, semicolon\; and a very long title that has to be folded"
    assert first["DESCRIPTION"].startswith(r"One\n\nTwo")
    assert first["URL"] == made.page_url
    organiser.act(made, "cancel")
    second, _ = _calendar(made.page_url)
    assert second["STATUS"] == "CANCELLED"
    assert second["UID"] == first["UID"]
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])


def _calendar(page_url: str) -> tuple[dict[str, str], str]:
    answer = httpx.get(f"{page_url}/calendar.ics", headers={"Cache-Control": "no-cache"}).raise_for_status()
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    lines = answer.text.replace("\r\n ", "").strip().split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    return dict(line.split(":", 1) for line in lines), answer.headers["content-type"].partition(";")[0]


async def test_a_cancelled_broadcast_says_so_everywhere(house: House, organiser: Organiser) -> None:
    """Page, playlist, radio and invitation; before that, with closed doors, the playlist says when to come back."""
    made = organiser.schedule("Called off")
    _, link = organiser.invite(made, "Ada")
    playlist = f"{house.edge}/live/{made.id}/index.m3u8"

    async def playlist_says(status: int) -> bool:
        return httpx.get(playlist).status_code == status

    await eventually(lambda: playlist_says(404), what="closed doors")
    closed = httpx.get(playlist)
    assert closed.headers["content-type"] == "application/problem+json"
    assert closed.headers["retry-after"]
    organiser.act(made, "cancel")
    await eventually(lambda: playlist_says(410), what="a cancelled playlist is gone")
    assert httpx.get(playlist).json()["detail"]
    assert httpx.get(f"{house.edge}/listen/{made.id}.aac").status_code == 410
    assert httpx.get(link).status_code == 410
    page = httpx.get(made.page_url)
    assert page.status_code == 200
    assert "This broadcast was cancelled." in page.text
    assert "Called off" not in httpx.get(f"{house.site}/").text


async def test_starting_by_itself(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """At the minute with a speaker on stage; without one not at all, and the control page says why and what to do."""
    ahead = timedelta(seconds=9)
    full = organiser.schedule("Starts by itself", starts_in=ahead, auto_start=True)
    empty = organiser.schedule("Waits for somebody", starts_in=ahead, auto_start=True)
    _, link = organiser.invite(full, "Ada")
    async with speaking(house, link, tone(tmp_path / "a.wav", 430)), chromium() as browser:
        waiting = await organiser.at_control(browser, empty)

        async def ada_is_there() -> bool:
            return connected(organiser, full) == ["Ada"]

        await eventually(ada_is_there, what="Ada is on stage")

        async def on_the_air() -> bool:
            return bool(organiser.control(full)["phase"] == "live")

        await eventually(on_the_air, what="on the air by itself")
        live_at = datetime.fromisoformat(organiser.control(full)["live_at"])
        assert live_at >= full.starts_at.replace(microsecond=0)
        await waiting.locator("#late-text", has_text="The start is due. Nobody is on stage.").wait_for()
        assert "Go on stage yourself" in await waiting.locator("#late-text").inner_text()
        assert organiser.control(empty)["phase"] == "doors_open"
    organiser.act(full, "end")
    organiser.act(empty, "cancel")


async def test_a_sign_in_link_counts_once(house: House) -> None:
    """The second use explains itself; signing out closes what was open, on the server too."""
    link = sign_in_url(house)
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(link)
        await page.wait_for_url("**/broadcasts")
        kept = await page.context.cookies()
        stranger = await new_page(browser)
        answer = await stranger.goto(link)
        assert answer is not None
        assert answer.status >= 400
        assert "does not work any more" in await stranger.locator("h1").inner_text()
        assert "rostra sign-in" in await stranger.locator("main").inner_text()
        await page.locator("summary", has_text="Menu").click()
        await page.get_by_role("button", name=re.compile("Sign out")).click()
        await page.get_by_role("heading", name="You are signed out").wait_for()
        await page.context.add_cookies(kept)  # type: ignore[arg-type]
        await page.goto(f"{house.site}/broadcasts")
        await page.get_by_role("heading", name="Sign in").wait_for()
