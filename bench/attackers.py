"""Somebody who asks without a ticket from many networks and heeds nothing: for the scenarios `refusal` and `flood`.

`python -m bench.attackers KIND PORT PATH RATE SECONDS NETWORKS FIRST` asks for PATH of an edge on this machine, RATE
times a second, by the clock and whatever is answered (an open loop: a client that waits for answers is held back by the
edge, and then it is no flood), from so many networks 127.100.0.0/24, 127.100.1.0/24 … on, the first of them with the
number FIRST. It prints a JSON line: `sent` is what the kernel took, `held_back` what was due and could not leave, since
the edge did not read or did not take the connection; both are requests that somebody made. `answers` counts the answers
by status.

PATH may be the number of a part; then it is the playlist that is asked for, with that part in it, and the number grows
as the parts do.

KIND is `keep` (a connection for each network, one request a packet), `packet` (the same, 25 requests a packet),
`connect` (a connection for each request, reset once it is answered), `always` (PER_NETWORK connections for each
network, each of which has one request under way at all times, whatever RATE says) or `idle` (computes and asks nothing:
what a flood takes from a machine, and not from the edge).

It speaks to 127.0.0.1 alone and stops by itself; rate and time are bounded. It gives way to everything else on its
processor (SCHED_IDLE) and stays on the last one, so that what it takes is what listeners and edge leave.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from bench.on_air import MEDIA
from rostra.platform.open_files import allow_all

PART_S: Final = 0.512
BATCH: Final = 25
PER_NETWORK: Final = 5
MOST_RATE, MOST_S, MOST_NETWORKS = 500_000, 60.0, 20_000
PAUSE_S: Final = 0.002
MOST_PENDING: Final = 2000
_BIND_LATER: Final = 24
"""IP_BIND_ADDRESS_NO_PORT: the port is chosen when the other end is known, so that all of them are free again."""
_RESET: Final = struct.pack("ii", 1, 0)


class Tally:
    """What one attacker did."""

    def __init__(self) -> None:
        self.sent = self.held_back = 0
        self.answers: Counter[str] = Counter()

    def hear(self, data: bytes) -> None:
        at = data.find(b"HTTP/1.1 ")
        while at >= 0:
            self.answers[data[at + 9 : at + 12].decode()] += 1
            at = data.find(b"HTTP/1.1 ", at + 12)

    def as_json(self) -> str:
        return json.dumps({"sent": self.sent, "held_back": self.held_back, "answers": self.answers})


def source(number: int) -> str:
    """An address in a network of its own."""
    return f"127.{100 + number // 250 % 100}.{number % 250}.1"


def connected(port: int, number: int) -> socket.socket:
    """A connection that is on its way, or is there."""
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_IP, _BIND_LATER, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    made.bind((source(number), 0))
    made.connect_ex(("127.0.0.1", port))
    return made


class _Kept:
    """`keep` and `packet`: a connection for each network, made anew when it was closed."""

    def __init__(self, port: int, request: Callable[[], bytes], batch: int, numbers: range, tally: Tally) -> None:
        self._port = port
        self._request, self._batch = request, batch
        self._numbers = numbers
        self._tally = tally
        self._poll = select.epoll()
        self._turn = 0
        self._there: dict[int, socket.socket] = {}
        self._by_file: dict[int, int] = {}
        for number in numbers:
            self._connect(number)

    def _connect(self, number: int) -> None:
        if (old := self._there.pop(number, None)) is not None:
            del self._by_file[old.fileno()]
            old.close()
        made = self._there[number] = connected(self._port, number)
        self._by_file[made.fileno()] = number
        self._poll.register(made, select.EPOLLIN)

    def ask(self, due: int) -> None:
        packet = self._request() * self._batch
        for _ in range(due // self._batch):
            self._turn = (self._turn + 1) % len(self._numbers)
            number = self._numbers[self._turn]
            try:
                self._there[number].send(packet)
                self._tally.sent += self._batch
            except BlockingIOError:
                self._tally.held_back += self._batch
            except OSError:
                self._connect(number)
                self._tally.held_back += self._batch

    def listen(self) -> None:
        for file, _ in self._poll.poll(0):
            if (number := self._by_file.get(file)) is None:
                continue
            try:
                data = self._there[number].recv(1 << 18)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if data:
                self._tally.hear(data)
            else:
                self._connect(number)


class _Always:
    """`always`: PER_NETWORK connections for each network, each with one request under way at all times."""

    def __init__(self, port: int, request: Callable[[], bytes], numbers: range, tally: Tally) -> None:
        self._port, self._request = port, request
        self._tally = tally
        self._poll = select.epoll()
        self._there: dict[int, tuple[socket.socket, int]] = {}
        for number in numbers:
            for _ in range(PER_NETWORK):
                self._connect(number)

    def _connect(self, number: int) -> None:
        made = connected(self._port, number)
        self._there[made.fileno()] = made, number
        self._poll.register(made, select.EPOLLIN | select.EPOLLOUT)

    def ask(self, due: int) -> None:
        """It asks when it has heard."""

    def listen(self) -> None:
        request = self._request()
        for file, events in self._poll.poll(0.01):
            made, number = self._there[file]
            try:
                if events & select.EPOLLIN:
                    data = made.recv(1 << 16)
                    self._tally.hear(data)
                else:
                    self._poll.modify(file, select.EPOLLIN)
                    data = b"it is connected"
                if data:
                    self._tally.sent += made.send(request) > 0
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                del self._there[file]
                made.close()
                self._connect(number)


class _Fresh:
    """`connect`: a connection for each request. More than MOST_PENDING are not waited for."""

    def __init__(self, port: int, request: Callable[[], bytes], numbers: range, tally: Tally) -> None:
        self._port, self._make = port, request
        self._request = b""
        self._numbers = numbers
        self._tally = tally
        self._poll = select.epoll()
        self._turn = 0
        self._there: dict[int, socket.socket] = {}
        self._order: deque[socket.socket] = deque()

    def ask(self, due: int) -> None:
        self._request = self._make()
        for _ in range(due):
            self._turn = (self._turn + 1) % len(self._numbers)
            made = connected(self._port, self._numbers[self._turn])
            self._there[made.fileno()] = made
            self._order.append(made)
            self._poll.register(made, select.EPOLLIN | select.EPOLLOUT)
        while len(self._there) > MOST_PENDING:
            self._leave(self._order.popleft(), held_back=True)

    def listen(self) -> None:
        for file, events in self._poll.poll(0, 500):
            if (made := self._there.get(file)) is None:
                continue
            if events & select.EPOLLIN or events & (select.EPOLLERR | select.EPOLLHUP):
                with contextlib.suppress(OSError):
                    self._tally.hear(made.recv(1 << 16))
                self._leave(made)
            else:
                self._poll.modify(file, select.EPOLLIN)
                with contextlib.suppress(OSError):
                    made.send(self._request)
                    self._tally.sent += 1

    def _leave(self, made: socket.socket, *, held_back: bool = False) -> None:
        if self._there.pop(made.fileno(), None) is not None:
            self._tally.held_back += held_back
            made.close()


def attack(kind: str, port: int, path: str, rate: int, seconds: float, numbers: range) -> Tally:
    """Ask for so long. Raises ValueError for more than the bounds."""
    if kind == "idle":
        return _idle(seconds)
    if rate > MOST_RATE or seconds > MOST_S or len(numbers) > MOST_NETWORKS:
        raise ValueError("more than an attacker of this bench does")
    tally = Tally()
    start_s = time.monotonic()

    def request() -> bytes:
        asked = path
        if path.isdigit():
            number = int(path) + int((time.monotonic() - start_s) / PART_S)
            asked = f"{MEDIA}/index.m3u8?_HLS_msn={number // 8}&_HLS_part={number % 8}"
        return f"GET {asked} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n".encode()

    batch = BATCH if kind == "packet" else 1
    crowd: _Always | _Fresh | _Kept
    if kind == "always":
        crowd = _Always(port, request, numbers, tally)
    elif kind == "connect":
        crowd = _Fresh(port, request, numbers, tally)
    else:
        crowd = _Kept(port, request, batch, numbers, tally)
    asked = 0
    while (passed_s := time.monotonic() - start_s) < seconds:
        due = (int(rate * passed_s) - asked) // batch * batch
        crowd.ask(due)
        asked += due
        crowd.listen()
        time.sleep(PAUSE_S if kind != "always" else 0)
    return tally


def _idle(seconds: float) -> Tally:
    """As busy as an attacker, to no end."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        sum(range(10_000))
    return Tally()


def stand_back() -> None:
    """Give way to all others on the last processor, and take no other."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    allow_all()
    stand_back()
    kind, port, path, rate, seconds, networks, first = sys.argv[1:]
    numbers = range(int(first), int(first) + int(networks))
    print(attack(kind, int(port), path, int(rate), float(seconds), numbers).as_json(), flush=True)
