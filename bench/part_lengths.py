"""Mouth to ear for other lengths of a part, through real browsers: what half and twice the length would change."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bench.ears import beeps, delays_s, onsets_ms, tapped_browser, tapped_page
from bench.harness import Bench, Finding
from bench.mouth_to_ear import BEEP_EVERY_S, SETTLED, join, listen
from rostra.media.clock import MediaClock
from tests.kit.acting import invited, press, scheduled, signed_in
from tests.kit.running import House

TITLE: Final = "mouth to ear over lengths of a part"
MEASURE_S: Final = 44.0


@dataclass(frozen=True, slots=True)
class Length:
    """Segments stay at about four seconds."""

    part_frames: int
    parts_per_segment: int


LENGTHS: Final = (Length(12, 16), Length(24, 8), Length(48, 4))


def run(bench: Bench) -> list[Finding]:
    return [_measure(bench, length) for length in LENGTHS]


def _measure(bench: Bench, length: Length) -> Finding:
    environment = {
        "ROSTRA_PART_FRAMES": str(length.part_frames),
        "ROSTRA_PARTS_PER_SEGMENT": str(length.parts_per_segment),
    }
    house = House(bench.folder / f"house-{length.part_frames}", environment=environment)
    house.start()
    try:
        heard, stalls = asyncio.run(_listened(bench, house))
    finally:
        house.stop()
    part_s = MediaClock(0, length.part_frames, length.parts_per_segment).part_s
    settled = heard[-SETTLED // 2 :]
    return Finding(
        "part_lengths",
        f"mouth to ear, parts of {part_s:.3f} s, median of {len(settled)}",
        round(statistics.median(settled), 2),
        "s",
        facts={"all_s": [round(value, 3) for value in heard], "stalls": stalls},
    )


async def _listened(bench: Bench, house: House) -> tuple[list[float], int]:
    beeping = beeps(bench.folder / "beeps.wav", every_s=BEEP_EVERY_S)
    async with tapped_browser(beeping) as browser:
        organiser = await signed_in(browser, house)
        broadcast = await scheduled(organiser, house, "Part lengths", starts_in=timedelta(hours=1))
        link = await invited(broadcast.control, "Beeping")
        await press(broadcast.control, "Open the doors", then_phase="doors_open")
        mouth = await tapped_page(browser)
        await join(mouth, link)
        await press(broadcast.control, "Go on the air", then_phase="live")
        ear = await tapped_page(browser)
        await listen(ear, broadcast.page_url)
        await asyncio.sleep(MEASURE_S)
        heard = delays_s(await onsets_ms(mouth), await onsets_ms(ear), longest_s=BEEP_EVERY_S)
        return heard, int(await ear.evaluate("window.rostraPlayer.stalls"))
