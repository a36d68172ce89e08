"""How often one token, or one address without a token, may call: so many times in five minutes.

Fails open: the counts live in this process, so a restart forgets them and two processes count apart. It keeps one app's
fault from slowing everybody; what guards secrets is guarded elsewhere as well.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from rostra.platform.clock import Clock, from_us
from rostra.platform.errors import RostraError

WINDOW_S: Final = 300
MOST_KEYS: Final = 65_536


class TooManyCalls(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"
    user_message = "Too many requests"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window, for the headers of an answer."""

    limit: int
    remaining: int
    reset_at: datetime

    def headers(self) -> dict[str, str]:
        reset = self.reset_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": reset,
        }


class Allowances:
    """Counts by key, each in the window that the clock is in. limit: 0 counts nothing."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def take(self, key: str) -> Allowance | None:
        """Count one call; None where nothing is counted. A call above the limit has -1 remaining."""
        if self.limit == 0:
            return None
        window = self._clock.now_us() // 1_000_000 // WINDOW_S
        known_window, count = self._counts.get(key, (window, 0))
        count = count + 1 if known_window == window else 1
        self._counts[key] = (window, min(count, self.limit + 1))
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)
        reset_at = from_us((window + 1) * WINDOW_S * 1_000_000)
        return Allowance(self.limit, max(self.limit - count, -1), reset_at)


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """One key for an IPv4 address, one for a whole /64 of IPv6: that is what a household has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address {address}"
    if parsed.version == 6:
        return f"address {ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address {parsed}"
