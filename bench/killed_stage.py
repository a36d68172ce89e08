"""The stage is killed in mid-sentence: how long a listener hears nothing.

Two speakers (`rostra speak`) hold a tone; the listener's sound is decoded and its silence measured. Once the stage
stands alone under `rostra up`, which starts it anew; once a standby on the same bus takes over.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from bench.harness import Bench, Finding
from bench.talk import on_air
from tests.kit.acting import Made, Organiser
from tests.kit.apart import Apart
from tests.kit.browser import tone
from tests.kit.heard import gaps_s, loud_now, programme, wait_until
from tests.kit.running import House

TITLE: Final = "A killed stage"
KILLS: Final = 3
AFTERWARDS_S: Final = 9.0
WITHIN_S: Final = 30.0
NOTICED_S: Final = 5.0
STABLE_S: Final = 31.0
"""`rostra up` starts at once what had run for half a minute, and waits a little longer each time otherwise."""
BAR_S: Final = 3.0


def run(bench: Bench) -> list[Finding]:
    alone = House(bench.folder / "alone")
    pair = Apart(bench.folder / "pair")
    return [
        _finding("started anew by rostra up", _alone(bench, alone)),
        _finding("a standby takes over", _pair(bench, pair)),
    ]


def _finding(how: str, gaps: list[float]) -> Finding:
    worst = max(gaps)
    return Finding(
        "killed_stage", f"stage killed, silence at the listener, {how}, longest of {len(gaps)}", round(worst, 2), "s",
        bar=f"at most {BAR_S:g} s", kept=worst <= BAR_S, facts={"all_s": [round(gap, 2) for gap in gaps]},
    )  # fmt: skip


def _alone(bench: Bench, house: House) -> list[float]:
    house.start()
    bench.on_exit(house.stop)
    with ExitStack() as stack:
        organiser, made, base = _two_speak(stack, house)
        gaps = []
        for _ in range(KILLS):
            time.sleep(STABLE_S)
            os.kill(house.pid_of("stage"), signal.SIGKILL)
            gaps.append(_silence(base))
        organiser.put_away(made)
    house.stop()
    return gaps


def _pair(bench: Bench, house: Apart) -> list[float]:
    house.start()
    bench.on_exit(house.stop)
    with ExitStack() as stack:
        organiser, made, base = _two_speak(stack, house)
        gaps = []
        for _ in range(KILLS):
            holder = "standby" if str(house.standby_port) in _where(organiser, made) else "stage"
            house.kill(holder)
            gaps.append(_silence(base))
            house.run_process(holder)
            house.wait_for(holder)
        organiser.put_away(made)
    return gaps


def _where(organiser: Organiser, made: Made) -> str:
    """The WHIP address that a speaker would be given now."""
    from tests.kit.acting import ticket

    return ticket(organiser.invite(made, "Somebody")[1])["whip_url"]


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
    """The longest silence around a kill that happened just now."""
    with suppress(RuntimeError):  # a silence that is over before anybody looks is still in the recording
        wait_until(lambda: not loud_now(base), seconds=NOTICED_S, what="silence after the kill")
    wait_until(lambda: loud_now(base), seconds=WITHIN_S, what="sound after the kill")
    time.sleep(AFTERWARDS_S)
    return max(gaps_s(programme(base, last_s=20)), default=0.0)
