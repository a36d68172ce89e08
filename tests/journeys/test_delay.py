"""A delay from end to end: heard later, dumped before anybody hears it, and no sound lost but that of the outage."""

from __future__ import annotations

import io
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import av
import httpx
import m3u8
import numpy as np

from tests.kit.acting import Made, Organiser, becomes, connected, eventually, press, speaking
from tests.kit.browser import chromium, tone
from tests.kit.running import House
from tests.kit.tones import tone_dbfs

HZ = 440.0
DELAY_S = 5.12
STEP = 4_800


def state(house: House, made: Made) -> dict[str, object]:
    content: dict[str, object] = httpx.get(f"{house.edge}/live/{made.id}/state.json", trust_env=False).json()
    return content


def levels(data: bytes) -> list[float]:
    """How loud the tone is in each tenth of a second, dBFS."""
    with av.open(io.BytesIO(data)) as file:
        planes = [frame.to_ndarray() for frame in file.decode(audio=0)]
    sound = np.concatenate([plane[0] for plane in planes]).astype(np.float64)
    if planes[0].dtype == np.int16:
        sound /= 32768
    return [tone_dbfs(sound[at : at + STEP], HZ) for at in range(0, len(sound) - STEP, STEP)]


def heard(house: House, made: Made) -> tuple[float, list[float]]:
    """What a listener has got: unix seconds of its beginning by the playlist's own dates, and the levels from there."""
    base = f"{house.edge}/live/{made.id}/aac64/"
    with httpx.Client(base_url=base, trust_env=False) as http:
        listed = m3u8.loads(http.get("index.m3u8").raise_for_status().text)
        names = ["init.mp4", *(segment.uri for segment in listed.segments if segment.uri)]
        data = b"".join(http.get(name).raise_for_status().content for name in names)
    begins = listed.segments[0].program_date_time
    assert begins is not None
    return begins.timestamp(), levels(data)


async def test_what_should_not_have_been_said(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """Heard five seconds later; removed by one key; the stage is killed right after; recording and track agree."""
    made = organiser.schedule("With a delay", delay_s=5)
    seat, invitation = organiser.invite(made, "Anna")
    organiser.act(made, "open_doors")
    async with chromium() as browser, speaking(house, invitation, tone(tmp_path / "a.wav", HZ)):

        async def on_stage() -> bool:
            return connected(organiser, made) == ["Anna"]

        async def listeners_see_her() -> bool:
            now = state(house, made)
            return now["phase"] == "live" and any(each["level_dbfs"] > -40 for each in now["speakers"])  # type: ignore[attr-defined]

        async def loud_since(from_s: float, tenths: int) -> bool:
            begins_s, found = heard(house, made)
            return sum(level > -30 for level in found[round((from_s - begins_s) * 10) :]) >= tenths

        await eventually(on_stage, what="Anna is on stage")
        control = await organiser.at_control(browser, made)
        assert "Listeners hear this 5 s later" in await control.locator("#delay").inner_text()
        assert not await control.locator("#dump").is_visible(), "nothing is on the air yet"
        await press(control, "Go on the air", then_phase="live")
        live_s = datetime.now(UTC).timestamp()
        assert state(house, made)["phase"] == "doors_open", "for listeners it has not begun"
        await eventually(listeners_see_her, what="listeners see who speaks")
        assert datetime.now(UTC).timestamp() - live_s > 4.5
        await eventually(lambda: loud_since(live_s, 25), what="two and a half seconds of her are heard")
        await becomes(control, "/^[5-6] s can be removed/.test(document.querySelector('#delay-held').textContent)")
        await control.keyboard.press("F8")
        pressed_s = datetime.now(UTC).timestamp()
        await control.locator("#dump-said", has_text="s removed, before any listener heard it.").wait_for()
        os.kill(house.pid_of("stage"), signal.SIGKILL)
        await eventually(listeners_see_her, what="and hear her again after the kill")
        await becomes(control, "document.querySelectorAll('#dumps li').length === 1")
        await eventually(
            lambda: loud_since(pressed_s + DELAY_S, 10), seconds=30, what="what was said after the outage is heard"
        )
        await press(control, "End", then_phase="ended")
        ended_s = datetime.now(UTC).timestamp()
        assert state(house, made)["phase"] == "live", "listeners still hear the last words"
        assert organiser.http.get(f"/b/{made.slug}/status.json").json()["phase"] == "live"
        await control.locator("#delay-text", has_text="still hear").wait_for()

    async def over() -> bool:
        address = f"{house.edge}/live/{made.id}/aac64/index.m3u8"
        return state(house, made)["phase"] == "ended" and "ENDLIST" in httpx.get(address, trust_env=False).text

    await eventually(over, what="it is over for listeners")
    assert datetime.now(UTC).timestamp() - ended_s > 4.5
    begins_s, found = heard(house, made)

    def between(from_s: float, until_s: float) -> list[float]:
        return found[round((from_s - begins_s) * 10) : round((until_s - begins_s) * 10)]

    assert max(between(live_s, live_s + DELAY_S - 0.3)) < -60, "nothing before its time"
    assert min(between(live_s + DELAY_S + 0.6, pressed_s - 0.6)) > -20, "then all of it"
    assert max(between(pressed_s + 0.7, pressed_s + DELAY_S - 0.1)) < -60, "what was removed is silence"
    assert min(between(ended_s + DELAY_S - 1.5, ended_s + DELAY_S - 0.3)) > -20, "the last words are heard"

    async def recorded() -> bool:
        return organiser.http.get(f"/b/{made.slug}/recording.m4a").status_code == 200

    await eventually(recorded, seconds=40, what="the recording is on the page")
    programme = levels(organiser.http.get(f"/b/{made.slug}/recording.m4a").content)
    silent = [at for at, level in enumerate(between(live_s + DELAY_S, ended_s + DELAY_S)) if level < -60]
    alike = [at for at in silent if programme[min(at + 2, len(programme) - 1)] < -50]
    assert len(alike) >= len(silent) - 8, "the recording is what was heard"

    async def tracked() -> bool:
        return organiser.http.get(f"/b/{made.slug}/tracks/{seat}").status_code == 200

    await eventually(tracked, what="the track is there")
    track = levels(organiser.http.get(f"/b/{made.slug}/tracks/{seat}").content)
    assert abs(len(track) - len(programme)) <= 1
    at = round((pressed_s - live_s - DELAY_S) * 10)
    assert max(track[at + 11 : at + 46]) < -60, "the track has lost it, too"
    assert min(track[8 : at - 11]) > -20
