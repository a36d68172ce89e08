"""WebSocket as a server needs it (RFC 6455): the handshake's answer, frames in, frames out. No I/O, no extensions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
PROTOCOL_ERROR: Final = 1002
NO_TEXT: Final = 1007
TOO_BIG: Final = 1009
_CONTROL_BYTES: Final = 125


class BadFrames(Exception):  # an answer to the other end: `code` is its close code (7.4.1)
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Received(NamedTuple):
    """A whole message, or a control frame. kind: TEXT, BINARY, CLOSE, PING or PONG."""

    kind: int
    content: bytes


class Frames:
    """Takes bytes of a client in any pieces. message_bytes: of one message; what is longer is BadFrames at its head."""

    __slots__ = ("_input", "_kind", "_message", "_message_bytes")

    def __init__(self, message_bytes: int) -> None:
        self._message_bytes = message_bytes
        self._input = b""
        self._kind = CONTINUED
        self._message = b""

    def feed(self, data: bytes) -> Iterator[Received]:
        """What has become whole. Raises BadFrames, and is of no use after that."""
        self._input += data
        while (found := self._frame()) is not None:
            final, kind, content = found
            if kind >= CLOSE:
                yield Received(kind, content)
                continue
            if (kind == CONTINUED) == (self._kind == CONTINUED):
                raise BadFrames(PROTOCOL_ERROR, "a message within a message, or a continuation of none (5.4)")
            self._kind = kind or self._kind
            self._message += content
            if final:
                received = Received(self._kind, self._message)
                self._kind, self._message = CONTINUED, b""
                yield received

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """The next whole frame (5.2), unmasked."""
        data = self._input
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        kind, size, start = first & 0x0F, second & 0x7F, 2
        if first & 0x70 or kind not in (CONTINUED, TEXT, BINARY, CLOSE, PING, PONG):
            raise BadFrames(PROTOCOL_ERROR, "a bit or a kind of frame that nobody agreed on")
        if not second & 0x80:
            raise BadFrames(PROTOCOL_ERROR, "a frame of a client that is not masked (5.1)")
        if kind >= CLOSE and (size > _CONTROL_BYTES or not first & 0x80):
            raise BadFrames(PROTOCOL_ERROR, "a control frame that is long or in pieces (5.5)")
        if size > _CONTROL_BYTES:
            start += 2 if size == 126 else 8
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start])
        if kind < CLOSE and len(self._message) + size > self._message_bytes:
            raise BadFrames(TOO_BIG, f"a message of more than {self._message_bytes} bytes")
        end = start + 4 + size
        if len(data) < end:
            return None
        self._input = data[end:]
        return bool(first & 0x80), kind, _unmasked(data[start + 4 : end], data[start : start + 4])


def frame(kind: int, content: bytes) -> bytes:
    """One whole frame of a server, which masks nothing (5.1)."""
    size = len(content)
    if size <= _CONTROL_BYTES:
        return bytes((0x80 | kind, size)) + content
    if size < 1 << 16:
        return bytes((0x80 | kind, 126)) + size.to_bytes(2) + content
    return bytes((0x80 | kind, 127)) + size.to_bytes(8) + content


def closing(code: int) -> bytes:
    return frame(CLOSE, code.to_bytes(2))


def accepted(key: bytes) -> bytes:
    """What Sec-WebSocket-Accept has to say to a key (4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324  # the protocol's, and no secret


def _unmasked(content: bytes, mask: bytes) -> bytes:
    size = len(content)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(content) ^ int.from_bytes(repeated)).to_bytes(size)
