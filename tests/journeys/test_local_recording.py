"""A speaker's own browser records: through a reload and a killed stage, everything arrives and finds its place."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.async_api import Page

from tests.kit.acting import Organiser, becomes, on_stage
from tests.kit.browser import chromium, new_page
from tests.kit.recordings import heard
from tests.kit.running import House
from tests.kit.tones import Sound
from tests.kit.voices import as_wav, voice

LOCAL = "window.rostraStage?.local"
MADE = f"({LOCAL}.sentS + {LOCAL}.unsentS)"


async def recording_on_stage(page: Page, link: str) -> None:
    """Say yes to the recording and go on stage."""
    await page.goto(link)
    await page.locator("#microphone-choice").wait_for()
    await page.locator("#record-locally").check()
    await page.locator("#join").click()
    await becomes(page, "window.rostraStage?.connected")


def sent(link: str) -> list[dict[str, Any]]:
    """What the site has of a seat's recordings."""
    answer = httpx.get(link.replace("/i/", "/api/v1/invitations/") + "/recording", trust_env=False)
    recordings: list[dict[str, Any]] = answer.raise_for_status().json()["recordings"]
    return recordings


async def sent_whole(link: str) -> bool:
    recordings = sent(link)
    return bool(recordings) and all(each["whole"] and each["here"] == [[0, each["pieces"] - 1]] for each in recordings)


def sound_of(organiser: Organiser, path: str, file: Path) -> Sound:
    file.write_bytes(organiser.http.get(path).raise_for_status().content)
    return heard(file)


def check_in_step(own: Sound, track: Sound) -> None:
    """As long as the track, silent with it, and the same voice at the same places, but for the playout's breathing."""
    assert len(own) == len(track)
    second, reach = 48_000, 4_000
    places = range(second, len(track) - 2 * second, second)
    for at in places:
        if not track[at - second : at + 2 * second].any():
            assert not own[at : at + second].any()
    loudest = sorted(places, key=lambda at: -float(np.square(track[at : at + second]).sum()))[:8]
    lags = []
    for at in loudest:
        theirs = track[at : at + second]
        alike = np.correlate(own[at - reach : at + second + reach], theirs, "valid")
        lags.append(abs(int(np.argmax(alike)) - reach))
    assert np.median(lags) < 0.05 * second


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house whose stage may be killed, and is away until it has started anew."""
    running = House(tmp_path / "house")
    running.start()
    yield running
    running.stop()


async def test_everything_arrives(own_house: House, tmp_path: Path) -> None:
    """Recorded on the air alone, reloaded in the middle, the stage killed in the middle, the page left at the end."""
    organiser = Organiser(own_house)
    made = organiser.schedule("Both ends", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    _, link = organiser.invite(made, "Ada")
    async with chromium(microphone=as_wav(tmp_path / "ada.wav", voice(120, seed=7))) as browser:
        page = await new_page(browser)
        page.on("dialog", lambda dialog: dialog.accept())
        await recording_on_stage(page, link)
        assert not await page.evaluate(f"{LOCAL}?.recording ?? false")
        organiser.act(made, "go_live")
        await becomes(page, f"{LOCAL}?.recording && {MADE} >= 10", seconds=40)
        assert "recorded in full quality" in await page.locator("#local-text").inner_text()

        await page.reload()
        await becomes(page, f"{LOCAL}?.recording", seconds=30)
        made_s = await page.evaluate(MADE)
        os.kill(own_house.pid_of("stage"), signal.SIGKILL)
        await becomes(page, "window.rostraStage?.connected === false")
        assert await page.evaluate(f"{LOCAL}.recording")
        await becomes(page, f"window.rostraStage?.connected && {MADE} >= {made_s + 10}", seconds=60)

        organiser.act(made, "end")
        await page.locator("#local-text", has_text="with the host").wait_for(timeout=40_000)
        assert await sent_whole(link)
        assert len(sent(link)) == 2
        assert sum(each["pieces"] for each in sent(link)) >= 5

        control = await organiser.at_control(browser, made)
        await control.locator("#originals li", has_text="clean original").wait_for(timeout=60_000)
        (view,) = organiser.control(made)["originals"]
        own, track = (
            sound_of(organiser, path, tmp_path / "sound.flac")
            for path in (view["url"], view["url"].replace("originals", "tracks"))
        )
        check_in_step(own, track)


async def test_what_is_left_is_sent_by_the_link_after_the_end(
    house: House, organiser: Organiser, tmp_path: Path
) -> None:
    """No way to the site while on the air, the tab closed without a word: the same link sends it all the next day.

    Who did not say yes is not recorded, and who takes it back is forgotten here and there.
    """
    made = organiser.schedule("Later", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    _, link = organiser.invite(made, "Ada")
    _, silent_link = organiser.invite(made, "Ben")
    async with chromium(microphone=as_wav(tmp_path / "ada.wav", voice(60, seed=8))) as browser:
        ben = await on_stage(browser, silent_link, "Ben")
        page = await new_page(browser, phone=True, dark=True)
        await page.route("**/recording/**", lambda route: route.abort())
        await recording_on_stage(page, link)
        organiser.act(made, "go_live")
        await becomes(page, f"{LOCAL}?.unsentS >= 5", seconds=40)
        assert await ben.evaluate(LOCAL) is None
        await page.close()
        organiser.act(made, "end")
        assert sent(link) == []

        later = await page.context.new_page()
        answer = await later.goto(link)
        assert answer is not None
        assert answer.status == 410
        await later.locator("#local-text", has_text="with the host").wait_for()
        assert await sent_whole(link)

        await later.get_by_role("button", name="Delete my recording").click()
        await later.locator("dialog[open]").get_by_role("button", name="Delete it").click()
        await later.locator("#local-trouble", has_text="deleted").wait_for()
        assert sent(link) == []
    assert sent(silent_link) == []
