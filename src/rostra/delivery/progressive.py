"""The progressive stream for radios: one shared chunk for all who listen.

The bytes of two parts are joined once and the same object is handed to every listener, so a listener costs one
system call a second and no memory of its own. Half of them get odd pairs and half even ones, which spreads the
work over both parts; who joins is put where the next pair starts right behind the burst.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

BURST_PARTS: Final = 6
"""Sent at once to whoever connects: about 3 s, so that a radio starts at once and rides out a hiccup."""
MAX_UNSENT_BYTES: Final = 96 * 1024
"""What may wait for one slow reader, about 12 s at 64 kbit/s; beyond it the reader is dropped."""


class Listener(Protocol):
    """One connection that receives the stream."""

    def write(self, data: bytes) -> None: ...

    def unsent_bytes(self) -> int:
        """What was written and has not left yet."""
        ...

    def drop(self) -> None:
        """Close at once and forget what is unsent."""
        ...

    def finish(self) -> None:
        """Close when everything is sent."""
        ...


class Fanout:
    """Sends each pair of parts to its half of the listeners."""

    def __init__(self) -> None:
        self._recent: deque[bytes] = deque(maxlen=BURST_PARTS)
        self._heads: deque[bytes] = deque(maxlen=BURST_PARTS)
        self._head = self._next_head = self._link = b""
        self._next = 0
        self._halves: tuple[set[Listener], set[Listener]] = (set(), set())
        self._burst: bytes | None = None
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._halves[0]) + len(self._halves[1])

    def join(self, listener: Listener) -> bytes:
        """Add a listener. What to send it first: the head, and a burst that ends where its first pair starts."""
        self._halves[(self._next + 1) % 2].add(listener)
        if self._burst is None:
            self._burst = (self._heads[0] if self._heads else self._head) + b"".join(self._recent)
        return self._burst

    def take_dropped(self) -> int:
        """How many slow readers were dropped since the last call."""
        count, self._dropped = self._dropped, 0
        return count

    def leave(self, listener: Listener) -> None:
        for half in self._halves:
            half.discard(listener)

    def change_head(self, head: bytes, link: bytes) -> None:
        """What a stream begins with from now on. link: what goes before the next part for those who listen already."""
        if not self._recent:
            self._head, link = head, b""
        self._next_head = head
        self._link += link
        self._burst = None

    def push(self, chunk: bytes) -> None:
        """A new part. Sends it, with the one before, to the half whose turn it is."""
        previous = self._recent[-1] if self._recent else b""
        # Who begins with the first part of a new title begins with the head of the old one, and the link behind it.
        self._heads.append(self._head)
        self._head, chunk, self._link = self._next_head, self._link + chunk, b""
        self._recent.append(chunk)
        self._burst = None
        turn = self._halves[self._next % 2]
        self._next += 1
        if turn:
            self._send(turn, previous + chunk)

    def forget(self) -> None:
        """Nothing of what was sent is sent again: who joins hears the next part first."""
        self._recent.clear()
        self._heads.clear()
        self._burst = None

    def finish(self) -> None:
        """The broadcast is over: everybody gets what is left and is closed."""
        waiting, done = self._halves[self._next % 2], self._halves[(self._next + 1) % 2]
        if self._recent:
            self._send(waiting, self._recent[-1])
        for listener in [*waiting, *done]:
            listener.finish()
        waiting.clear()
        done.clear()

    def _send(self, listeners: set[Listener], data: bytes) -> None:
        slow: list[Listener] = []
        for listener in listeners:
            if listener.unsent_bytes() > MAX_UNSENT_BYTES:
                slow.append(listener)
            else:
                listener.write(data)
        self._dropped += len(slow)
        _drop(listeners, slow)


def _drop(listeners: set[Listener], slow: Sequence[Listener]) -> None:
    for listener in slow:
        listeners.discard(listener)
        listener.drop()
