"""Rate limits: the generic cell rate algorithm, one number a key.

GCRA (ITU-T I.371) keeps for each key the moment at which its bucket would be empty again ("theoretical arrival
time"). A request moves that moment by one interval; it is refused while the moment lies further ahead than the
burst allows. Invariant: over any span of time t, a key gets at most burst + t × rate requests through.

Fails open: the numbers live in this process, so a restart forgets them and two processes count apart. What it
guards (guessing of links, minting of tickets) is also guarded by the size of the secrets.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Final

from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError

MOST_KEYS: Final = 65_536


class TooMany(RostraError):
    """429 with Retry-After."""

    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"

    def __init__(self, what: str, wait_s: float) -> None:
        self.retry_after_s = max(1, ceil(wait_s))
        super().__init__(
            f"{what}, wait {wait_s:.1f} s",
            user_message=f"Too many attempts. Wait {self.retry_after_s} s, then try again.",
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """burst requests at once, then one every interval_s."""

    burst: int
    interval_s: float


class Limit:
    """One limit over many keys. Remembers MOST_KEYS at most; the one unused for longest is forgotten first."""

    def __init__(self, what: str, rate: Rate, clock: Clock) -> None:
        self._what = what
        self._rate = rate
        self._clock = clock
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one request of `key`. Raises TooMany, and then does not count it."""
        now = self._clock.monotonic()
        empty_at = max(self._empty_at.get(key, now), now) + self._rate.interval_s
        wait_s = empty_at - now - self._rate.burst * self._rate.interval_s
        if wait_s > 1e-9:  # rounding of floats is no offence
            raise TooMany(self._what, wait_s)
        self._empty_at[key] = empty_at
        self._empty_at.move_to_end(key)
        if len(self._empty_at) > MOST_KEYS:
            self._empty_at.popitem(last=False)
