"""How many files and connections this process may have open at once."""

from __future__ import annotations

import resource


def allow_all() -> int:
    """Raise the soft limit of open files to the hard one; what counts from now on.

    Systems start programs with a soft limit of 1,024 for the sake of those that use select(2); a server that serves
    thousands is expected to raise it by itself.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return hard
