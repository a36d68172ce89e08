"""The stage is killed in mid-sentence: how long a listener hears nothing.

Two speakers (`rostra speak`) hold a tone; the listener's sound is decoded and its silence measured. Once under `rostra
up` as it comes, whose standby is told; once on a bus whose stages nobody watches, so that the lease has to run out;
once without a standby, when a new stage has to start. Whoever has the room is killed three times in a row.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.harness import Bench, Finding
from bench.talk import on_air
from tests.kit.acting import Made, Organiser, ticket
from tests.kit.apart import Apart
from tests.kit.browser import tone
from tests.kit.heard import gaps_s, loud_now, programme, wait_until
from tests.kit.running import House

TITLE: Final = "A killed stage"
KILLS: Final = 3
BEFORE_S: Final = 2.0
AFTERWARDS_S: Final = 9.0
"""Whole segments are looked at: up to four seconds more on either side."""
WITHIN_S: Final = 60.0
NOTICED_S: Final = 5.0
BAR_S: Final = 3.0


def run(bench: Bench) -> list[Finding]:
    up = House(bench.folder / "up", standby=True)
    pair = Apart(bench.folder / "pair")
    alone = House(bench.folder / "alone")
    return [
        _finding("rostra up as it comes", _watched(bench, up, ("stage", "standby")), bar_s=BAR_S),
        _finding("a standby waits for the lease to run out", _unwatched(bench, pair), bar_s=BAR_S),
        _finding("no standby", _watched(bench, alone, ("stage",)), bar_s=None),
    ]


def _finding(how: str, gaps: list[float], *, bar_s: float | None) -> Finding:
    """bar_s: None promises nothing: how long a stage takes to start is the machine's affair."""
    worst = max(gaps)
    return Finding(
        "killed_stage", f"stage killed, silence at the listener, {how}, longest of {len(gaps)}", round(worst, 2), "s",
        bar="" if bar_s is None else f"at most {bar_s:g} s", kept=None if bar_s is None else worst <= bar_s,
        facts={"all_s": [round(gap, 2) for gap in gaps]},
    )  # fmt: skip


def _watched(bench: Bench, house: House, stages: Sequence[str]) -> list[float]:
    """Under a supervisor. A kill comes when everything that the one before has ended is there again."""
    house.start()
    bench.on_exit(house.stop)
    with ExitStack() as stack:
        organiser, made, base = _two_speak(stack, house)
        gaps = []
        for _ in range(KILLS):
            for name in stages:
                house.wait_for(name)
            os.kill(house.pid_of(_holder(house, organiser, made)), signal.SIGKILL)
            gaps.append(_silence(base))
        organiser.put_away(made)
    house.stop()
    return gaps


def _unwatched(bench: Bench, house: Apart) -> list[float]:
    house.start()
    bench.on_exit(house.stop)
    with ExitStack() as stack:
        organiser, made, base = _two_speak(stack, house)
        gaps = []
        for _ in range(KILLS):
            holder = _holder(house, organiser, made)
            house.kill(holder)
            gaps.append(_silence(base))
            house.run_process(holder)
            house.wait_for(holder)
        organiser.put_away(made)
    house.stop()
    return gaps


def _holder(house: House, organiser: Organiser, made: Made) -> str:
    """Which stage a speaker would be sent to now."""
    port = urlsplit(ticket(organiser.invite(made, "Somebody")[1])["whip_url"]).port
    return "standby" if port == house.standby_port else "stage"


def _two_speak(stack: ExitStack, house: House) -> tuple[Organiser, Made, str]:
    organiser = Organiser(house)
    made = on_air(organiser, "A killed stage")
    for name, hz in (("Low", 430.0), ("High", 1130.0)):
        sound = tone(Path(house.folder) / f"{name}.wav", hz)
        link = organiser.invite(made, name)[1]
        with (house.folder / "speakers.log").open("ab") as log:
            speaker = subprocess.Popen(
                house.command("speak", str(sound), "--invite", link, "--loop"),
                stdout=log, stderr=log, env=house.clean_environment(),
            )  # fmt: skip
        stack.callback(_end, speaker)
    base = f"{house.edge}/live/{made.id}/aac64/"
    wait_until(lambda: loud_now(base), seconds=WITHIN_S, what="the speakers are heard")
    time.sleep(5)
    return organiser, made, base


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _silence(base: str) -> float:
    """The longest silence around a kill that happened just now. The one before was over AFTERWARDS_S earlier."""
    struck_s = time.monotonic()
    with suppress(RuntimeError):  # a silence that is over before anybody looks is still in the recording
        wait_until(lambda: not loud_now(base), seconds=NOTICED_S, what="silence after the kill")
    wait_until(lambda: loud_now(base), seconds=WITHIN_S, what="sound after the kill")
    time.sleep(AFTERWARDS_S)
    return max(gaps_s(programme(base, last_s=time.monotonic() - struck_s + BEFORE_S)), default=0.0)
