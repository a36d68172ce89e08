"""2,000 listeners wait before closed doors; the host opens them. How long until each has a first byte of sound?

A real house. The time runs from the host's press, so it holds the site's transaction, the way over the bus, up to
1.1 s between two questions of a waiting page, and four answers of the edge.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Final

import numpy as np

from bench.harness import ROOT, Bench, Finding, need_files
from bench.talk import a_house
from tests.kit.acting import Organiser

TITLE: Final = "2,000 listeners at the doors"
LISTENERS: Final = 2000
GIVE_UP_S: Final = 30.0
BAR_S: Final = 2.0


def run(bench: Bench) -> list[Finding]:
    need_files(LISTENERS + 200)
    house = a_house(bench)
    organiser = Organiser(house)
    made = organiser.schedule("The doors", starts_in=timedelta(hours=1))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    command = [
        sys.executable,
        "-m",
        "bench.waiting_pages",
        str(house.port + 1),
        made.id,
        str(LISTENERS),
        str(GIVE_UP_S),
    ]
    crowd = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert crowd.stdout is not None
    try:
        if crowd.stdout.readline().strip() != "connected":
            raise RuntimeError("the listeners did not connect")
        time.sleep(2)
        pressed_s = time.time()
        organiser.act(made, "open_doors")
        facts = json.loads(crowd.stdout.readline())
    finally:
        crowd.kill()
        crowd.wait()
        organiser.put_away(made)
    waited = np.array(facts["sound_at_s"]) - pressed_s
    fetched = np.array(facts["fetch_s"])
    p99_s = float(np.percentile(waited, 99)) if len(waited) else GIVE_UP_S
    fetch_p99_s = float(np.percentile(fetched, 99)) if len(fetched) else GIVE_UP_S
    all_of_them = facts["without_sound"] == 0
    return [
        Finding(
            "doors_open", f"doors open to first byte of sound, p99 of {LISTENERS:,}", round(p99_s, 2), "s",
            bar=f"at most {BAR_S:g} s", kept=p99_s <= BAR_S and all_of_them,
            facts={"median_s": round(float(np.median(waited)), 3), "most_s": round(float(waited.max()), 3),
                   "without_sound": facts["without_sound"],
                   "last_of_those": facts["last_of_those"]},
        ),
        Finding(
            "doors_open", "of which the page's own four requests, p99", round(fetch_p99_s, 2), "s",
            facts={"median_s": round(float(np.median(fetched)), 3)},
        ),
    ]  # fmt: skip
