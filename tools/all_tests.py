"""Every test, in three runs beside each other, so that two cores are never idle.

- Those that hear sound as people do, in real houses, wait for real time most of the time.
- Those with real processes that judge little sound or none, or hear one stage or one edge.
- What only computes (pure code, pages and statements on both databases, the scripts of the pages) has what is left.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rostra.platform.clock import SystemClock

CLOCK = SystemClock()
ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
INTEGRATION, JOURNEYS = ROOT / "tests" / "integration", ROOT / "tests" / "journeys"
SOUNDING = {"captions", "delivery", "stage"}
QUIET_JOURNEYS = {
    "access", "backstage", "captions", "command_line", "members_pages", "membership", "network_pages", "organising",
    "owner_accused", "quiet_corners", "small_sum", "suspension", "writing",
}  # fmt: skip
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
QUIET = [
    *(*PYTEST, "-p", "no:cacheprovider", *(str(INTEGRATION / name) for name in sorted(SOUNDING))),
    *(str(JOURNEYS / f"test_{name}.py") for name in sorted(QUIET_JOURNEYS)),
]
HEARING = [
    *PYTEST,
    *(str(each) for each in sorted(JOURNEYS.glob("test_*.py")) if each.stem[5:] not in QUIET_JOURNEYS),
]
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


@contextmanager
def beside(words: list[str], folder: Path = ROOT) -> Iterator[Callable[[], tuple[int, str]]]:
    """Run a command beside others: what is given waits for its end, and tells its status and all that it said."""
    with tempfile.TemporaryFile("w+") as file:
        process = subprocess.Popen(words, cwd=folder, stdout=file, stderr=subprocess.STDOUT)

        def ended() -> tuple[int, str]:
            status = process.wait()
            file.seek(0)
            return status, file.read()

        try:
            yield ended
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def main() -> int:
    """Run all; 0 when every test has passed."""
    began_s = CLOCK.monotonic()
    with beside(SCRIPTS, ROOT / "frontend") as scripts, beside(COMPUTING) as computing, beside(QUIET) as quiet:
        runs = [waiting(HEARING), quiet(), computing()]
        scripts_status, words = scripts()
    for _, said in runs[1:]:
        print(said)
    print(words)
    counts = [counted(said) for _, said in runs]
    statuses = {status for status, _ in runs}
    failed = [each for _, said in runs for each in faults(said)]
    passes = all(counts) and (statuses == {0} or (statuses <= {0, 1} and passed_again(failed)))
    total = ", ".join(f"{count} {what}" for what, count in sum(counts, Counter()).items())
    print(f"\n{total or 'no tests ran'} in {CLOCK.monotonic() - began_s:.2f}s", flush=True)
    if passes and failed:
        print(f"Passed only the second time, so look at: {', '.join(failed)}", flush=True)
    return 0 if passes and scripts_status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
