"""Who is in a hurry goes first where it may, and a child that is not gives way again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rostra.platform.priority import Turn, go_first

SESSION = Path("/proc/self/autogroup")
PROGRAM = """
import os, time
from rostra.platform.priority import Turn, early_threads, give_way, go_early, go_first, go_nicely

def here():
    policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
    name = {{os.SCHED_OTHER: "other", os.SCHED_RR: "rr"}}[policy]
    return f"{{name}} {{os.getpriority(os.PRIO_PROCESS, 0)}}"

{}
"""


def told(words: str) -> list[str]:
    """What another process prints."""
    said = subprocess.run([sys.executable, "-c", PROGRAM.format(words)], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()


def test_it_is_as_it_says() -> None:
    """Root is real-time or early; who may not keeps the place it has."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    said = told("print(go_first(-5)); print(here())")
    assert said in (["real_time", "rr -5"], ["early", "other -5"], ["as_all", f"other {own}"])


def test_helping_threads_are_early_and_never_real_time() -> None:
    turn, *threads = told("print(go_first(-5)); [print(early_threads(-5, 1).submit(here).result()) for _ in range(2)]")
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert threads == ([f"other {own}"] * 2 if turn == "as_all" else ["other -5"] * 2)


def test_who_goes_nicely_is_not_real_time_any_more() -> None:
    """As when it has not rested: a process that spins is told so before it starves the others."""
    (now,) = told("if go_first(-5) is Turn.REAL_TIME: go_nicely(-3)\nprint(here())")
    assert now.split()[0] == "other"


def test_a_child_that_is_in_no_hurry_gives_way() -> None:
    assert told("go_first(-5); give_way(19); print(os.getpriority(os.PRIO_PROCESS, 0))") == ["19"]


def test_nobody_gives_way_less_than_before() -> None:
    said = told("os.setpriority(os.PRIO_PROCESS, 0, 19); give_way(7); print(os.getpriority(os.PRIO_PROCESS, 0))")
    assert said == ["19"]


def test_who_may_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    assert go_first(-5) is Turn.AS_ALL


def test_a_session_of_its_own_has_the_same_niceness() -> None:
    """Niceness counts within a session: without this a film would take as much as the pages."""
    words = "import pathlib\ngive_way(19)\nprint(pathlib.Path('/proc/self/autogroup').read_text().split()[-1])"
    words += "\nprint(os.getsid(0) == os.getpid())"
    assert told(words) == ["19", "True"]


def test_the_session_of_somebody_else_stays_as_it_is() -> None:
    before = SESSION.read_text()
    told("go_early(-5)")
    assert SESSION.read_text() == before


def test_a_kernel_without_groups_is_no_reason_to_fail() -> None:
    words = "from pathlib import Path\nimport rostra.platform.priority as ours\nours._SESSION = Path('/none/autogroup')"
    assert told(f"{words}\ngive_way(19)\nprint(os.getpriority(os.PRIO_PROCESS, 0))") == ["19"]
