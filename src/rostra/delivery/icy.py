"""Titles between the bytes of a radio stream: the ICY protocol of SHOUTcast, as Icecast and radios speak it.

A client that asks with `Icy-MetaData: 1` is told `icy-metaint: N` and then gets, after every N bytes of sound, one
byte that says how long the title block behind it is, in units of 16 bytes; zero means that nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rostra.delivery.progressive import Listener

METAINT_BYTES: Final = 16_000
"""Two seconds at 64 kbit/s; the number that most servers use."""
_UNIT: Final = 16
_MOST_UNITS: Final = 255


def title_block(title: str) -> bytes:
    """The block that tells a title, its length byte included. What would end the text early is replaced."""
    clean = "".join(letter if letter.isprintable() else " " for letter in title).replace("'", "\u2019")
    room = _MOST_UNITS * _UNIT - len("StreamTitle='';")
    kept = clean.encode()[:room].decode(errors="ignore")
    text = f"StreamTitle='{kept}';".encode()
    units = -(-len(text) // _UNIT)
    return bytes((units,)) + text.ljust(units * _UNIT, b"\0")


class IcyListener:
    """A listener with titles: passes sound on with the blocks woven in.

    title: asked at each block; it is told at the first one and whenever it has changed.
    """

    def __init__(self, listener: Listener, title: Callable[[], str]) -> None:
        self._listener = listener
        self._title = title
        self._told: str | None = None
        self._left = METAINT_BYTES

    def write(self, data: bytes) -> None:
        if len(data) < self._left:
            self._left -= len(data)
            self._listener.write(data)
            return
        pieces: list[bytes] = []
        at = 0
        while len(data) - at >= self._left:
            pieces += (data[at : at + self._left], self._block())
            at += self._left
            self._left = METAINT_BYTES
        self._left -= len(data) - at
        self._listener.write(b"".join((*pieces, data[at:])))

    def unsent_bytes(self) -> int:
        return self._listener.unsent_bytes()

    def drop(self) -> None:
        self._listener.drop()

    def finish(self) -> None:
        self._listener.finish()

    def _block(self) -> bytes:
        title = self._title()
        if title == self._told:
            return b"\0"
        self._told = title
        return title_block(title)
