"""Let work gather for some milliseconds, so that a process that serves many wakes seldom and does much at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rostra.platform.clock import Clock


class Resting:
    """Call `rest` after a piece of work that need not be done at once and of which there will be more.

    The thread sleeps for `rest_s`, the event loop with it; what comes meanwhile waits in the kernel and is there
    afterwards, all of it. Between two rests there is `work_s` at least, in which that is done.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        rest_s: float,
        work_s: float,
        sleep: Callable[[float], None] = time.sleep,  # noqa: TID251  # it is the loop that is to rest
    ) -> None:
        self._clock = clock
        self._rest_s = rest_s
        self._work_s = work_s
        self._sleep = sleep
        self._rested_at = -math.inf

    def rest(self, *, spare_s: float) -> None:
        """Sleep, unless something else is due within `rest_s`. spare_s: until it is."""
        if spare_s > self._rest_s and self._clock.monotonic() - self._rested_at > self._work_s:
            self._sleep(self._rest_s)
            self._rested_at = self._clock.monotonic()
