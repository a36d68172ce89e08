"""How much is asked of what, and how often anybody may: the numbers of all request limits in one place.

Without a ticket, the address (/32 or /64) and its network (/24 or /48, ten times as much) are counted; with one, the
ticket alone. Behind a carrier's translation thousands share one address, so a network in which many tickets are at home
gets four times as much (Cloudflare, "One IP address, many users", 2025: such addresses are limited too often). The
level of the shield scales all of it (`rostra.shield.levels`). Fails open: see `rostra.shield.buckets`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.shield.buckets import Rate


class Traffic(StrEnum):
    """Classes of requests. Each has its own limit, so that a crowd at one does not shut the others."""

    MEDIA = "media"
    ENTRY = "entry"
    API = "api"
    SIGN_IN = "sign_in"
    NOTICES = "notices"
    UPLOADS = "uploads"
    FEEDS = "feeds"
    PAGES = "pages"

    __hash__ = str.__hash__  # that of enums is written in Python, and requests ask for it


RATES: Final = {
    Traffic.MEDIA: Rate(burst=300, interval_s=1 / 30),  # a listener asks four times a second: seven or eight
    Traffic.ENTRY: Rate(burst=60, interval_s=1 / 6),
    Traffic.API: Rate(burst=120, interval_s=1 / 10),
    Traffic.SIGN_IN: Rate(burst=20, interval_s=1),
    Traffic.NOTICES: Rate(burst=20, interval_s=3),
    Traffic.UPLOADS: Rate(burst=80, interval_s=1 / 16),  # pieces of local recordings come eight at a time
    Traffic.FEEDS: Rate(burst=30, interval_s=1),
    Traffic.PAGES: Rate(burst=60, interval_s=1 / 6),
}
"""Of one address without a ticket at level busy. A network has `NETWORK_TIMES` as much."""
NETWORK_TIMES: Final = 10.0
TICKET_RATE: Final = Rate(burst=150, interval_s=1 / 12)
"""Of one ticket: three players, and somebody who jumps back and forth."""
CARRIER_TICKETS: Final = 30
CARRIER_TIMES: Final = 4.0
CARRIER_S: Final = 1800.0
MOST_NETWORKS: Final = 65_536


class Carriers:
    """Networks where many listeners are at home: `CARRIER_TICKETS` new tickets within the last hour or so."""

    def __init__(self, now_s: float) -> None:
        """now_s: monotonic seconds, here and below."""
        self._young: dict[str, int] = {}
        self._old: dict[str, int] = {}
        self._turned_s = now_s

    def minted(self, network: str, now_s: float) -> None:
        """A new ticket was given to somebody there. Renewed ones do not count."""
        if now_s - self._turned_s >= CARRIER_S or len(self._young) >= MOST_NETWORKS:
            self._young, self._old, self._turned_s = {}, self._young, now_s
        self._young[network] = self._young.get(network, 0) + 1

    def is_one(self, network: str) -> bool:
        return self._young.get(network, 0) + self._old.get(network, 0) >= CARRIER_TICKETS


def as_table() -> str:
    """RATES in Markdown, for docs/operate/shield.md."""
    rows = ["| what | of one address (/32, or /64 of IPv6) | of its network (/24, or /48) |", "| --- | --- | --- |"]
    for traffic, rate in RATES.items():
        each = [
            f"{one.burst} at once, then {1 / one.interval_s:.3g} a second" for one in (rate, rate.times(NETWORK_TIMES))
        ]
        rows.append(f"| {traffic.value.replace('_', ' ')} | {each[0]} | {each[1]} |")
    return "\n".join(rows)
