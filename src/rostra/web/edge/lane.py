"""Who goes second while the edge is pressed: those without a ticket, one request each, a few in each turn of the loop.

A level of the shield rises after two seconds, since it changes what people meet. This changes only the order, so it
holds within a tenth of a second, and nobody is refused: a request that carries a ticket is answered as it comes, all
others wait in one line, from which `AT_ONCE` are answered before the loop looks at its sockets again. So what the
admitted wait for is bounded by `AT_ONCE` requests, whatever the number of those without a ticket and whatever they ask
in one packet.

Fails open: while it is shut everybody is answered as they come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

AT_ONCE: Final = 24
"""Half a millisecond, about."""
PRESSED_LATE_MS: Final = 10.0
PRESSED_CPU: Final = 0.8
STILL_CPU: Final = 0.5
"""Below this share of a core nobody has to wait for anybody."""
STAYS_S: Final = 2.0


class Waiter(Protocol):
    """in_lane: it has joined, and its turn has not come."""

    in_lane: bool

    def take_turn(self) -> None:
        """Answer one request."""
        ...


class Lane:
    """soon: has a callback called when the loop has looked at its sockets (`call_soon`); None before there is a loop.

    is_open: those without a ticket have to `join`. off: it never opens.
    """

    def __init__(self, *, off: bool = False) -> None:
        self.is_open = False
        self.soon: Callable[[Callable[[], None]], object] | None = None
        self._off = off
        self._until_s = 0.0
        self._waiting: deque[Waiter] = deque()
        self._is_due = False

    def __len__(self) -> int:
        return len(self._waiting)

    def look(self, now_s: float, *, late_ms: float, cpu: float) -> None:
        """Ten times a second. late_ms: of the loop; cpu: share of a core that was used; both since the last time."""
        if self._off:
            return
        if cpu >= PRESSED_CPU or (late_ms >= PRESSED_LATE_MS and cpu >= STILL_CPU):
            self._until_s = now_s + STAYS_S
        self.is_open = now_s < self._until_s

    def join(self, waiter: Waiter) -> None:
        """Its next request is answered when its turn comes, also if the lane is shut by then."""
        waiter.in_lane = True
        self._waiting.append(waiter)
        self._serve_soon()

    def _serve_soon(self) -> None:
        if not self._is_due and self.soon is not None:
            self._is_due = True
            self.soon(self.serve)

    def serve(self) -> None:
        """One turn."""
        self._is_due = False
        waiting = self._waiting
        try:
            for _ in range(min(AT_ONCE, len(waiting))):
                waiting.popleft().take_turn()
        finally:  # a fault in the answer to one must not leave the others waiting
            if waiting:
                self._serve_soon()
