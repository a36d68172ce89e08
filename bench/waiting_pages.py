"""Listeners who wait for the doors, as the page does: `python -m bench.waiting_pages PORT BROADCAST COUNT SECONDS`.

Each asks for state.json every second, give or take a tenth. As soon as the doors are open it fetches what hls.js
fetches: the multivariant playlist, the playlist, the init segment and a part. Prints "connected" when everybody has
had one answer, and a JSON line with the moment (unix seconds) at which each had its first byte of sound.
It connects to loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import sys
import time
from typing import Final, cast

import uvloop

from bench.harness import loopback_only
from rostra.platform.open_files import allow_all

EVERY_S: Final = 1.0
SPREAD: Final = 0.1
HOLD_BACK_PARTS: Final = 3
AT_ONCE: Final = 100
ANSWER_WITHIN_S: Final = 30.0
_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_PART: Final = re.compile(rb'#EXT-X-PART:.*URI="(p\d+\.m4s)"')


class Listener(asyncio.Protocol):
    """One page: a keep-alive connection and what to ask for next."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._data = b""
        self._asks = self._state
        self._rendition = ""
        self._part = ""
        self.answered = False
        self.last = "nothing"
        self.sound_at_s: float | None = None
        self.saw_doors_at_s: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._room.later(random.random() * EVERY_S, self.ask_state)

    def ask_state(self) -> None:
        self._ask("state.json")

    def _ask(self, name: str) -> None:
        self._transport.write(f"GET {self._room.base}{name} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if self._asks == self._first_part and self.sound_at_s is None and body and head.startswith(b"HTTP/1.1 200"):
            self.sound_at_s = time.time()
        if not found or length is None or len(body) < int(length[1]):
            return
        self._data = b""
        self.last = f"{self._asks.__name__} {head[:40].decode()}"
        self._asks(head, body)

    def _state(self, _: bytes, body: bytes) -> None:
        self.answered = True
        state = json.loads(body)
        if state["phase"] == "scheduled":
            self._room.later(EVERY_S * (1 + random.uniform(-SPREAD, SPREAD)), self.ask_state)
            return
        self.saw_doors_at_s = time.time()
        self._asks = self._multivariant
        self._ask("index.m3u8")

    def _multivariant(self, _: bytes, body: bytes) -> None:
        address = next(line for line in body.decode().splitlines() if line and not line.startswith("#"))
        self._rendition = address.partition("/")[0]
        self._asks = self._playlist
        self._ask(address)

    def _playlist(self, _: bytes, body: bytes) -> None:
        parts = _PART.findall(body)
        self._part = parts[-HOLD_BACK_PARTS:][0].decode()
        self._asks = self._init
        self._ask(f"{self._rendition}/init.mp4")

    def _init(self, _head: bytes, _: bytes) -> None:
        self._asks = self._first_part
        self._ask(f"{self._rendition}/{self._part}")

    def _first_part(self, _head: bytes, _: bytes) -> None:
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.gone()


class Room:
    def __init__(self, broadcast: str, count: int) -> None:
        self.base = f"/live/{broadcast}/"
        self._left = count
        self.empty = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def later(self, wait_s: float, act: object) -> None:
        self._loop.call_later(wait_s, act)  # type: ignore[arg-type]

    def gone(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.empty.set()


async def main(port: int, broadcast: str, count: int, seconds: float) -> None:
    loopback_only(f"http://127.0.0.1:{port}")
    room = Room(broadcast, count)
    loop = asyncio.get_running_loop()
    listeners: list[Listener] = []
    while len(listeners) < count:
        made = (loop.create_connection(lambda: Listener(room), "127.0.0.1", port) for _ in range(AT_ONCE))
        listeners += [listener for _, listener in await asyncio.gather(*made)]
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while not all(listener.answered for listener in listeners):
            await asyncio.sleep(0.1)
    print("connected", flush=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(room.empty.wait(), seconds)
    print(json.dumps({
        "sound_at_s": [listener.sound_at_s for listener in listeners if listener.sound_at_s is not None],
        "fetch_s": [listener.sound_at_s - listener.saw_doors_at_s for listener in listeners
                    if listener.sound_at_s is not None and listener.saw_doors_at_s is not None],
        "without_sound": sum(listener.sound_at_s is None for listener in listeners),
        "last_of_those": sorted({listener.last for listener in listeners if listener.sound_at_s is None}),
    }), flush=True)  # fmt: skip


if __name__ == "__main__":
    allow_all()
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
