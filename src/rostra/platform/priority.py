"""Who goes first where two want the processor."""

from __future__ import annotations

import os

_THIS_PROCESS = 0


def go_first(niceness: int) -> bool:
    """Ask for the processor before others (-20 to -1); whether it was given.

    It is for root, for who has CAP_SYS_NICE, and for who may by RLIMIT_NICE (systemd: `LimitNICE=-10`). Threads and
    processes that are started afterwards inherit it; one that is not in a hurry says `give_way`.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, _THIS_PROCESS, niceness)
    except PermissionError:
        return False
    return True


def give_way(niceness: int) -> None:
    """Let others go first (1 to 19), whatever this process has inherited; never less than it does already."""
    own = os.getpriority(os.PRIO_PROCESS, _THIS_PROCESS)
    os.setpriority(os.PRIO_PROCESS, _THIS_PROCESS, max(own, niceness))
