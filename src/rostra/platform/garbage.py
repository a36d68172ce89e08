"""Python's search for cyclic garbage, kept short in processes that must not pause.

Whatever is there when a process has started (modules, routes, statements) stays until it ends; the search goes
through all of it again and again. With thirteen speakers that was up to 80 ms of a stage that must mix every 20 ms, and
more on a site. Frozen, it is left out, and a search sees only what has come since.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 2_000
"""New objects after which the youngest are searched: often enough to stay under a millisecond."""


WHILE_STARTING: Final = 100_000
"""Most of what a start makes (half a million objects: modules, routes, templates) stays, so there is nothing to find.
With Python's own 700 every eighth second of a start was a search."""


def hold_off() -> None:
    """Call first of all, before the modules are imported; `settle` ends it."""
    gc.set_threshold(WHILE_STARTING, 10, 10)


def settle() -> None:
    """Call once, when everything that stays is there. What is a cycle by now and garbage later is never freed."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
