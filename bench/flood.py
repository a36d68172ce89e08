"""A flood while people listen: 500 listeners with tickets, honest newcomers, and five times as much as the edge can do.

A real house (`rostra up`) with somebody who speaks on its stage. First at a calm moment, then in a flood: the p99 of
all fetches of parts, listeners who fall silent or are cut off, late ticks of the mixer, how long the control page and
the WHIP address take. In the flood also: how long newcomers, 2 % of all who come, wait beside what they are shown. Once
with the shield as it comes, once without it (`ROSTRA_SHIELD_LEVELS=off`), which is the control. Afterwards the site's
public page is flooded, and control and WHIP are asked again.

The knee is what the edge answers for a second of processor time, measured beforehand. The flood is `bench.attackers`,
from 200 networks at once: 25 requests in a packet on kept connections for most of it, by the clock and heedless of
answers; 400 new connections a second; and, since who sends too much at once is cut off and thus cheap, 1000 connections
that each have one request under way at all times.

Attackers, listeners and edge share a machine, so it must be told apart what the flood asks of the edge and what it
takes from the machine. The house has the first processor, everybody outside the others. Attackers give way to whoever
listens, speaks or measures (SCHED_IDLE). And the calm moment is measured beside a process that computes as much as
the attackers do and asks nothing ("idle"), since processors of one core take speed from each other: what differs
between the two moments is what is asked.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import numpy as np
import psutil

from bench import talk
from bench.harness import Bench, Finding, Running, need_files, wrk
from bench.players import Heard
from tests.kit.acting import Made, Organiser
from tests.kit.running import House
from tests.kit.witnesses import counter

TITLE: Final = "a flood without tickets while people listen"
LISTENERS: Final = 500
NETWORKS: Final = 200
CALM_S: Final = 12.0
FLOOD_S: Final = 26.0
TIMES_KNEE: Final = 5
KNEE_S: Final = 3.0
CONNECTS_S: Final = 400
JOINERS_S: Final = 8.0
"""2 % of all connections that come. More would take a whole processor for their sums, which visitors do at home."""
PATIENCE_S: Final = 40.0
PROBE_S: Final = 0.25
SITE_RATE, SITE_S = 2000, 10.0
BAR: Final = 1.5
WAIT_BAR: Final = 1.3
LOOK_S: Final = 2.0
"""A turn of the line: waiting times are whole turns."""


@dataclass
class Moment:
    """What was measured while something lasted. answers_ms: of the control page and of WHIP."""

    heard: Heard
    late_ticks: int
    edge_cpu_pct: float
    answers_ms: dict[str, list[float]] = field(default_factory=dict)
    newcomers: dict[str, Any] = field(default_factory=dict)
    attack: list[dict[str, Any]] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Side:
    """knee: requests a second. site_ms: answers of control and WHIP while the site's public pages are flooded."""

    calm: Moment
    flood: Moment
    knee: float
    site_ms: dict[str, list[float]]


def run(bench: Bench) -> list[Finding]:
    need_files(6 * LISTENERS)
    guarded = _side(bench, "automatic")
    bare = _side(bench, "off")
    return [*_findings("shield", guarded, bars=True), *_findings("no shield (control)", bare, bars=False)]


def _side(bench: Bench, levels: str) -> Side:
    """Of a house whose levels are kept so."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    house = talk.a_house(bench, f"house-{levels}", backstage=True, ROSTRA_SHIELD_LEVELS=levels)
    organiser = Organiser(house)
    made = talk.on_air(organiser, "A flood")
    _place(house)
    with talk.talk(talk.entries(organiser, made, ["speech"]), seconds=CALM_S + FLOOD_S + 60):
        time.sleep(5)
        knee = _knee(house, made)
        calm = _moment(bench, house, organiser, made, CALM_S, 0)
        flood = _moment(bench, house, organiser, made, FLOOD_S, round(TIMES_KNEE * knee))
        site = _site_flooded(bench, house, organiser, made)
    organiser.put_away(made)
    house.stop()
    return Side(calm, flood, knee, site)


def _site_flooded(bench: Bench, house: House, organiser: Organiser, made: Made) -> dict[str, list[float]]:
    """Answers of control and WHIP while the broadcast's public page is asked for, far more often than it can be."""
    path = f"/b/{made.slug}"
    attacker = bench.python(
        f"site-{house.folder.name}", "bench.attackers", "keep", str(house.port), path, str(SITE_RATE), str(SITE_S),
        str(NETWORKS), "0",
    )  # fmt: skip
    with _probed(house, organiser, made) as (answers_ms, _):
        attacker.popen.wait(120)
    return answers_ms


