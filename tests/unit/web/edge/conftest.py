"""A server without a socket, and clients that write bytes to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import RENDITIONS
from rostra.media.wire import Airing, Phase
from rostra.web.edge.bounds import Bounds
from rostra.web.edge.connection import Connection
from rostra.web.edge.on_air import OnAir
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from tests.kit.clock import FakeClock

MEDIA = "/live/4711/aac64"


class Wire:
    """A transport that keeps what is written. `stuck`: nothing leaves any more."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = self.aborted = self.paused = self.stuck = False
        self.peer = "127.0.0.1"

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))

    def set_write_buffer_limits(self, high: int) -> None:
        self.high = high

    def get_write_buffer_size(self) -> int:
        return len(self.sent) if self.stuck else 0

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return self.peer, 50_000

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Answer:
    """One response, taken apart."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head.decode("latin-1")
        lines = self.head.split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """A connection to the server."""

    def __init__(self, server: Server, wire: Wire | None = None) -> None:
        self.wire = wire or Wire()
        self.connection = Connection(server)
        self.connection.connection_made(self.wire)  # type: ignore[arg-type]

    def send(self, data: bytes) -> None:
        self.connection.data_received(data)

    def ask(self, target: str, method: str = "GET", version: str = "HTTP/1.1", **fields: str) -> None:
        named = {"Host": "edge.test"} | {name.replace("_", "-"): value for name, value in fields.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.send(f"{method} {target} {version}\r\n{lines}\r\n".encode())

    def answers(self, *, head: bool = False) -> list[Answer]:
        """All whole responses so far; they are taken off the wire."""
        found = []
        while b"\r\n\r\n" in self.wire.sent:
            start, _, rest = self.wire.sent.partition(b"\r\n\r\n")
            answer = Answer(start, b"")
            size = 0 if head else int(answer.fields.get("content-length", 0))
            answer.body, self.wire.sent = rest[:size], rest[size:]
            found.append(answer)
        return found

    def get(self, target: str, method: str = "GET", **fields: str) -> Answer:
        """Ask and expect the answer at once."""
        self.ask(target, method, **fields)
        [answer] = self.answers(head=method == "HEAD")
        return answer

    def lose(self) -> None:
        self.connection.connection_lost(None)


class Desk:
    """An edge with one broadcast that a test moves along."""

    def __init__(self, clock: FakeClock, *, country_header: str = "", window_s: float = 60) -> None:
        self.clock = clock
        self.server = Server(Routes(), clock, Bounds(connections=50), country_header=country_header)
        self.on_air = OnAir(self.server, clock, window_s=window_s, hold_back_parts=3)
        self.anchor_us = clock.now_us()

    def client(self) -> Client:
        return Client(self.server)

    def airing(self, phase: Phase = Phase.LIVE, **more: Any) -> Airing:
        open_doors = phase not in (Phase.SCHEDULED, Phase.CANCELLED)
        airing = Airing(
            broadcast_id="4711",
            slug="evening",
            title=more.pop("title", "An evening — «live»"),
            phase=phase,
            starts_us=self.anchor_us,
            anchor_us=self.anchor_us if open_doors else None,
            **more,
        )
        self.on_air.change(airing)
        return airing

    def part(self, index: int, rendition: str = "aac64") -> None:
        count = RENDITIONS[rendition].frame_count(MediaClock(0), index)
        frames = [b"%d.%d" % (index, frame) for frame in range(count)]
        if rendition == "mp3":
            frames = [frame.ljust(288, b".") for frame in frames]
        self.on_air.broadcasts["4711"].take(rendition, Part(index, frames))

    def run_all(self, start: int, end: int) -> None:
        """Parts `start … end - 1` of every rendition, each when it is over."""
        for index in range(start, end):
            self.clock.jump(seconds=0.512)
            for rendition in RENDITIONS:
                self.part(index, rendition)

    def run(self, start: int, end: int) -> None:
        """Parts `start … end - 1`, each when it is over."""
        for index in range(start, end):
            self.clock.jump(seconds=0.512)
            self.part(index)

    def pass_time(self, seconds: float) -> None:
        """Time passes, with the ticks that the process would have had."""
        for _ in range(round(seconds / 0.1)):
            self.clock.jump(seconds=0.1)
            self.on_air.tick()
        self.server.tick()


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock)


@pytest.fixture
def live(desk: Desk) -> Desk:
    """On the air with parts 0 to 18: segments 0 and 1 are whole."""
    desk.airing()
    desk.run(0, 19)
    return desk
