"""After the end: the replay on the same page, as HLS and as one file; what the host cuts is gone from both."""

from __future__ import annotations

import asyncio
import subprocess
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from tests.kit.acting import Made, Organiser, becomes, connected, eventually, speaking
from tests.kit.browser import chromium, levels, new_page
from tests.kit.recordings import heard
from tests.kit.running import House
from tests.kit.tones import RATE_HZ, Sound, sine, tone_dbfs

LOW_HZ, HIGH_HZ = 430.0, 1130.0
HALF_PARTS = 14
ON_AIR_S = 2 * HALF_PARTS * 0.512


def a_voice(path: Path) -> Path:
    """Four seconds low, four seconds high."""
    sound = np.concatenate([sine(hz, 4 * RATE_HZ) for hz in (LOW_HZ, HIGH_HZ)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((sound * 32_767).astype("<i2").tobytes())
    return path


def tones(sound: Sound) -> list[str]:
    """What is heard in each tenth of a second."""
    said = []
    for at in range(0, len(sound) - RATE_HZ // 10, RATE_HZ // 10):
        piece = sound[at : at + RATE_HZ // 10]
        low, high = tone_dbfs(piece, LOW_HZ), tone_dbfs(piece, HIGH_HZ)
        said.append("low" if low > max(high, -40) else "high" if high > -40 else "-")
    return said


async def a_replay(
    house: House, organiser: Organiser, folder: Path, title: str, on_air: Callable[[Made], Awaitable[None]]
) -> Made:
    """A broadcast of fourteen seconds that has ended, with a mark; its replay is published. on_air: done meanwhile."""
    made = organiser.schedule(title)
    _, link = organiser.invite(made, "Voice")
    organiser.act(made, "open_doors")
    async with speaking(house, link, a_voice(folder / "voice.wav")):
        await eventually(lambda: on_stage(organiser, made), what="the voice is on stage")
        organiser.act(made, "go_live")
        await parts_later(organiser, made, HALF_PARTS)
        organiser.ask(f"/broadcasts/{made.id}/marks", {"title": "The second half"})
        await asyncio.gather(parts_later(organiser, made, HALF_PARTS), on_air(made))
        organiser.act(made, "end")

    async def is_there() -> bool:
        return organiser.http.get(f"/b/{made.slug}/replay.m3u8").status_code == 200

    await eventually(is_there, seconds=30, what="the replay is there within 30 s of the end")
    return made


async def parts_later(organiser: Organiser, made: Made, count: int) -> None:
    """Wait until the stage has made so many parts more than when it next says how many there are.

    What it has said last may be seconds old where the machine has much else to do.
    """

    def made_so_far() -> int:
        stage = organiser.control(made)["stage"]
        return int(stage["part"]) if stage else 0

    said_last = made_so_far()

    async def says_more() -> bool:
        return made_so_far() > said_last

    await eventually(says_more, seconds=40, what="another part")
    first = made_so_far()

    async def is_made() -> bool:
        return made_so_far() >= first + count

    await eventually(is_made, seconds=40, what=f"{count} parts")


async def on_stage(organiser: Organiser, made: Made) -> bool:
    return bool(connected(organiser, made))


async def test_the_replay_plays_seeks_and_is_cut(house: House, organiser: Organiser, tmp_path: Path) -> None:
    links: list[str] = []

    async def clip_it(made: Made) -> None:
        """A listener presses for the last half minute."""
        async with chromium() as browser:
            page = await new_page(browser, ears=True)
            await page.goto(made.page_url)
            await page.locator("#play").click()
            await page.get_by_role("button", name="Make a clip of the last 30 seconds").click()
            await page.locator("#clip-says a").wait_for()
            links.append(await page.locator("#clip-says a").get_attribute("href") or "")

    made = await a_replay(house, organiser, tmp_path, "A conversation to cut", clip_it)
    whole = heard(f"{house.site}/b/{made.slug}/recording.m4a")
    assert tones(heard(f"{house.site}/b/{made.slug}/replay.m3u8")) == tones(whole), "one sound, two ways"
    length_s = len(whole) / RATE_HZ
    assert length_s > ON_AIR_S - 2, "nothing is lost; it is longer where a browser takes its time"
    async with chromium() as browser:
        page = await new_page(browser, ears=True)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(made.page_url)
        await becomes(page, "document.querySelector('#replay audio').src.startsWith('blob:')")
        await becomes(page, "document.querySelector('#replay audio').readyState >= 2")
        assert not any(url.endswith(".m4a") for url in asked), "the file is left alone"
        await page.evaluate("document.querySelector('#replay audio').play()")
        await page.get_by_role("link", name="The second half").click()
        await becomes(page, f"document.querySelector('#replay audio').currentTime > {ON_AIR_S / 2 - 2}")
        await becomes(page, "!document.querySelector('#replay audio').paused")

        async def is_heard() -> bool:
            return max(await levels(page, LOW_HZ, HIGH_HZ)) > -60

        await eventually(is_heard, what="the replay is heard behind the seek")

        [link] = links
        clip = await new_page(browser)
        await clip.goto(link)
        span = await clip.evaluate("JSON.parse(document.querySelector('[data-clip]').dataset.clip)")
        start, end = span["start_s"], span["end_s"]
        assert 0 <= start < end < length_s
        await clip.get_by_role("button", name="From the start of the clip").click()
        await becomes(clip, f"document.querySelector('audio').currentTime > {start + 0.5}")
        await becomes(clip, "document.querySelector('audio').paused")
        assert await clip.evaluate("document.querySelector('audio').currentTime") == pytest.approx(end, abs=0.3)

        edit = await organiser.page(browser, f"/b/{made.slug}/edit-replay")
        await edit.locator("#picture").wait_for()
        await drag(edit, 0.25, 0.5)
        first, last = edit.get_by_label("Start of cut 1", exact=True), edit.get_by_label("End of cut 1", exact=True)
        assert seconds(await first.input_value()) == pytest.approx(0.25 * length_s, abs=1.5), (
            "a drag across the picture marks what is cut"
        )
        await first.fill("0:02.0")
        await last.fill("0:06.0")
        await last.press("Tab")
        await edit.get_by_role("button", name="Listen across it").click()
        await becomes(edit, "document.querySelector('#sound').currentTime > 6")
        await edit.get_by_role("button", name="Publish", exact=True).click()
        await edit.locator("#status", has_text="ready").wait_for(timeout=40_000)
    said, kept = tones(whole), tones(heard(f"{house.site}/b/{made.slug}/replay.m3u8"))
    assert kept == tones(heard(f"{house.site}/b/{made.slug}/recording.m4a"))
    assert len(kept) == pytest.approx(len(said) - 40, abs=1)
    agreed = sum(a == b for a, b in zip(kept, said[:20] + said[60:], strict=False))
    assert agreed > 0.9 * len(kept), "what was cut is gone, and everything else is where it belongs"
    mark = served_chapters(organiser, made)[1]
    assert mark["title"] == "The second half"
    assert mark["startTime"] == pytest.approx(ON_AIR_S / 2 - 4, abs=1.5)
    words = ("publish", made.slug, "--from", "tracks", "--cut", "0:00 - 0:03", "--data", str(house.folder / "data"))
    done = subprocess.run(house.command(*words), capture_output=True, text=True, env=house.clean_environment())
    assert done.returncode == 0, done.stderr
    assert "Published" in done.stdout
    mixed = tones(heard(f"{house.site}/b/{made.slug}/recording.m4a"))
    agreed = sum(a == b for a, b in zip(mixed, said[30:], strict=False))
    assert agreed > 0.85 * len(mixed), "the tracks make the same conversation"


async def drag(page: Page, from_share: float, to_share: float) -> None:
    """Across the picture of the sound."""
    box = await page.locator("#picture").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * from_share, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * to_share, middle, steps=4)
    await page.mouse.up()


def seconds(text: str) -> float:
    minutes, _, rest = text.partition(":")
    return int(minutes) * 60 + float(rest)


def served_chapters(organiser: Organiser, made: Made) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = organiser.http.get(f"/b/{made.slug}/chapters.json").json()["chapters"]
    return listed