def _place(house: House) -> None:
    """The house on the first processor, and whoever this process starts from now on on the others."""
    first, *others = sorted(psutil.Process().cpu_affinity() or [])
    assert house.process is not None
    up = psutil.Process(house.process.pid)
    for process in [up, *up.children(recursive=True)]:
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {first})
    os.sched_setaffinity(0, others or {first})


def _newest_part(house: House, made: Made) -> str:
    text = httpx.get(f"{house.edge}/live/{made.id}/aac64/index.m3u8", trust_env=False).raise_for_status().text
    return str(re.findall(r'PART:.*URI="(p\d+\.m4s)"', text)[-1])


def _knee(house: House, made: Made) -> float:
    """Requests for a part that the edge answers in a second of processor time."""
    url = f"{house.edge}/live/{made.id}/aac64/{_newest_part(house, made)}"
    before_s, edge = talk.cpu_s(house.pid_of("edge")), house.pid_of("edge")
    load = wrk(url, seconds=KNEE_S)
    time.sleep(3)  # until nothing is pressed any more
    return load.requests / (talk.cpu_s(edge) - before_s)


def _moment(bench: Bench, house: House, organiser: Organiser, made: Made, seconds: float, rate: int) -> Moment:
    """rate: of the flood, requests a second; 0 for a calm moment."""
    port, name = str(house.port + 1), f"{house.folder.name}-{rate}"
    edge = house.pid_of("edge")
    listeners = bench.python(f"players-{name}", "bench.players", port, made.id, str(LISTENERS), str(seconds))
    _until_inside(listeners)
    path = f"/live/{made.id}/aac64/{_newest_part(house, made)}"
    kinds = [("packet", rate - CONNECTS_S), ("connect", CONNECTS_S), ("always", 0)] if rate else [("idle", 0)]
    late, cpu_s, start_s = counter(house, "stage", "rostra_stage_late_ticks"), talk.cpu_s(edge), time.monotonic()
    attackers = [
        bench.python(f"{kind}-{name}", "bench.attackers", kind, port, path, str(each), str(seconds - 3),
                     str(NETWORKS), "0")
        for kind, each in kinds
    ]  # fmt: skip
    joiners = None
    if rate:
        joiners = bench.python(
            f"joiners-{name}", "bench.joiners", port, made.id, str(JOINERS_S), str(seconds - 6), str(PATIENCE_S)
        )
    with _probed(house, organiser, made) as (answers_ms, levels):
        heard = Heard(**_said(listeners))
    moment = Moment(
        heard,
        int(counter(house, "stage", "rostra_stage_late_ticks") - late),
        100 * (talk.cpu_s(edge) - cpu_s) / (time.monotonic() - start_s),
        answers_ms,
        levels=levels,
    )
    moment.attack = [_said(each) for each in attackers if rate]
    if joiners is not None:
        moment.newcomers = _said(joiners)
    return moment


