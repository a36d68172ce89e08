"""Who is in a hurry goes first where it may, and a child that is not gives way again."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rostra.platform.priority import go_first

PROGRAM = """
import os
from rostra.platform.priority import give_way, go_first
{}
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


def niceness(words: str) -> list[str]:
    """What another process prints: of `words`, then its niceness."""
    said = subprocess.run([sys.executable, "-c", PROGRAM.format(words)], capture_output=True, text=True, check=True)
    return said.stdout.split()


def test_it_is_as_it_says() -> None:
    """For root it goes first; who may not keeps the place it has."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness("print(go_first(-5))") in (["True", "-5"], ["False", str(own)])


def test_a_child_that_is_in_no_hurry_gives_way() -> None:
    assert niceness("go_first(-5); give_way(19)") == ["19"]


def test_nobody_gives_way_less_than_before() -> None:
    assert niceness("os.setpriority(os.PRIO_PROCESS, 0, 19); give_way(7)") == ["19"]


def test_who_may_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    assert not go_first(-5)
