"""Listeners with tickets: `python -m bench.players PORT BROADCAST COUNT SECONDS`.

Each has a ticket, a network of its own and one connection, asks for each next part by a blocking reload and then
fetches it, as its turns of the loop allow. Prints "inside" when everybody has a ticket, and a JSON line (`Heard`) at
the end. It connects to loopback only.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from typing import Final

from rostra.platform.open_files import allow_all

STALL_S: Final = 3.0
"""What a player has ahead, about: whoever gets nothing for so long is silent."""


@dataclass(frozen=True, slots=True)
class Heard:
    """p99_ms: of all fetches of parts. stalled: listeners to whom nothing came for STALL_S. lost: who were cut off."""

    p99_ms: float
    stalled: int
    lost: int
    parts: int


class _Listener:
    """A player that follows the playlist part by part, as its turns of the loop allow."""

    def __init__(self, number: int, port: int, broadcast: str) -> None:
        self.base = f"/live/{broadcast}/"
        self.socket = socket.socket()
        self.socket.bind((f"127.{10 + number // 250}.{number % 250}.1", 0))
        self.socket.connect(("127.0.0.1", port))
        self.ticket = ""
        self.data = b""
        self.asked_s = self.heard_s = time.monotonic()
        self.wants_part = False
        self.next = (0, 0)

    def ask(self, path: str) -> None:
        cookie = f"Cookie: rt={self.ticket}\r\n" if self.ticket else ""
        self.data, self.asked_s = b"", time.monotonic()
        self.socket.send(f"GET {self.base}{path} HTTP/1.1\r\nHost: bench\r\n{cookie}\r\n".encode())

    def whole(self) -> bytes | None:
        """The body of an answer that has come in full. Raises ConnectionError for any but 200."""
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head[:60])
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return body if length is not None and len(body) >= int(length[1]) else None


def listen(port: int, broadcast: str, count: int, seconds: float) -> Heard:
    """Come in, one after the other, and then listen."""
    listeners = [_Listener(number, port, broadcast) for number in range(count)]
    for each in listeners:
        each.ask("enter")
        while each.whole() is None:
            each.data += each.socket.recv(1 << 16)
        each.ticket = json.loads(each.whole() or b"{}")["ticket"]
        each.socket.setblocking(False)
    print("inside", flush=True)
    selector = selectors.DefaultSelector()
    for each in listeners:
        each.heard_s = time.monotonic()
        each.ask("aac64/index.m3u8")
        selector.register(each.socket, selectors.EVENT_READ, each)
    took_s: list[float] = []
    stalled, lost = set[_Listener](), 0
    end_s = time.monotonic() + seconds
    while (now_s := time.monotonic()) < end_s:
        for key, _ in selector.select(0.5):
            each = key.data
            try:
                took = _turn(each)
            except OSError:
                selector.unregister(each.socket)
                lost += 1
                continue
            if took is not None:
                took_s.append(took)
        stalled |= {each for each in listeners if now_s - each.heard_s > STALL_S}
    ranked = sorted(took_s) or [0.0]
    return Heard(ranked[int(len(ranked) * 0.99) - 1] * 1000, len(stalled), lost, len(took_s))


def _turn(each: _Listener) -> float | None:
    """Take what has come, and ask for what comes next; how long a part took, when one is whole."""
    received = each.socket.recv(1 << 16)
    if not received:
        raise ConnectionError("closed")
    each.data += received
    if (body := each.whole()) is None:
        return None
    now_s = time.monotonic()
    if each.wants_part:
        took, each.heard_s, each.wants_part = now_s - each.asked_s, now_s, False
        each.ask(f"aac64/index.m3u8?_HLS_msn={each.next[0]}&_HLS_part={each.next[1]}")
        return took
    name = body[body.rindex(b'URI="p', 0, body.rindex(b".m4s", 0, body.rindex(b"#EXT-X-PRELOAD-HINT"))) + 5 :]
    name = name[: name.index(b'"')]
    number = int(name[1:-4]) + 1
    each.next, each.wants_part = (number // 8, number % 8), True
    each.ask(f"aac64/{name.decode()}")
    return None


if __name__ == "__main__":
    allow_all()
    port, broadcast, count, seconds = sys.argv[1:]
    print(json.dumps(asdict(listen(int(port), broadcast, int(count), float(seconds)))), flush=True)