@contextmanager
def _probed(house: House, organiser: Organiser, made: Made) -> Iterator[tuple[dict[str, list[float]], list[str]]]:
    """How long the control page's data and WHIP take, four times a second, while the block lasts; and the levels."""
    over = threading.Event()
    answers_ms: dict[str, list[float]] = {"control": [], "whip": []}
    levels: list[str] = []

    def probe() -> None:
        with httpx.Client(trust_env=False, timeout=30) as http:
            while not over.wait(PROBE_S):
                for what, took in answers_ms.items():
                    start_s = time.monotonic()
                    if what == "control":
                        organiser.control(made)
                    else:
                        http.post(
                            f"{house.stage}/whip/{made.id}", content=b"v=0", headers={"Authorization": "Bearer x"}
                        )
                    took.append((time.monotonic() - start_s) * 1000)

    prober = threading.Thread(target=probe)
    prober.start()
    before = len(house.log)
    try:
        yield answers_ms, levels
    finally:
        over.set()
        prober.join()
        levels += [line.partition("shield_level")[2].strip()[:120]
                   for line in house.log[before:].splitlines() if "shield_level" in line]  # fmt: skip


def _until_inside(crowd: Running) -> None:
    end_s = time.monotonic() + 60
    while "inside" not in crowd.log_text():
        if time.monotonic() > end_s or crowd.popen.poll() is not None:
            raise RuntimeError(f"not all listeners came in\n{crowd.log_text()}")
        time.sleep(0.1)


def _said(process: Running) -> dict[str, Any]:
    if process.popen.wait(240):
        raise RuntimeError(process.log_text()[-2000:])
    said: dict[str, Any] = json.loads(process.log_text().strip().splitlines()[-1])
    return said


def _findings(what: str, side: Side, *, bars: bool) -> list[Finding]:
    calm, flood, knee = side.calm, side.flood, side.knee
    ratio = flood.heard.p99_ms / calm.heard.p99_ms
    silent = flood.heard.stalled + flood.heard.lost
    facts = {"knee_requests_s": round(knee), "listeners": LISTENERS, "parts": flood.heard.parts, "levels": flood.levels,
             "edge_cpu_pct": round(flood.edge_cpu_pct), "calm_edge_cpu_pct": round(calm.edge_cpu_pct),
             "attack": flood.attack}  # fmt: skip
    came_in = flood.newcomers["in"]
    told = [(waited_s, shown_s) for waited_s, shown_s in came_in if shown_s is not None]
    ratios = [waited_s / (shown_s + LOOK_S) for waited_s, shown_s in told]
    honest = float(np.percentile(ratios, 95)) if ratios else 0.0
    return [
        Finding(
            "flood", f"p99 of a part under a flood, {what}", round(flood.heard.p99_ms, 1), "ms",
            peer=round(calm.heard.p99_ms, 1), ratio=round(ratio, 2), bar=f"at most {BAR} times calm" if bars else "",
            kept=ratio <= BAR if bars else None, facts=facts,
        ),
        Finding(
            "flood", f"listeners who fell silent or were cut off, {what}", silent, "listeners",
            bar="none" if bars else "", kept=silent == 0 if bars else None,
        ),
        Finding(
            "flood", f"newcomers who came in, {what}", round(100 * len(came_in) / flood.newcomers["came"], 1), "%",
            facts={"out": flood.newcomers["out"], "slowest_s": round(max((s for s, _ in came_in), default=0), 1)},
        ),
        Finding(
            "flood", f"waited beside what was shown, p95 of newcomers, {what}", round(honest, 2), "times",
            bar=f"at most {WAIT_BAR}, and all came in" if bars else "",
            kept=honest <= WAIT_BAR and not flood.newcomers["out"] if bars else None, facts={"were_told": len(told)},
        ),
        Finding(
            "flood", f"late ticks of the mixer, {what}", flood.late_ticks, "ticks", peer=calm.late_ticks,
            bar="none" if bars else "", kept=flood.late_ticks == 0 if bars else None,
        ),
        *(
            Finding(
                "flood", f"answers of {kind} while {where} is flooded, p95, {what}", _p95(took[kind]), "ms",
                peer=_p95(calm.answers_ms[kind]), facts={"slowest_ms": round(max(took[kind]))},
            )
            for kind in calm.answers_ms
            for where, took in (("the edge", flood.answers_ms), ("the site", side.site_ms))
        ),
    ]  # fmt: skip


def _p95(took_ms: list[float]) -> float:
    return round(float(np.percentile(took_ms, 95)), 1)
