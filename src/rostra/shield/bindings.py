"""From which networks one ticket may be used: its own, and a few more for people on the move.

A ticket bound to one network breaks for whoever leaves the house; one bound to none is shared. So the holder may come
from another network once a minute, from three in all (a telephone on a train changes between two or three). The
ticket's own network needs no entry here, so only those who move cost memory.

Fails open: the entries live in this process; two edges count apart, and a restart forgets.
"""

from __future__ import annotations

from typing import Final

from rostra.shield.admission import LIFETIME_S, Admission

NETWORKS_MAX: Final = 3
REBIND_AFTER_S: Final = 60.0
MOST_MOVERS: Final = 65_536
"""Tickets in one generation; two generations are kept, each at least as long as a ticket lives unless it fills up."""


class Bindings:
    """The networks of tickets that have moved."""

    def __init__(self, now_s: float) -> None:
        """now_s: monotonic seconds, here and below."""
        self._young: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._old: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._turned_s = now_s

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def allows(self, admission: Admission, network: str, now_s: float) -> bool:
        """Whether the ticket counts from `network`; if it may move there, it has."""
        if network == admission.network:
            return True
        if len(self._young) >= MOST_MOVERS or now_s - self._turned_s >= LIFETIME_S:
            self._young, self._old, self._turned_s = {}, self._young, now_s
        known = self._young.get(admission.jti) or self._old.get(admission.jti)
        moved_s, networks = known if known is not None else (now_s - REBIND_AFTER_S, (admission.network,))
        if network not in networks:
            if len(networks) >= NETWORKS_MAX or now_s - moved_s < REBIND_AFTER_S:
                return False
            moved_s, networks = now_s, (*networks, network)
        self._young[admission.jti] = (moved_s, networks)
        return True
