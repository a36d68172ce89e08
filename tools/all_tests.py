"""Every test: those that only compute run at low priority beside those that wait for real processes and real sound.

On two cores the waiting ones leave a core idle most of the time. What only computes (pure code, pages and statements on
both databases, the scripts of the pages) knows no real time, so it may have what is left of the machine, and takes
nothing from those that hear sound: it has the lowest priority.

A few that fail are asked once more, one after the other, when nothing else runs: sound is real time, and a machine
that stands still for seconds proves nothing. Whoever passes only then is named at the end and is to be looked at: races
have shown themselves like that. The line before counts all tests in Python.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rostra.platform.clock import SystemClock

CLOCK = SystemClock()
ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
INTEGRATION = ROOT / "tests" / "integration"
SOUNDING = {"captions", "delivery", "stage"}
LAST = ("nice", "-n", "19")
SCRIPTS = [*LAST, "npm", "run", "--silent", "check"]
COMPUTING = [
    *(*LAST, *PYTEST, "-p", "no:cacheprovider", "tests/unit", "tests/fuzz"),
    *(
        str(each)
        for each in sorted(INTEGRATION.iterdir())
        if each.is_dir() and each.name not in SOUNDING | {"__pycache__"}
    ),
]
WAITING = [*PYTEST, *(str(INTEGRATION / name) for name in sorted(SOUNDING)), "tests/journeys"]
COUNT = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed|deselected)")
FAULT = re.compile(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", re.MULTILINE)
AGAIN_MOST = 4
"""More that fail than this have a reason."""


def counted(output: str) -> Counter[str]:
    """What the last line of a run of pytest counts. Empty when there is none, as after a crash."""
    lines = [line for line in output.splitlines() if re.search(r" in [\d.]+s", line)]
    return Counter({what: int(count) for count, what in COUNT.findall(lines[-1])}) if lines else Counter()


def faults(output: str) -> list[str]:
    """The tests that failed, as pytest's summary names them."""
    return list(dict.fromkeys(FAULT.findall(output)))


def waiting(words: list[str]) -> tuple[int, str]:
    """Run a command whose output is shown as it comes; its status and all that it said."""
    said: list[str] = []
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(1):
            said.append(piece)
            print(piece, end="", flush=True)
    return process.returncode, "".join(said)


def passed_again(names: list[str]) -> bool:
    """Whether each of these few passes when it is asked once more."""
    if not 0 < len(names) <= AGAIN_MOST:
        return False
    print(f"\nOnce more, with the machine to themselves: {', '.join(names)}", flush=True)
    return all(waiting([*PYTEST, "-p", "no:cacheprovider", name])[0] == 0 for name in names)


def main() -> int:
    """Run all; 0 when every test has passed."""
    began_s = CLOCK.monotonic()
    with tempfile.TemporaryFile("w+") as file, tempfile.TemporaryFile("w+") as words:
        scripts = subprocess.Popen(SCRIPTS, cwd=ROOT / "frontend", stdout=words, stderr=subprocess.STDOUT)
        computing = subprocess.Popen(COMPUTING, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
        try:
            status, said = waiting(WAITING)
            statuses = {status, computing.wait()}
            scripts_pass = scripts.wait() == 0
        finally:
            for each in (computing, scripts):
                if each.poll() is None:
                    each.terminate()
                    each.wait()
        for text in (words, file):
            text.seek(0)
        print(words.read())
        other_said = file.read()
    print(other_said)
    one, other = counted(said), counted(other_said)
    failed = faults(said) + faults(other_said)
    passes = bool(one and other) and (statuses == {0} or (statuses <= {0, 1} and passed_again(failed)))
    counts = ", ".join(f"{count} {what}" for what, count in (one + other).items())
    print(f"\n{counts or 'no tests ran'} in {CLOCK.monotonic() - began_s:.2f}s", flush=True)
    if passes and failed:
        print(f"Passed only the second time, so look at: {', '.join(failed)}", flush=True)
    return 0 if passes and scripts_pass else 1


if __name__ == "__main__":
    sys.exit(main())
