"""Ending those who have had their time, a few in each turn of the loop.

An attack that came within a second goes within a second too: five thousand connections that end in one go keep the loop
for a tenth of a second, and so do all listeners wait. Here the loop looks at its sockets between some and the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

C = TypeVar("C")
LOOKS: Final = 512
"""Half a millisecond, about, and so are ENDS."""
ENDS: Final = 32


class Sweep(Generic[C]):
    """judge: why a connection has to end, empty for those that may stay. end: ends one.

    soon: has a callback called when the loop has looked at its sockets (`call_soon`); None before there is a loop, and
    then a sweep is one turn.
    """

    def __init__(self, judge: Callable[[C], str], end: Callable[[C, str], None]) -> None:
        self.soon: Callable[[Callable[[], None]], object] | None = None
        self._judge = judge
        self._end = end
        self._left: list[C] = []

    def begin(self, connections: Iterable[C]) -> None:
        """Look at all of them, unless the sweep before is still under way: what it has left comes first."""
        if not self._left:
            self._left = list(connections)
            self.turn()

    def turn(self) -> None:
        """Look at some, end some of those."""
        looks, ends = (LOOKS, ENDS) if self.soon is not None else (len(self._left), len(self._left))
        while self._left and looks and ends:
            looks -= 1
            connection = self._left.pop()
            if why := self._judge(connection):
                ends -= 1
                self._end(connection, why)
        if self._left and self.soon is not None:
            self.soon(self.turn)
