"""How long `rostra up` waits for what it starts: as long as it gets on, and says what it waits for.

A loaded machine needs minutes for what takes seconds otherwise; to give up then would throw away all that was done. A
process that hangs gets nowhere, and one that fails and is started again uses the processor for nothing: neither counts
as getting on. Fails closed: `STILL_S` without progress, or `MOST_S` in all, and the start has failed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

STILL_S: Final = 60.0
MOST_S: Final = 600.0
SAYS_EVERY_S: Final = 15.0
GETS_ON_S: Final = 0.1
"""Processor time in which something was done. To wait for somebody else uses less in a minute."""
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class Patience:
    """Sans-I/O; times are monotonic seconds. Call `look` now and then; afterwards `over` and `says` tell."""

    def __init__(self, now_s: float) -> None:
        self._began_s = self._moved_s = self._said_s = now_s
        self._used_s: dict[str, float] = {}
        self._answers: dict[str, str] = {}

    def look(self, now_s: float, *, answers: Mapping[str, str], used_s: Mapping[str, float]) -> None:
        """answers: what each that is not ready says, or why it does not answer; used_s: processor time of each since it
        was started, without those that had to be started again."""
        if dict(answers) != self._answers:
            self._answers = dict(answers)
            self._moved_s = now_s
        for name, used in used_s.items():
            if used >= self._used_s.get(name, 0.0) + GETS_ON_S:
                self._used_s[name] = used
                self._moved_s = now_s

    def over(self, now_s: float) -> bool:
        """Whether to give up."""
        return now_s - self._moved_s > STILL_S or now_s - self._began_s > MOST_S

    def says(self, now_s: float) -> str | None:
        """A line for people, each quarter of a minute; None in between."""
        if now_s - self._said_s < SAYS_EVERY_S:
            return None
        self._said_s = now_s
        return f"Waiting for {self.listed()}. {now_s - self._began_s:.0f} s so far."

    def waited_s(self, now_s: float) -> float:
        return now_s - self._began_s

    def listed(self) -> str:
        """Who is not ready, and what each says."""
        return "; ".join(f"{name} ({answer})" for name, answer in self._answers.items())


def processor_s(pid: int | None) -> float | None:
    """Processor time of a process so far; None where nobody can tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
