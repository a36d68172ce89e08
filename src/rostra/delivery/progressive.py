"""The progressive stream: ADTS for radios, one shared chunk for all who listen.

The bytes of two parts are joined once and the same object is handed to every listener, so a listener costs one
system call a second and no memory of its own. Half of them get odd pairs and half even ones, which spreads the
work over both parts; who joins is put where the next pair starts right behind the burst.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from rostra.media.renditions import Rendition

BURST_PARTS: Final = 6
"""Sent at once to whoever connects: about 3 s, so that a radio starts at once and rides out a hiccup."""
MAX_UNSENT_BYTES: Final = 96 * 1024
"""What may wait for one slow reader, about 12 s at 64 kbit/s; beyond it the reader is dropped."""
_ADTS_HEADER: Final = 7
_MAX_ADTS_FRAME: Final = 0x1FFF


class AdtsFramer:
    """Puts the 7-byte header of ISO/IEC 13818-7, 6.2 before each access unit."""

    def __init__(self, rendition: Rendition) -> None:
        config = int.from_bytes(rendition.specific_config[:2], "big")
        object_type, rate_index, channels = config >> 11, config >> 7 & 0xF, config >> 3 & 0xF
        self._fixed = 0xFFF1 << 40 | (object_type - 1) << 38 | rate_index << 34 | channels << 30 | 0x7FF << 2

    def chunk(self, frames: Iterable[bytes]) -> bytes:
        """The frames of a part as ADTS. Raises ValueError for a frame of more than 8,184 bytes."""
        pieces: list[bytes] = []
        for frame in frames:
            length = _ADTS_HEADER + len(frame)
            if length > _MAX_ADTS_FRAME:
                raise ValueError(f"an ADTS frame holds {_MAX_ADTS_FRAME - _ADTS_HEADER} bytes, got {len(frame)}")
            pieces.append((self._fixed | length << 13).to_bytes(_ADTS_HEADER, "big"))
            pieces.append(frame)
        return b"".join(pieces)


def cut_adts(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole ADTS frames, header included, and the rest that is no whole frame yet.

    Raises ValueError where a frame should start and none does.
    """
    frames: list[bytes] = []
    at = 0
    while at + _ADTS_HEADER <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            raise ValueError(f"no ADTS frame at byte {at}")
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < _ADTS_HEADER:
            raise ValueError(f"ADTS frame of {length} bytes at byte {at}")
        if at + length > len(data):
            break
        frames.append(data[at : at + length])
        at += length
    return frames, data[at:]


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
        self._next = 0
        self._halves: tuple[set[Listener], set[Listener]] = (set(), set())
        self._burst: bytes | None = None
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._halves[0]) + len(self._halves[1])

    def join(self, listener: Listener) -> bytes:
        """Add a listener. The burst to send it first: it ends where its first pair starts."""
        self._halves[(self._next + 1) % 2].add(listener)
        if self._burst is None:
            self._burst = b"".join(self._recent)
        return self._burst

    def take_dropped(self) -> int:
        """How many slow readers were dropped since the last call."""
        count, self._dropped = self._dropped, 0
        return count

    def leave(self, listener: Listener) -> None:
        for half in self._halves:
            half.discard(listener)

    def push(self, chunk: bytes) -> None:
        """A new part. Sends it, with the one before, to the half whose turn it is."""
        previous = self._recent[-1] if self._recent else b""
        self._recent.append(chunk)
        self._burst = None
        turn = self._halves[self._next % 2]
        self._next += 1
        if turn:
            self._send(turn, previous + chunk)

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
