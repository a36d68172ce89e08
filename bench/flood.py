"""A flood while people listen: listeners with tickets, and five times as much as the edge can do without one.

The same run with the shield held at calm is the control. As a module it is one side of it, on loopback alone and for a
fixed time: `python -m bench.flood listeners PORT COUNT SECONDS` are players, each with a ticket and a network of its
own; `python -m bench.flood attack PORT PATH RATE SECONDS` asks from 200 networks, RATE times a second, and does not
wait for answers.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass
from typing import Final

from bench.harness import Bench, Finding, Running, need_files
from bench.on_air import BROADCAST, MEDIA, Edge, edge_on_air, newest_part
from rostra.platform.open_files import allow_all

TITLE: Final = "a flood without tickets while people listen"
LISTENERS: Final = 500
NETWORKS: Final = 200
CALM_S: Final = 12.0
FLOOD_S: Final = 30.0
TIMES_KNEE: Final = 5
KNEE_S: Final = 3.0
KNEE_CONNECTIONS: Final = 64
BATCH: Final = 25
"""Requests in one packet of the flood: one Python could not send so many otherwise."""
STALL_S: Final = 3.0
"""What a player has ahead, about: whoever gets nothing for so long is silent."""
BAR: Final = 1.5


@dataclass(frozen=True, slots=True)
class Heard:
    """p99_ms: of all fetches of parts. stalled: listeners to whom nothing came for STALL_S. lost: who were cut off."""

    p99_ms: float
    stalled: int
    lost: int
    parts: int


def run(bench: Bench) -> list[Finding]:
    need_files(4 * LISTENERS)
    knee = _knee(bench)
    guarded = _flooded(bench, knee, "automatic")
    bare = _flooded(bench, knee, "by-hand")
    findings = []
    for what, (calm, flood), bar in (("shield", guarded, True), ("no shield (control)", bare, False)):
        ratio = flood.p99_ms / calm.p99_ms
        findings.append(
            Finding(
                "flood", f"p99 of a part under a flood, {what}", round(flood.p99_ms, 1), "ms",
                peer=round(calm.p99_ms, 1), ratio=round(ratio, 2), bar=f"at most {BAR} times calm" if bar else "",
                kept=ratio <= BAR if bar else None,
                facts={"knee_requests_s": round(knee), "listeners": LISTENERS, "parts": flood.parts},
            )
        )  # fmt: skip
        findings.append(
            Finding(
                "flood", f"listeners who fell silent or were cut off, {what}", flood.stalled + flood.lost, "listeners",
                bar="none" if bar else "", kept=flood.stalled + flood.lost == 0 if bar else None,
            )
        )  # fmt: skip
    return findings


def _knee(bench: Bench) -> float:
    """Requests for a part that the edge answers in a second, with nobody else there."""
    edge = edge_on_air(bench, {"ROSTRA_SHIELD_LEVELS": "by-hand"})
    port, path = _port(edge), f"{MEDIA}/{newest_part(edge)}"
    selector = selectors.DefaultSelector()
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
    for number in range(KNEE_CONNECTIONS):
        made = _from(f"127.9.{number % NETWORKS}.1", port)
        made.sendall(request)
        selector.register(made, selectors.EVENT_READ)
    answered, end_s = 0, time.monotonic() + KNEE_S
    while time.monotonic() < end_s:
        for key, _ in selector.select(1):
            made = key.fileobj
            assert isinstance(made, socket.socket)
            answered += made.recv(1 << 16).count(b"HTTP/1.1 200")
            made.send(request)
    selector.close()
    edge.process.stop()
    return answered / KNEE_S


def _flooded(bench: Bench, knee: float, levels: str) -> tuple[Heard, Heard]:
    """What listeners hear on a calm day and in a flood, of an edge whose levels are kept so."""
    edge = edge_on_air(bench, {"ROSTRA_SHIELD_LEVELS": levels})
    port = str(_port(edge))
    calm = _heard(_listeners(bench, f"calm-{levels}", port, CALM_S))
    listeners = _listeners(bench, f"flooded-{levels}", port, FLOOD_S)
    path = f"{MEDIA}/{newest_part(edge)}"
    rate = str(round(TIMES_KNEE * knee))
    attack = bench.python(f"attack-{levels}", "bench.flood", "attack", port, path, rate, str(FLOOD_S - 4))
    flood = _heard(listeners)
    attack.stop()
    edge.process.stop()
    return calm, flood


def _listeners(bench: Bench, name: str, port: str, seconds: float) -> Running:
    """They, once all of them are inside."""
    crowd = bench.python(name, "bench.flood", "listeners", port, str(LISTENERS), str(seconds))
    end_s = time.monotonic() + 60
    while "inside" not in crowd.log_text():
        if time.monotonic() > end_s or crowd.popen.poll() is not None:
            raise RuntimeError(f"not all listeners came in\n{crowd.log_text()}")
        time.sleep(0.1)
    return crowd


def _heard(crowd: Running) -> Heard:
    crowd.popen.wait(180)
    return Heard(**json.loads(crowd.log_text().strip().splitlines()[-1]))


def _port(edge: Edge) -> int:
    return int(edge.url.rpartition(":")[2])


def _from(address: str, port: int) -> socket.socket:
    made = socket.socket()
    made.bind((address, 0))
    made.connect(("127.0.0.1", port))
    made.setblocking(False)
    return made


class _Listener:
    """A player that follows the playlist part by part, as its turns of the loop allow."""

    def __init__(self, number: int, port: int) -> None:
        self.address = f"127.{10 + number // 250}.{number % 250}.1"
        self.port = port
        self.socket = _from(self.address, port)
        self.ticket = ""
        self.data = b""
        self.asked_s = self.heard_s = time.monotonic()
        self.wants_part = False
        self.next = (0, 0)

    def ask(self, path: str) -> None:
        cookie = f"Cookie: rt={self.ticket}\r\n" if self.ticket else ""
        self.data, self.asked_s = b"", time.monotonic()
        self.socket.send(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{cookie}\r\n".encode())

    def whole(self) -> bytes | None:
        """The body of an answer that has come in full. Raises ConnectionError for any but 200."""
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head[:60])
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return body if length is not None and len(body) >= int(length[1]) else None


def listen(port: int, count: int, seconds: float) -> Heard:
    allow_all()
    listeners = [_Listener(number, port) for number in range(count)]
    for each in listeners:
        each.socket.setblocking(True)
        each.ask(f"/live/{BROADCAST}/enter")
        while each.whole() is None:
            each.data += each.socket.recv(1 << 16)
        each.ticket = json.loads(each.whole() or b"{}")["ticket"]
        each.socket.setblocking(False)
    print("inside", flush=True)
    selector = selectors.DefaultSelector()
    for each in listeners:
        each.heard_s = time.monotonic()
        each.ask(f"{MEDIA}/index.m3u8")
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
        each.ask(f"{MEDIA}/index.m3u8?_HLS_msn={each.next[0]}&_HLS_part={each.next[1]}")
        return took
    parts = re.findall(r'PART:.*URI="(p(\d+)\.m4s)"', body.decode())
    number = int(parts[-1][1]) + 1
    each.next, each.wants_part = (number // 8, number % 8), True
    each.ask(f"{MEDIA}/{parts[-1][0]}")
    return None


def attack(port: int, path: str, rate: int, seconds: float) -> dict[str, int]:
    """Sends and never waits; a connection that is full or closed is left until it takes something again."""
    allow_all()
    packet = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() * BATCH
    there = [_from(f"127.{100 + number % 100}.{number}.1", port) for number in range(NETWORKS)]
    sent, full, turn = 0, 0, 0
    start_s = time.monotonic()
    while (passed_s := time.monotonic() - start_s) < seconds:
        due = int(rate * passed_s)
        while sent + full < due:
            turn = (turn + 1) % NETWORKS
            try:
                there[turn].send(packet)
                sent += BATCH
            except BlockingIOError:
                full += BATCH
            except OSError:
                there[turn].close()
                there[turn] = _from(f"127.{100 + turn % 100}.{turn}.1", port)
                full += BATCH
        for each in there[turn % 8 :: 8]:
            try:
                each.recv(1 << 20)
            except OSError:
                continue
        time.sleep(0.002)
    return {"sent": sent, "full": full}


if __name__ == "__main__":
    if sys.argv[1] == "listeners":
        heard = listen(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
        print(json.dumps({each: getattr(heard, each) for each in Heard.__slots__}))
    else:
        print(json.dumps(attack(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))))
