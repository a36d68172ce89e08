"""Messages of the streams: written once, however many connections they go to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from rostra.network.streaming import Stream, Target
from rostra.platform import metrics

HEARTBEAT_LINE: Final = b":thump\n"
_encoder: Final = msgspec.json.Encoder()
_sent = metrics.counter("stream_messages", "Messages to open streams.", ("event",))
_cut = metrics.counter("streams_cut", "Streams that were cut because their reader was too slow.")


class Frame(msgspec.Struct, frozen=True):
    """What a WebSocket gets. payload: JSON as text, or an id."""

    stream: list[str]
    event: str
    payload: str


HEARTBEAT_FRAME: Final = _encoder.encode(Frame([], "thump", "")).decode()
"""ASGI sends no ping (RFC 6455, 5.5.2), and a line without traffic is cut by proxies and never found dead. A frame of
no stream is passed over by clients, which look for their stream's name.
"""


class Message:
    """One event in both forms, each made when it is first needed. payload: one line of JSON, or an id."""

    __slots__ = ("_frames", "_lines", "event", "payload")

    def __init__(self, event: str, payload: msgspec.Struct | str) -> None:
        self.event = event
        self.payload = payload if isinstance(payload, str) else _encoder.encode(payload).decode()
        self._lines: bytes | None = None
        self._frames: dict[Stream, str] = {}

    def lines(self) -> bytes:
        """As server-sent events (html.spec.whatwg.org, 9.2), with the space that some clients insist on."""
        if self._lines is None:
            self._lines = f"event: {self.event}\ndata: {self.payload}\n\n".encode()
        return self._lines

    def frame(self, stream: Stream) -> str:
        found = self._frames.get(stream)
        if found is None:
            frame = Frame(stream.path, self.event, self.payload)
            found = self._frames[stream] = _encoder.encode(frame).decode()
        return found

    def send(self, targets: Iterable[Target]) -> None:
        """Put it before each target; whoever has too much before them already is cut off."""
        for connection, stream in targets:
            outlet = connection.outlet
            if outlet.offer(self.frame(stream) if connection.framed else self.lines()):
                _sent.labels(self.event).inc()
            else:
                _cut.inc()
