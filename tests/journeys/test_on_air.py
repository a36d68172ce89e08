"""From the schedule to the recording: organiser, two speakers and a listener in real browsers."""

from __future__ import annotations

import subprocess
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx

from tests.kit.acting import becomes, eventually, invited, on_stage, press, scheduled, signed_in
from tests.kit.browser import chromium, levels, new_page, tone
from tests.kit.running import House

LOW_HZ, HIGH_HZ, NOBODY_HZ = 430.0, 1130.0, 2750.0
HEARD_DB, UNHEARD_DB = -60.0, -75.0


async def test_an_interview_from_schedule_to_recording(house: House, tmp_path: Path) -> None:
    """Two speakers with different tones: each hears the other and not itself, the listener hears both, only while
    the broadcast is live; a pause is silent; afterwards the recording can be downloaded and holds both."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(chromium(microphone=tone(tmp_path / "low.wav", LOW_HZ)))
        second = await stack.enter_async_context(chromium(microphone=tone(tmp_path / "high.wav", HIGH_HZ)))
        broadcast = await scheduled(
            await signed_in(first, house), house, "The two tones", starts_in=timedelta(minutes=17)
        )
        listener = await new_page(second, ears=True)
        await listener.goto(broadcast.page_url)
        await listener.locator("#countdown").wait_for()

        control = broadcast.control
        low_link, high_link = await invited(control, "Low"), await invited(control, "High")
        await press(control, "Open the doors", then_phase="doors_open")
        low, high = await on_stage(first, low_link, "Low"), await on_stage(second, high_link, "High")

        async def each_hears_the_other() -> bool:
            in_low, in_high = await levels(low, LOW_HZ, HIGH_HZ), await levels(high, LOW_HZ, HIGH_HZ)
            return in_low[1] > HEARD_DB and in_high[0] > HEARD_DB

        await eventually(each_hears_the_other, what="each speaker hears the other")

        async def nobody_hears_themselves() -> bool:
            return (await levels(low, LOW_HZ))[0] < UNHEARD_DB and (await levels(high, HIGH_HZ))[0] < UNHEARD_DB

        await eventually(nobody_hears_themselves, what="no speaker hears their own voice")

        await listener.locator("#play").click()
        await becomes(listener, "window.rostraPlayer?.state === 'playing'")
        assert max(await levels(listener, LOW_HZ, HIGH_HZ)) < UNHEARD_DB, "before the air, listeners hear nothing"

        await press(control, "Go on the air", then_phase="live")

        async def listener_hears_both() -> bool:
            return min(await levels(listener, LOW_HZ, HIGH_HZ)) > HEARD_DB

        await eventually(listener_hears_both, what="the listener hears both")
        assert (await levels(listener, NOBODY_HZ))[0] < UNHEARD_DB
        await listener.locator("#people >> text=Low").wait_for()
        await becomes(listener, "window.rostraPlayer.latency > 0 && window.rostraPlayer.latency < 12")

        await low.keyboard.press("Space")

        async def only_high() -> bool:
            heard = await levels(listener, LOW_HZ, HIGH_HZ)
            return heard[0] < UNHEARD_DB and heard[1] > HEARD_DB

        await eventually(only_high, what="a muted speaker is not heard")
        await low.keyboard.press("Space")
        await eventually(listener_hears_both, what="an unmuted speaker is heard again")

        await press(control, "Pause", then_phase="paused")

        async def silence() -> bool:
            return max(await levels(listener, LOW_HZ, HIGH_HZ)) < UNHEARD_DB

        await eventually(silence, what="a pause is silent")
        await press(control, "Return to the air", then_phase="live")
        await eventually(listener_hears_both, what="after the pause both are back")
        await press(control, "End", then_phase="ended")

        await low.locator("#out-text", has_text="ended").wait_for()
        await control.locator("#recording-link").wait_for(timeout=40_000)
        url = await control.locator("#recording-link").get_attribute("href")
        assert url is not None
        recording = tmp_path / "recording.m4a"
        recording.write_bytes(httpx.get(httpx.URL(house.site).join(url), follow_redirects=True).content)
        assert _level_db(recording, LOW_HZ) > -45
        assert _level_db(recording, HIGH_HZ) > -45
        assert _level_db(recording, NOBODY_HZ) < -60


def _level_db(path: Path, frequency_hz: float) -> float:
    """Mean level in dB of a narrow band, measured by ffmpeg."""
    band = f"bandpass=f={frequency_hz}:width_type=h:w=40,bandpass=f={frequency_hz}:width_type=h:w=40,volumedetect"
    words = ["ffmpeg", "-hide_banner", "-nostdin", "-i", str(path), "-af", band, "-f", "null", "-"]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stderr
    return float(said.partition("mean_volume: ")[2].split()[0])


async def test_the_page_is_whole_without_script(house: House) -> None:
    """A reader without JavaScript sees what, when and who, and gets the plain stream."""
    async with chromium() as browser:
        broadcast = await scheduled(await signed_in(browser, house), house, "Readable by everybody")
        page = await new_page(browser, script=False)
        await page.goto(broadcast.page_url)
        assert await page.locator("h1").inner_text() == "Readable by everybody"
        assert await page.locator("time").first.is_visible()
        assert await page.get_by_role("link", name="calendar").first.is_visible()
