"""How often one caller may start something: the generic cell rate algorithm on a dictionary."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Final

from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError

REMEMBERED: Final = 10_000


class TooMany(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"
    user_message = "Too many attempts in a short time. Wait a moment and try again."

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.1f} s")
        self.retry_after_s = max(1, ceil(wait_s))


class Rate:
    """At most `burst` at once and `per_s` on average for each key.

    A key costs one float: the time at which its bucket is full again. Fails open: at 10,000 keys the memory is
    emptied of those whose bucket is full, and of all of them if that is not enough.
    """

    def __init__(self, clock: Clock, *, burst: int, per_s: float) -> None:
        self._clock = clock
        self._spacing_s = 1 / per_s
        self._tolerance_s = (burst - 1) / per_s
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Count one. Raises TooMany, which counts nothing."""
        now = self._clock.monotonic()
        full_at = max(now, self._full_at.get(key, now))
        wait_s = full_at - self._tolerance_s - now
        if wait_s > 0:
            raise TooMany(wait_s)
        if len(self._full_at) >= REMEMBERED:
            self._forget(now)
        self._full_at[key] = full_at + self._spacing_s

    def _forget(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= REMEMBERED:
            self._full_at.clear()
