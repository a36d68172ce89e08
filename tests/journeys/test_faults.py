"""A process that dies in mid-sentence: who hears what. The playlist never breaks, numbers go on, speakers return."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import m3u8
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from tests.kit.acting import becomes, eventually, ticket
from tests.kit.browser import chromium, new_page
from tests.kit.heard import QUIET_DBFS, RATE_HZ, levels_db, wait_until
from tests.kit.running import House

LEARNT_S = 20
PLAIN_S = 36
"""Of sound: from twelve seconds before, over the kill, to well behind it."""


def playlist(house: House) -> m3u8.M3U8:
    [broadcast] = house.run["broadcasts"]
    address = broadcast["playlist"].replace("index.m3u8", "aac64/index.m3u8")
    return m3u8.loads(httpx.get(address, timeout=60).raise_for_status().text)


def loud_again(house: House, seconds: float = LEARNT_S) -> None:
    """Wait until a listener hears the voices."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if listened(house, 4)["rms_db"] > -50:
            return
    raise AssertionError(f"no sound within {seconds:g} s:\n{house.log[-4000:]}")


def listened(house: House, seconds: float) -> dict[str, float]:
    [broadcast] = house.run["broadcasts"]
    words = house.command("listen", broadcast["playlist"], "--seconds", str(seconds), "--json")
    said = subprocess.run(words, capture_output=True, text=True, env=house.clean_environment(), cwd=house.folder)
    figures: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return figures


def whip_port(house: House) -> int | None:
    """Where a speaker who comes now is sent."""
    return httpx.URL(ticket(house.run["third_speaker_url"])["whip_url"]).port


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def an_unbroken_playlist(house: House) -> Iterator[None]:
    """Somebody listens from three seconds before to nine seconds after: no gap in the numbers, no stall, then sound."""
    loud_again(house)
    before = playlist(house)
    words = house.command("listen", house.run["broadcasts"][0]["playlist"], "--seconds", "12", "--json")
    listening = subprocess.Popen(words, stdout=subprocess.PIPE, env=house.clean_environment(), cwd=house.folder)
    time.sleep(3)
    yield
    figures = json.loads(listening.communicate(timeout=60)[0].splitlines()[-1])
    assert figures["stalls"] == 0
    assert figures["errors"] == 0
    assert figures["parts"] >= 18
    loud_again(house)
    after = playlist(house)
    assert after.media_sequence >= before.media_sequence
    assert not any(segment.discontinuity for segment in after.segments)
    assert after.segment_map[0].uri == before.segment_map[0].uri


@contextmanager
def a_plain_player(house: House) -> Iterator[None]:
    """FFmpeg plays whole segments, as phones and receivers do, from twelve seconds before: without a word of complaint,
    without a hole in its sound, and the voices are heard behind whatever happens.
    """
    [broadcast] = house.run["broadcasts"]
    address = broadcast["playlist"].replace("index.m3u8", "aac64/index.m3u8")
    words = [get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", "-i", address, "-t", f"{PLAIN_S}"]
    words += ["-f", "s16le", "-ac", "1", "-ar", f"{RATE_HZ}", "pipe:1"]
    with tempfile.TemporaryFile() as sound, tempfile.TemporaryFile() as said:
        playing = subprocess.Popen(words, stdout=sound, stderr=said)
        yield
        playing.wait(PLAIN_S + 60)
        for each in (sound, said):
            each.seek(0)
        assert said.read().decode() == ""
        samples = np.frombuffer(sound.read(), "<i2") / 32_768
    assert len(samples) == pytest.approx(PLAIN_S * RATE_HZ, abs=RATE_HZ // 10)
    assert levels_db(samples[-8 * RATE_HZ :]).max() > QUIET_DBFS


def test_kills_in_a_row_cost_a_breath_each(demonstration: House) -> None:
    """SIGKILL of whichever stage has the room, twice: the other has it before the dead one is back. Our player, which
    behaves as hls.js does, and a plain one notice nothing.
    """
    stages = {demonstration.ports[name]: name for name in ("stage", "standby")}
    for _ in range(2):
        for name in stages.values():
            demonstration.wait_for(name)
        held_at = whip_port(demonstration)
        assert held_at is not None
        with a_plain_player(demonstration), an_unbroken_playlist(demonstration):
            os.kill(demonstration.pid_of(stages[held_at]), signal.SIGKILL)
            wait_until(lambda before=held_at: whip_port(demonstration) != before, seconds=LEARNT_S, what="it moves")
            assert not answers(held_at), "nobody has waited for the dead one to start anew"
        assert whip_port(demonstration) in stages.keys() - {held_at}


@pytest.mark.parametrize("victim", ["nats-server", "site"])
def test_listeners_keep_their_playlist_when_a_process_is_killed(demonstration: House, victim: str) -> None:
    """SIGKILL of bus or site while somebody listens."""
    with an_unbroken_playlist(demonstration):
        os.kill(demonstration.pid_of(victim), signal.SIGKILL)


def test_a_killed_edge_comes_back_with_the_same_numbers(demonstration: House) -> None:
    """The edge refills its window from the bus: a segment that was fetched before is there again, byte by byte."""
    loud_again(demonstration)
    before = playlist(demonstration)
    [broadcast] = demonstration.run["broadcasts"]
    base = broadcast["playlist"].replace("index.m3u8", "aac64/")
    segment = before.segments[-2].uri
    bytes_before = httpx.get(base + segment).raise_for_status().content
    killed = demonstration.pid_of("edge")
    os.kill(killed, signal.SIGKILL)
    end = time.monotonic() + LEARNT_S
    while time.monotonic() < end:
        try:
            answer = httpx.get(base + segment, timeout=60)
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            break
        time.sleep(0.1)
    assert answer.content == bytes_before
    loud_again(demonstration)


async def test_a_page_goes_on_at_an_edge_that_has_lost_its_past(demonstration: House) -> None:
    """Bus and edge die in mid-segment, and with them what was heard so far: the new edge lists gaps, and the same page
    plays on without a press."""
    [broadcast] = demonstration.run["broadcasts"]
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(broadcast["page"])
        await page.locator("#play").click()
        await becomes(page, "window.rostraPlayer?.state === 'playing'")
        await page.evaluate("window.sameDocument = true")
        middle = playlist(demonstration)
        while len(middle.segments[-1].parts) not in (2, 3, 4):
            await page.wait_for_timeout(100)
            middle = playlist(demonstration)
        for victim in ("edge", "nats-server"):
            os.kill(demonstration.pid_of(victim), signal.SIGKILL)

        async def gaps() -> bool:
            try:
                return any(part.gap for segment in playlist(demonstration).segments for part in segment.parts)
            except httpx.HTTPError:
                return False

        await eventually(gaps, seconds=30, what="an edge that lists gaps")
        heard_s = await page.evaluate("document.querySelector('#programme').currentTime")
        await becomes(page, f"document.querySelector('#programme').currentTime > {heard_s + 5}", seconds=40)
        assert await page.evaluate("window.sameDocument && rostraPlayer.state") == "playing"
    loud_again(demonstration)
