"""The stage dies under real pages, and another takes the room: a speaker comes back, a listener notices a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import m3u8
import numpy as np
import pytest

from tests.kit.acting import Organiser, becomes, eventually, on_stage, ticket
from tests.kit.apart import Apart
from tests.kit.browser import chromium, levels, new_page, tone
from tests.kit.heard import gaps_s, loud_now, programme

HZ = 430.0
HEARD_DB = -60.0
FEW_SECONDS = 12.0
"""An idle machine takes two; what this catches is a listener who waits for somebody to do something."""


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    house = Apart(tmp_path / "house")
    house.start()
    yield house
    house.stop()


async def test_pages_stay_where_they_are_when_a_standby_takes_over(apart: Apart, tmp_path: Path) -> None:
    """The speaker's page is on stage again by itself, hls.js reports nothing, and numbers and sound go on."""
    organiser = Organiser(apart)
    made = organiser.schedule("Taken over")
    organiser.act(made, "open_doors", "go_live")
    base = f"{apart.edge}/live/{made.id}/aac64/"
    _, link = organiser.invite(made, "Low")

    def whip_port() -> int | None:
        return httpx.URL(ticket(link)["whip_url"]).port

    def playlist() -> m3u8.M3U8:
        return m3u8.loads(httpx.get(f"{base}index.m3u8", timeout=60, trust_env=False).raise_for_status().text)

    async with AsyncExitStack() as stack:
        speaking = await stack.enter_async_context(chromium(microphone=tone(tmp_path / "low.wav", HZ)))
        listening = await stack.enter_async_context(chromium())
        speaker = await on_stage(speaking, link, "Low")
        listener = await new_page(listening, ears=True)
        await listener.goto(made.page_url)
        await listener.locator("#play").click()
        await becomes(listener, "window.rostraPlayer?.state === 'playing'", seconds=40)

        async def heard() -> bool:
            return (await levels(listener, HZ))[0] > HEARD_DB

        async def unheard() -> bool:
            return not await heard()

        await eventually(heard, seconds=40, what="the listener hears the speaker")
        before, first = playlist(), whip_port()
        holder = "stage" if first == apart.port + 2 else "standby"
        stalls = await listener.evaluate("window.rostraPlayer.stalls")
        troubles: list[str] = []

        async def watch() -> None:
            while True:
                trouble = await listener.evaluate("window.rostraPlayer.trouble")
                troubles.extend([trouble] if trouble else [])
                await asyncio.sleep(0.1)

        watching = asyncio.create_task(watch())
        try:
            apart.kill(holder)
            await eventually(unheard, seconds=20, what="what nobody says is silence")
            await eventually(heard, seconds=60, what="the listener hears the speaker again")
        finally:
            watching.cancel()
        assert await speaker.evaluate("window.rostraStage.connected")
        assert whip_port() != first, "the standby has the room"
        assert troubles == []
        assert await listener.evaluate("window.rostraPlayer.stalls") == stalls

        async def sounds_on() -> bool:
            return await asyncio.to_thread(loud_now, base)

        await eventually(sounds_on, what="the newest parts hold the voice")
        after = playlist()
        assert after.media_sequence >= before.media_sequence
        assert after.segment_map[0].uri == before.segment_map[0].uri
        assert not any(segment.discontinuity for segment in after.segments)
        known = {segment.uri for segment in before.segments}
        whole = [segment.uri for segment in after.segments if segment.uri]  # without the one that is being filled
        numbers = [int(uri[1:].removesuffix(".m4s")) for uri in whole if uri not in known and uri.startswith("s")]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "no number is left out"

        async def gaps() -> list[float]:
            """In what whole segments hold: the last one with the voice comes four seconds after it."""
            return await asyncio.to_thread(lambda: gaps_s(np.asarray(programme(base, last_s=60))))

        await eventually(gaps, what="the silence is in whole segments, with sound on both sides")
        print(f"silence of {max(await gaps()):.2f} s around the kill")
        assert max(await gaps()) < FEW_SECONDS
