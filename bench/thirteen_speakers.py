"""A full stage: thirteen speakers who all talk at once, in a real house, against aiortc as it comes.

CPU of the whole stage process: WebRTC, decoding, levelling, mixing, a mix for each, four renditions, recording of
the programme and of thirteen tracks. The peer does the half of it: no levelling, one rendition, no recording.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from bench import talk
from bench.harness import Bench, Finding
from tests.kit.acting import Organiser, connected
from tests.kit.running import House
from tests.kit.witnesses import counter

TITLE: Final = "Thirteen speakers on one stage"
SPEAKERS: Final = 13
SETTLE_S: Final = 5.0
PEER_S: Final = 20.0
CONVERSATION_S: Final = 20.0
BAR_PCT: Final = 40.0


@dataclass(frozen=True, slots=True)
class Measured:
    cpu_pct: float
    late_ticks: int
    blocks: int


def run(bench: Bench) -> list[Finding]:
    seconds = 60.0 * bench.options.minutes
    peer_pct = _peer(bench)
    house = talk.a_house(bench)
    organiser = Organiser(house)
    pid = house.pid_of("stage")
    made = talk.on_air(organiser, "Thirteen")
    entries = talk.entries(organiser, made, ["speech"] * SPEAKERS)
    with talk.talk(entries, seconds=SETTLE_S + seconds + 2):
        everybody = _measure(house, pid, seconds)
        present = len(connected(organiser, made))
    quiet = [entry | {"voice": voice} for entry, voice in zip(entries, ["speech"] + ["silence"] * 12, strict=True)]
    with talk.talk(quiet, seconds=SETTLE_S + CONVERSATION_S + 2):
        one = _measure(house, pid, CONVERSATION_S)
    organiser.put_away(made)
    ratio = everybody.cpu_pct / peer_pct
    return [
        Finding(
            "thirteen_speakers", f"{SPEAKERS} speakers who all talk", round(everybody.cpu_pct, 1), "% of a core",
            peer=round(peer_pct, 1), ratio=round(ratio, 2), bar=f"at most {BAR_PCT:g} %",
            kept=everybody.cpu_pct <= BAR_PCT and present == SPEAKERS,
            facts={"minutes": bench.options.minutes, "connected": present},
        ),
        Finding(
            "thirteen_speakers", f"{SPEAKERS} speakers of whom one talks", round(one.cpu_pct, 1), "% of a core",
        ),
        Finding(
            "thirteen_speakers", f"late ticks in {bench.options.minutes:g} minutes", everybody.late_ticks, "ticks",
            bar="none", kept=everybody.late_ticks == 0, facts={"blocks": everybody.blocks},
        ),
    ]  # fmt: skip


def _measure(house: House, pid: int, seconds: float) -> Measured:
    time.sleep(SETTLE_S)
    before = [counter(house, "stage", f"rostra_stage_{name}") for name in ("late_ticks", "blocks")]
    cpu_s, started_s = talk.cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    used_s, wall_s = talk.cpu_s(pid) - cpu_s, time.monotonic() - started_s
    late, blocks = (
        int(counter(house, "stage", f"rostra_stage_{name}") - was)
        for name, was in zip(("late_ticks", "blocks"), before, strict=True)
    )
    return Measured(100 * used_s / wall_s, late, blocks)


def _peer(bench: Bench) -> float:
    """CPU of plain aiortc with the same speakers, % of a core."""
    port = bench.port()
    process = bench.python("aiortc", "bench.plain_aiortc", str(port), port=port)
    entry = {"whip_url": f"http://127.0.0.1:{port}/", "ticket": "none", "voice": "speech"}
    with talk.talk([entry] * SPEAKERS, seconds=SETTLE_S + PEER_S + 2):
        time.sleep(SETTLE_S)
        cpu_s, started_s = process.cpu_s(), time.monotonic()
        time.sleep(PEER_S)
        used_pct = 100 * (process.cpu_s() - cpu_s) / (time.monotonic() - started_s)
    process.stop()
    return used_pct
