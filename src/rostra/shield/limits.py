"""One rate limit with a name, which refuses by an error. How it counts is in `rostra.shield.buckets`.

Fails open: a restart forgets and two processes count apart. What it guards (guessing of links, minting of tickets) is
also guarded by the size of the secrets.
"""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Final

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.shield.buckets import Buckets, Rate

LIMIT_PLACES: Final = 16_384
"""Keys that one limit remembers; 256 kB."""
_refused = metrics.counter("shield_limited", "Attempts refused by a limit of the site.", ("limit",))


class TooMany(RostraError):
    """429 with Retry-After."""

    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"

    def __init__(self, what: str, wait_s: float) -> None:
        self.retry_after_s = max(1, ceil(wait_s))
        super().__init__(
            f"{what}, wait {wait_s:.1f} s",
            user_message=f"Too many attempts. Wait {self.retry_after_s} s, then try again.",
        )


class Limit:
    """One limit over many keys."""

    def __init__(self, what: str, rate: Rate, clock: Clock, *, places: int = LIMIT_PLACES) -> None:
        self._what = what
        self._rate = rate
        self._clock = clock
        self._buckets = Buckets(places)

    def take(self, key: str) -> None:
        """Count one request of `key`. Raises TooMany, and then does not count it."""
        wait_s = self._buckets.take(key, self._rate, self._clock.monotonic())
        if wait_s:
            _refused.labels(self._what).inc()
            raise TooMany(self._what, wait_s)
