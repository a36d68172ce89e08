"""A speaker whose line loses packets, through a real stage: how deep the playout buffer gets, and what is not heard.

Two speakers at once, each with a steady tone: one loses 30 % of the packets for ten seconds,
one loses 5 % all the time. The depth is what the stage's own state says; silence is looked for in each speaker's
lossless track, which is what was decoded, before any mixing.
"""

from __future__ import annotations

import io
import time
from typing import Final

import av
import httpx
import numpy as np

from bench import talk
from bench.harness import Bench, Finding
from bench.speakers import BURST_FROM_S
from tests.kit.acting import Made, Organiser
from tests.kit.heard import gaps_s

TITLE: Final = "Loss on a speaker's line, through a real stage"
BURST_S: Final = 10.0
ENDS_S: Final = BURST_FROM_S + BURST_S
AFTER_S: Final = 10.0
WATCH_S: Final = 20.0
RECOVERED_MS: Final = 100
BAR_GAP_MS: Final = 40.0
RATE_HZ: Final = 48_000


def run(bench: Bench) -> list[Finding]:
    house = talk.a_house(bench)
    organiser = Organiser(house)
    made = talk.on_air(organiser, "Loss")
    bursty, steady = talk.entries(organiser, made, ["tone", "tone"])
    with (
        talk.talk([bursty], seconds=ENDS_S + WATCH_S, loss=f"burst:0.3:{BURST_S:g}") as bursting,
        talk.talk([steady], seconds=ENDS_S + WATCH_S, loss="random:0.05") as losing,
    ):
        started_s = time.monotonic()
        depths: list[tuple[float, int]] = []
        while (at_s := time.monotonic() - started_s) < ENDS_S + WATCH_S - 1:
            depths.append((at_s, _depth_ms(organiser, made, bursty["speaker_id"])))
            time.sleep(0.25)
        lost = bursting.end()["lost"], losing.end()["lost"]
    organiser.act(made, "end")
    gaps = gaps_s(_track(organiser, made, steady["speaker_id"])[RATE_HZ * 2 : -RATE_HZ * 2])
    longest_ms = 1000 * max(gaps, default=0.0)
    deep = [at_s for at_s, depth in depths if at_s > ENDS_S and depth > RECOVERED_MS]
    recovered_s = max(deep, default=ENDS_S) - ENDS_S
    return [
        Finding(
            "line_loss", f"after 10 s of 30 % loss, back to {RECOVERED_MS} ms of playout delay",
            round(recovered_s, 1), "s", bar=f"at most {AFTER_S:g} s", kept=recovered_s <= AFTER_S,
            facts={"most_ms": max(depth for _, depth in depths), "lost_packets": lost[0]},
        ),
        Finding(
            "line_loss", "5 % random loss, longest silence in what was decoded", round(longest_ms), "ms",
            bar=f"at most {BAR_GAP_MS:g} ms", kept=longest_ms <= BAR_GAP_MS, facts={"lost_packets": lost[1]},
        ),
    ]  # fmt: skip


def _depth_ms(organiser: Organiser, made: Made, speaker_id: str) -> int:
    stage = organiser.control(made)["stage"] or {"speakers": []}
    return max((seat["buffer_ms"] for seat in stage["speakers"] if seat["speaker_id"] == speaker_id), default=0)


def _track(organiser: Organiser, made: Made, speaker_id: str) -> np.ndarray:
    """What the stage decoded of one speaker, from the track that the host can download."""
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        answer = organiser.http.get(f"/b/{made.slug}/tracks/{speaker_id}")
        if answer.status_code == httpx.codes.OK:
            with av.open(io.BytesIO(answer.content)) as container:
                blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
            return np.concatenate(blocks).astype(np.float32) / 32_768
        time.sleep(0.5)
    raise RuntimeError("no track after a minute")
