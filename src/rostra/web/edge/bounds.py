"""How much one edge process gives to those who connect, and which connections belong together.

Each bound says whether it fails closed (what is above it is refused, whoever it is) or open (what is above it goes on
unbounded). Times are judged once a second, so a connection lives up to a second longer than its bound.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rostra.shield.addresses import OURS, Network, Proxies, origin_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """All bounds of a server's connections.

    connections: open at once; None for what the limit of open files allows. Fails closed: 503 with Retry-After.
    per_network: open at once from one /24 of IPv4 or /48 of IPv6; 0 for any number. High, since a mobile carrier puts
        thousands of honest listeners behind one network. Fails closed, except for `trusted` networks (proxies) and for
        what this machine asks itself.
    head_s: from the first byte of a request's head, or from the connection, to the head's end. Fails closed.
    heads: connections at once whose head has begun and not ended, those of proxies apart. Of more, the one that has
        been at it longest ends: a player's head is here within a packet or two, so only the slow evict each other.
        Fails closed.
    idle_s: between requests; `crowded_idle_s` once three quarters of `connections` are open, so that the idle go
        before anybody who wants something is refused. Fails closed: a player connects again.
    unread_s: to read an answer to its end. Streams have a bound of their own (`delivery.progressive`). Fails closed.
    stalled: connections with more than `HIGH_WATER_BYTES` unread at once; one more is dropped. So the memory for those
        who do not read is bounded, whatever the number of connections. Fails closed.
    """

    connections: int | None = None
    per_network: int = 4000
    head_s: float = 10.0
    heads: int = 512
    idle_s: float = 75.0
    crowded_idle_s: float = 10.0
    unread_s: float = 20.0
    stalled: int = 512
    trusted: tuple[Network, ...] = ()


class Networks:
    """Counts open connections by network (`Origin.network`). Decides nothing by itself; keeps no address."""

    def __init__(self, most: int, trusted: Proxies) -> None:
        self._most = most
        self._trusted = trusted
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> tuple[str, bool]:
        """Count a connection from `address`: the name of its network, for `leave`, and whether there was room."""
        name = origin_of(address).network
        if not self._most or not name or name in OURS or address in self._trusted:
            return "", True
        self._open[name] += 1
        return name, self._open[name] <= self._most

    def leave(self, name: str) -> None:
        """A connection of this network has gone."""
        if name:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]

    def __len__(self) -> int:
        return len(self._open)
