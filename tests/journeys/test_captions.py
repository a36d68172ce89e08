"""Captions: what the demonstration's voices say is on the page, in the playlist, and afterwards in the transcript."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import m3u8
import pytest

from rostra.apps.demonstration import TURNS
from tests.kit.acting import becomes, eventually, press, signed_in
from tests.kit.browser import chromium, new_page
from tests.kit.running import House

WORDS = 10
"""So many different ones of the demonstration's text are enough to say that it was understood."""
SPOKEN = set(re.findall(r"[a-z]{4,}", " ".join(text for _, text in TURNS).lower()))


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demonstration with the small English model."""
    running = House(tmp_path_factory.mktemp("captioned"), demo=True, environment={"ROSTRA_CAPTIONS": "bundled"})
    running.start()
    yield running
    running.stop()


def known(text: str) -> int:
    """How many of the words are of the demonstration's text."""
    return len(SPOKEN & set(re.findall(r"[a-z]{4,}", text.lower())))


async def test_what_is_said_can_be_read(captioned: House) -> None:
    """Live on the page with the switch, as WebVTT in the playlist; the engine is killed and goes on where it was; the
    host turns them off and on;
    afterwards the transcript can be searched, played from and downloaded."""
    broadcast = captioned.run["broadcasts"][0]
    async with chromium() as browser, httpx.AsyncClient() as client:
        page = await new_page(browser)
        await page.goto(broadcast["page"])
        await page.locator("#play").click()
        await becomes(page, "window.rostraPlayer?.state === 'playing'")
        await page.locator("#captions-switch").click()

        async def words_on_the_page() -> bool:
            return known(await page.locator("#captions").inner_text()) >= 3

        await eventually(words_on_the_page, seconds=60, what="captions are on the page")
        os.kill(captioned.pid_of("captions"), signal.SIGKILL)

        master = m3u8.loads((await client.get(broadcast["playlist"])).text, uri=broadcast["playlist"])
        subtitles = master.media[0]
        assert (subtitles.type, subtitles.language) == ("SUBTITLES", "en")
        assert {variant.stream_info.subtitles for variant in master.playlists} == {subtitles.group_id}

        async def words_in_the_playlist() -> bool:
            listed = m3u8.loads((await client.get(subtitles.absolute_uri)).text, uri=subtitles.absolute_uri)
            files = [(await client.get(urljoin(subtitles.absolute_uri, each.uri))).text for each in listed.segments]
            assert all("X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000" in file for file in files)
            return known(" ".join(files)) >= 3

        await eventually(words_in_the_playlist, seconds=60, what="captions are in the playlist")
        feed = broadcast["playlist"].replace("index.m3u8", "captions.json")
        before = (await client.get(feed)).json()["cues"][-1]["start_ms"]

        async def goes_on() -> bool:
            return (await client.get(feed)).json()["cues"][-1]["start_ms"] > before

        await eventually(goes_on, seconds=60, what="captions go on after their process was killed")

        said: list[str] = []

        async def enough_is_said() -> bool:
            said.extend(each["text"] for each in (await client.get(feed)).json()["cues"])
            return known(" ".join(said)) >= WORDS

        await eventually(enough_is_said, seconds=120, what="enough has been said for a transcript")

        host = await signed_in(browser, captioned)
        await host.goto(broadcast["page"] + "/control")
        await host.get_by_role("button", name="Turn captions off").click()
        await page.locator("#captions-switch").wait_for(state="hidden")
        assert not m3u8.loads((await client.get(broadcast["playlist"])).text).media
        await host.get_by_role("button", name="Turn captions on").click()
        await page.locator("#captions-switch").wait_for()
        await press(host, "End", then_phase="ended")
        await page.locator("[data-transcript]").wait_for(timeout=60_000)
        address = broadcast["page"]
        text = (await client.get(address + "/transcript.txt")).text.partition("\n\n")[2]
        assert known(text) >= WORDS
        starts = re.findall(r"^(\S+) --> ", (await client.get(address + "/captions.vtt")).text, re.MULTILINE)
        assert starts == sorted(set(starts)), "every cue comes once"

        word = max(SPOKEN & set(re.findall(r"[a-z]{4,}", text)), key=len)
        assert f"<mark>{word}</mark>" in (await client.get(address + "/transcript", params={"q": word})).text
        await page.locator("#transcript-words").fill(word)
        await page.locator(".transcript mark").first.wait_for()
        await page.locator(".transcript a").first.click()
        await becomes(page, "document.querySelector('#replay audio').currentTime > 0.5")
