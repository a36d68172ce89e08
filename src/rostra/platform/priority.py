"""Who goes first where two want the processor.

Niceness alone is not enough: Linux shares the processor between sessions first (autogroups, sched(7)), and niceness
counts within a session only. Each of our processes has one of its own, so its session gets the same niceness.
"""

from __future__ import annotations

import os
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

_THIS = 0  # the calling thread
_SESSION: Final = Path("/proc/self/autogroup")
SPINS_S: Final = 10
"""Processor time without a rest after which a real-time process is told so by SIGXCPU: it is to `go_nicely` then."""
SPINS_MOST_S: Final = 60
"""One that does not even hear that is ended. Fails closed: it hangs, and nobody else would get the processor."""


class Turn(StrEnum):
    """Whose turn it is when this process wants the processor."""

    REAL_TIME = "real_time"
    EARLY = "early"
    AS_ALL = "as_all"


def go_first(niceness: int) -> Turn:
    """Ask for the processor before all others, as sound does; what was given.

    The calling thread gets the lowest real-time priority (SCHED_RR), which comes before every process that is not
    real-time; else `niceness` (-20 to -1), a larger share. Both are for root, for who has CAP_SYS_NICE, and for who
    may by RLIMIT_RTPRIO and RLIMIT_NICE (systemd: `LimitRTPRIO=1`, `LimitNICE=-10`). Threads and processes started
    afterwards have neither (see `early_threads`).
    """
    if not go_early(niceness):
        return Turn.AS_ALL
    try:
        resource.setrlimit(resource.RLIMIT_RTTIME, (SPINS_S * 1_000_000, SPINS_MOST_S * 1_000_000))
        lowest = os.sched_param(os.sched_get_priority_min(os.SCHED_RR))
        os.sched_setscheduler(_THIS, os.SCHED_RR | os.SCHED_RESET_ON_FORK, lowest)
    except (OSError, ValueError):  # not permitted, or a kernel without it
        return Turn.EARLY
    return Turn.REAL_TIME


def go_early(niceness: int) -> bool:
    """Ask for a larger share than others have, never real time; whether it was given. Threads inherit it."""
    try:
        os.setpriority(os.PRIO_PROCESS, _THIS, niceness)
    except PermissionError:
        return False
    _as_a_session(niceness)
    return True


def go_nicely(niceness: int) -> None:
    """Leave real time again, with `niceness` instead: a process that never rests would starve all others."""
    os.sched_setscheduler(_THIS, os.SCHED_OTHER, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, _THIS, niceness)


def early_threads(niceness: int, most: int) -> ThreadPoolExecutor:
    """Threads that help one who goes first: a thread that holds the interpreter must not be kept waiting by others.

    They are never real-time: what they do may take long. Without the right to `niceness` they take turns like all.
    """

    return ThreadPoolExecutor(most, thread_name_prefix="early", initializer=go_early, initargs=(niceness,))


def give_way(niceness: int) -> None:
    """Let others go first (1 to 19), whatever this process has inherited; never less than it does already.

    It leaves the session of whoever started it: there it would give way to that one alone.
    """
    with suppress(PermissionError):  # it has a session, or a group of processes, of its own
        os.setsid()
    most = max(os.getpriority(os.PRIO_PROCESS, _THIS), niceness)
    os.setpriority(os.PRIO_PROCESS, _THIS, most)
    _as_a_session(most)


def _as_a_session(niceness: int) -> None:
    """The same for the session, where it is this process's own and the kernel knows such groups."""
    if os.getsid(_THIS) == os.getpid():
        with suppress(OSError):
            _SESSION.write_text(str(niceness))
