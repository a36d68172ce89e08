"""Networks that are not answered at all for a while: refused again and again, they have gone on regardless.

A refusal that is sent costs nearly what an answer costs, since the kernel's share of both is the same, and a
connection that is taken only to be closed costs two thirds of one that is served. So a flood becomes cheap only where
nothing of it reaches the process. A network that has been refused more often than `STRIKES`, without the pauses that
every refusal asks for, is barred for ten seconds; again within ten minutes, for twice as long, up to `LONGEST_S`.

A network in which somebody has lately shown a good ticket is never barred: neighbours of a flood go on. Its strangers
are refused as before, one by one.

Fails open: of more networks than `MOST_BARRED` at once, the others are refused one by one; a restart forgets them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rostra.shield.addresses import OURS
from rostra.shield.buckets import Buckets, Rate

STRIKES: Final = Rate(burst=50, interval_s=1 / 5)
"""Refusals of one network that are nothing unusual: fifty people who come back as soon as they may, twelve seconds on
average, stay below the five a second."""
STRIKES_AGAIN: Final = Rate(burst=5, interval_s=1 / 5)
"""The same of one that has been barred lately: it is known."""
SHORTEST_S, LONGEST_S = 10.0, 160.0
REMEMBERED_S: Final = 600.0
MOST_BARRED: Final = 500
"""What a socket's filter has room for on every kernel (2560 instructions, at most five a network)."""
MOST_REMEMBERED: Final = 4096
USED_S: Final = 900.0
MOST_USED: Final = 65_536


class Bars:
    """Of one edge. Times are monotonic seconds.

    barred: networks (`Origin.network`) by the moment until which they are. changed: since somebody last set it back.
    """

    def __init__(self, now_s: float, spares: Callable[[str], bool]) -> None:
        """spares: whether a network must never be barred, since a proxy of ours is there."""
        self._spares = spares
        self.barred: dict[str, float] = {}
        self.changed = False
        self._strikes = Buckets(MOST_REMEMBERED)
        self._before: dict[str, tuple[float, float]] = {}
        self._young: set[str] = set()
        self._old: set[str] = set()
        self._turned_s = now_s

    def used(self, network: str, now_s: float) -> None:
        """Somebody there has shown a good ticket."""
        if network in self._young:
            return
        if len(self._young) >= MOST_USED or now_s - self._turned_s >= USED_S:
            self._young, self._old, self._turned_s = set(), self._young, now_s
        self._young.add(network)

    def refused(self, network: str, now_s: float) -> None:
        """Somebody there, without a ticket, was refused."""
        lasted_s, ended_s = self._before.get(network, (0.0, -REMEMBERED_S))
        again = now_s - ended_s < REMEMBERED_S
        if not self._strikes.take(network, STRIKES_AGAIN if again else STRIKES, now_s) or network in self.barred:
            return
        if not network or network in self._young or network in self._old or len(self.barred) >= MOST_BARRED:
            return
        if network in OURS or self._spares(network):
            return
        self._before.pop(network, None)
        lasts_s = min(LONGEST_S, 2 * lasted_s) if again else SHORTEST_S
        self.barred[network] = now_s + lasts_s
        self._before[network] = (lasts_s, now_s + lasts_s)
        if len(self._before) > MOST_REMEMBERED:
            del self._before[next(iter(self._before))]
        self.changed = True

    def tick(self, now_s: float) -> None:
        """Now and then: let those in whose time is over."""
        self.lift(network for network, until_s in self.barred.items() if until_s <= now_s)

    def lift(self, networks: Iterable[str] | None = None) -> None:
        """Let these in again; None: all of them."""
        for network in list(self.barred if networks is None else networks):
            del self.barred[network]
            self.changed = True
