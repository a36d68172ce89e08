"""Every test, in streams beside each other: on two cores each of them alone leaves a core idle most of the time.

Three streams wait for real processes, browsers and real sound. What only computes (pure code, pages and statements on
both databases, the scripts of the pages) knows no real time, so it may have what is left of the machine, and takes
nothing from those that hear sound: it has the lowest priority. The last line counts all tests in Python.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rostra.platform.clock import SystemClock

CLOCK = SystemClock()
ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
INTEGRATION = ROOT / "tests" / "integration"
SOUNDING = {"captions", "delivery", "stage"}
LAST = ["nice", "-n", "19"]


def streams() -> list[list[str]]:
    """The commands that run the tests in Python; the first one is shown as it comes."""
    folders = [each for each in sorted(INTEGRATION.iterdir()) if each.is_dir() and each.name != "__pycache__"]
    journeys = [str(each) for each in sorted((ROOT / "tests" / "journeys").glob("test_*.py"))]
    computing = [str(each) for each in folders if each.name not in SOUNDING]
    return [
        [*PYTEST, *journeys[::2]],
        [*PYTEST, *journeys[1::2]],
        [*PYTEST, *(str(each) for each in folders if each.name in SOUNDING)],
        [*LAST, *PYTEST, "tests/unit", "tests/fuzz", *computing],
    ]


COUNT = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed|deselected)")


def counted(output: str) -> Counter[str]:
    """What the last line of a run of pytest counts. Empty when there is none, as after a crash."""
    lines = [line for line in output.splitlines() if re.search(r" in [\d.]+s", line)]
    return Counter({what: int(count) for count, what in COUNT.findall(lines[-1])}) if lines else Counter()


def shown(words: list[str]) -> tuple[int, str]:
    """Run a command whose output is shown as it comes; its status and all that it said."""
    said: list[str] = []
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(1):
            said.append(piece)
            print(piece, end="", flush=True)
    return process.returncode, "".join(said)


@contextmanager
def beside(words: list[str], folder: Path) -> Iterator[Callable[[], tuple[int, str]]]:
    """Run a command in the background; yields what waits for its status and all that it said."""
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
    first, *others = streams()
    with ExitStack() as stack:
        scripts = stack.enter_context(beside([*LAST, "npm", "run", "--silent", "check"], ROOT / "frontend"))
        running = [stack.enter_context(beside(words, ROOT)) for words in others]
        results = [shown(first)]
        for each in running:
            results.append(each())
            print(results[-1][1])
        scripts_status, scripts_said = scripts()
        print(scripts_said)
    counts = [counted(said) for _, said in results]
    total = ", ".join(f"{count} {what}" for what, count in sum(counts, Counter()).items())
    print(f"{total or 'no tests ran'} in {CLOCK.monotonic() - began_s:.2f}s", flush=True)
    passed = {status for status, _ in results} == {scripts_status} == {0}
    return 0 if passed and all(counts) else 1


if __name__ == "__main__":
    sys.exit(main())
