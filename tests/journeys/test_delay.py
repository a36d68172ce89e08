"""A delay from end to end: heard later, dumped before anybody hears it, and no sound lost but that of the outage."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
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
PART_S = 0.512
DELAY_S = 12 * PART_S
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
    """What a listener has got: unix seconds of its beginning by the playlist's dates, and levels."""
    base = f"{house.edge}/live/{made.id}/aac64/"
    with httpx.Client(base_url=base, trust_env=False) as http:
        listed = m3u8.loads(http.get("index.m3u8").raise_for_status().text)
        whole = [segment for segment in listed.segments if segment.uri]
        names = ["init.mp4", *(segment.uri for segment in whole)]
        data = b"".join(http.get(name).raise_for_status().content for name in names)
    begins = whole[0].program_date_time
    assert begins is not None
    return begins.timestamp(), levels(data)


def removed(house: House, made: Made) -> tuple[float, float]:
    """From when until when what was said has been removed: unix seconds, as the stage told them to the site."""
    with sqlite3.connect(house.folder / "data" / "rostra.sqlite3") as database:
        rows = database.execute(
            "SELECT from_at, until_at FROM dumps WHERE broadcast_id = ?", (int(made.id),)
        ).fetchall()
    database.close()
    [row] = rows
    from_at, until_at = (datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in row)
    return from_at, until_at


async def test_what_should_not_have_been_said(house: House, organiser: Organiser, tmp_path: Path) -> None:
    """Heard six seconds later; removed by one key; the stage is killed right after; recording and track agree."""
    made = organiser.schedule("With a delay", delay_s=6)
    seat, invitation = organiser.invite(made, "Anna")
    organiser.act(made, "open_doors")
    async with chromium() as browser, speaking(house, invitation, tone(tmp_path / "a.wav", HZ)):

        async def on_stage() -> bool:
            return connected(organiser, made) == ["Anna"]

        async def listeners_see_her() -> bool:
            now = state(house, made)
            return now["phase"] == "live" and any(each["level_dbfs"] > -40 for each in now["speakers"])  # type: ignore[attr-defined]

        async def parts_after(part: int, count: int) -> bool:
            stage = organiser.control(made)["stage"]
            return stage is not None and bool(stage["part"] >= part + count)

        def out() -> int:
            """How many parts are out."""
            return organiser.control(made)["stage"]["part"]

        async def at_a_new_stage() -> bool:
            return house.log.count(f"session_opened broadcast_id={made.id}") > sessions and await on_stage()

        await eventually(on_stage, what="Anna is on stage")
        control = await organiser.at_control(browser, made)
        assert "Listeners hear this 6 s later" in await control.locator("#delay").inner_text()
        assert not await control.locator("#dump").is_visible(), "nothing is on the air yet"
        asked_s = datetime.now(UTC).timestamp()
        await press(control, "Go on the air", then_phase="live")
        assert state(house, made)["phase"] == "doors_open", "for listeners it has not begun"
        await eventually(listeners_see_her, what="listeners see who speaks")
        live_s = state(house, made)["live_us"] / 1e6  # type: ignore[operator]
        assert live_s - asked_s > DELAY_S - 0.1
        begun = out()
        await eventually(lambda: parts_after(begun, 4), what="two seconds of her are heard")
        await becomes(control, "/^[5-6] s can be removed/.test(document.querySelector('#delay-held').textContent)")
        sessions = house.log.count(f"session_opened broadcast_id={made.id}")
        await control.keyboard.press("Shift+F8")
        await control.locator("#dump-said", has_text="s removed, before any listener heard it.").wait_for()
        os.kill(house.pid_of("stage"), signal.SIGKILL)
        await eventually(at_a_new_stage, seconds=40, what="she is on stage again after the kill")
        await becomes(control, "document.querySelectorAll('#dumps li').length === 1")
        caught_up = out()
        await eventually(lambda: parts_after(caught_up, 2), what="the new stage is where the old one would be")
        begun = out()
        await eventually(lambda: parts_after(begun, 5), what="she has spoken on")
        await press(control, "End", then_phase="ended")
        assert state(house, made)["phase"] == "live", "listeners still hear the last words"
        assert organiser.http.get(f"/b/{made.slug}/status.json").json()["phase"] == "live"
        await control.locator("#delay-text", has_text="still hear").wait_for()

    async def over() -> bool:
        address = f"{house.edge}/live/{made.id}/aac64/index.m3u8"
        return state(house, made)["phase"] == "ended" and "ENDLIST" in httpx.get(address, trust_env=False).text

    await eventually(over, what="it is over for listeners")
    ended_s = state(house, made)["ended_us"] / 1e6  # type: ignore[operator]
    begins_s, found = heard(house, made)

    def between(from_s: float, until_s: float) -> list[float]:
        return found[round((from_s - begins_s) * 10) : round((until_s - begins_s) * 10)]

    def loud(found: list[float]) -> float:
        """Which share of it sounds; a busy machine conceals some."""
        return sum(level > -30 for level in found) / len(found)

    from_s, until_s = (moment_s + DELAY_S for moment_s in removed(house, made))
    assert until_s - from_s > 5
    behind_s = 0.6  # of the clock is a stage on a busy machine when it hears that it is live
    assert max(between(live_s - 3, live_s - behind_s)) < -60, "nothing before its time"
    assert loud(between(live_s + 0.6, from_s - 0.1)) > 0.7, "then all of it"
    assert max(between(from_s + 0.2, until_s - 0.1)) < -60, "what was removed is silence"
    assert loud(between(ended_s - 1.5, ended_s - 0.3)) > 0.7, "the last words are heard"

    async def recorded() -> bool:
        return organiser.http.get(f"/b/{made.slug}/recording.m4a").status_code == 200

    await eventually(recorded, seconds=40, what="the recording is on the page")
    programme = levels(organiser.http.get(f"/b/{made.slug}/recording.m4a").content)
    # A recording begins with the part in which the broadcast went live.
    recorded_from_s = begins_s + (live_s - begins_s) // PART_S * PART_S
    later = round((live_s - recorded_from_s) * 10)
    silent = [at for at, level in enumerate(between(live_s, ended_s)) if level < -60]
    alike = [at for at in silent if programme[min(at + later, len(programme) - 1)] < -50]
    assert len(alike) >= len(silent) - 8, "the recording is what was heard"

    async def tracked() -> bool:
        return organiser.http.get(f"/b/{made.slug}/tracks/{seat}").status_code == 200

    await eventually(tracked, what="the track is there")
    track = levels(organiser.http.get(f"/b/{made.slug}/tracks/{seat}").content)
    assert abs(len(track) - len(programme)) <= 1
    first, end = (round((at_s - recorded_from_s) * 10) for at_s in (from_s, until_s))
    assert max(track[first + 2 : end - 1]) < -60, "the track has lost it, too"
    assert loud(track[8 : first - 1]) > 0.7
