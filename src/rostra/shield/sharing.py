"""How many connections one ticket is used on at once: whoever lends theirs to a crowd shares their own places with it.

Counted while tickets are looked at, so never on a calm day. What comes through a proxy of ours is not counted here, as
its connections carry many people's requests; the front counts the requests of a ticket that are under way. Fails
closed: the connection that is one too many is refused, those before it go on.
"""

from __future__ import annotations

from typing import Final

MOST_CONNECTIONS: Final = 12
"""Of one ticket: three players at once, of which each has a playlist, a part and two more under way."""


class Sharing:
    """Open connections by the ticket that was shown on them last. Has an entry for a connection at most."""

    def __init__(self, most: int = MOST_CONNECTIONS) -> None:
        self._most = most
        self._open: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._open)

    def moves(self, before: str, jti: str) -> bool:
        """A connection shows another ticket than before; whether there was room. before: empty for none."""
        if self._open.get(jti, 0) >= self._most:
            return False
        self.leaves(before)
        self._open[jti] = self._open.get(jti, 0) + 1
        return True

    def leaves(self, jti: str) -> None:
        """A connection on which this ticket was shown has gone; empty for none."""
        if not jti:
            return
        left = self._open[jti] - 1
        if left:
            self._open[jti] = left
        else:
            del self._open[jti]
