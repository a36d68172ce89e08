"""The disk takes no more while a broadcast is live. Real processes; the system refuses the stage's writes.

A limit on the size of the stage's files stands for the full disk: unlike a small disk it needs no rights, and it can
be lifted again. The stage sees a write that fails in both cases.
"""

from __future__ import annotations

import asyncio
import re
import resource
from pathlib import Path

from tests.kit.acting import Organiser, eventually, speaking
from tests.kit.browser import tone
from tests.kit.heard import gaps_s, loud_now, programme
from tests.kit.running import House

BEGUN_BYTES = 30_000
SECONDS = 60
PART_S = 0.512


async def test_a_disk_that_is_full_for_a_while_costs_no_sound(
    house: House, organiser: Organiser, tmp_path: Path
) -> None:
    """The host is told, listeners hear on, what was written stays; with room again nothing is missing in the end."""
    made = organiser.schedule("No room")
    organiser.act(made, "open_doors", "go_live")
    base = f"{house.edge}/live/{made.id}/aac64/"
    _, link = organiser.invite(made, "Low")
    stage = house.pid_of("stage")
    _, hard = resource.prlimit(stage, resource.RLIMIT_FSIZE)

    def recording() -> tuple[int, str | None]:
        state = organiser.control(made)["stage"] or {"recording_bytes": 0, "recording_error": None}
        return state["recording_bytes"], state["recording_error"]

    async def begun() -> bool:
        return recording()[0] > BEGUN_BYTES

    async def told() -> bool:
        return "disk" in (recording()[1] or "")

    async def sounds() -> bool:
        return await asyncio.to_thread(loud_now, base)

    async with speaking(house, link, tone(tmp_path / "low.wav", 430)):
        await eventually(sounds, seconds=SECONDS, what="the voice is heard")
        await eventually(begun, seconds=SECONDS, what="the recording grows")
        try:
            resource.prlimit(stage, resource.RLIMIT_FSIZE, (1024, hard))
            await eventually(told, seconds=SECONDS, what="the host is told")
            size, _ = recording()
            assert size > BEGUN_BYTES, "what was written is kept"
            assert await sounds(), "listeners hear on"
        finally:
            resource.prlimit(stage, resource.RLIMIT_FSIZE, (hard, hard))

        async def goes_on() -> bool:
            return recording()[0] > size + BEGUN_BYTES and recording()[1] is None

        await eventually(goes_on, seconds=SECONDS, what="the recording goes on by itself")
        gaps = gaps_s(await asyncio.to_thread(lambda: programme(base, last_s=20)))
        assert max(gaps, default=0.0) < PART_S, "no part of the programme is missing"
        organiser.act(made, "end")

    async def finished() -> bool:
        return f"recording_finished broadcast_id={made.id}" in house.log

    await eventually(finished, seconds=SECONDS, what="the recording is published")
    [missing] = re.findall(rf"recording_finished broadcast_id={made.id} .*parts_missing=(\d+)", house.log)
    assert int(missing) <= 1, "the stage joins at a part boundary; nothing else is missing"
