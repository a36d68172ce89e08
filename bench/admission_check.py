"""What the gate costs: each check alone, a refused request beside a served one, a flood that is refused, the tables.

The checks run in this process, on the edge's own `Connection` with a transport that throws everything away. The flood
is `wrk` against an edge process, first at level calm and then in a siege.
"""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bench.harness import Bench, Finding, wrk
from bench.on_air import MEDIA, edge_on_air, newest_part
from rostra.media import wire
from rostra.media.wire import LevelSet, SigningKeys
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.shield.addresses import origin_of
from rostra.shield.barring import STRIKES, Bars
from rostra.shield.buckets import Buckets, Rate
from rostra.shield.doorkeeper import Doorkeeper
from rostra.shield.gate import Gate
from rostra.shield.levels import Level
from rostra.shield.rates import Traffic
from rostra.shield.tickets import new_key
from rostra.web.edge.bounds import Bounds
from rostra.web.edge.connection import Connection
from rostra.web.edge.reply import media
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server

TITLE: Final = "The shield's gate"
CALLS: Final = 5000
REPEATS: Final = 5
CHECK_BAR_US: Final = 20.0
REFUSED_BAR: Final = 0.2
PART: Final = b"/live/4711/aac64/p18.m4s"
FIELDS: Final = (
    b"Host: edge.test\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    b"Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Origin: https://site.test\r\nConnection: keep-alive\r\nReferer: https://site.test/\r\n"
)
CLOCK: Final = SystemClock()


class _Nowhere:
    """A transport from one address."""

    def write(self, data: bytes) -> None: ...

    def set_write_buffer_limits(self, high: int) -> None: ...

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return "127.0.0.1", 50_000

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...


def run(bench: Bench) -> list[Finding]:
    return [*_checks(), *_requests(), *_tables(), *_flood(bench)]


def _us(act: Callable[[], object]) -> float:
    """Microseconds of processor time a call, the best of `REPEATS` series, so that busy neighbours count little."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        for _ in range(CALLS):
            act()
        best = min(best, time.process_time() - start)
    return best / CALLS * 1e6


def _address(number: int) -> str:
    """One in a network of its own for each of 2^24 numbers."""
    return f"{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}.1"


def _finding(what: str, value: float, unit: str, bar: str = "", kept: bool | None = None, **facts: object) -> Finding:
    return Finding("admission_check", what, round(value, 2), unit, bar=bar, kept=kept, facts=facts)


def _keeper() -> Doorkeeper:
    keeper = Doorkeeper(CLOCK)
    keeper.keys_are(SigningKeys(current=new_key(), previous=new_key()))
    return keeper


def _checks() -> list[Finding]:
    """The gate alone, at level busy."""
    keeper = _keeper()
    strict, gate = Gate(CLOCK, keeper), Gate(CLOCK, keeper)
    for each in (strict, gate):
        each.set_level(Level.BUSY)
    gate.buckets = _Roomy()
    home = origin_of("127.0.0.1")
    tickets = [keeper.admit("4711", home.network)[1].encode() for _ in range(CALLS * REPEATS)]
    fresh, seen = iter(tickets), tickets[0]
    forged = seen[:-8] + b"AAAAAAAA"
    numbers = iter(range(10_000_000))

    def stranger() -> object:
        number = next(numbers)
        return gate.judge(
            Traffic.MEDIA, b"", "4711", origin_of(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        )

    costs = {
        "a ticket that is new to the edge": _us(lambda: gate.judge(Traffic.MEDIA, next(fresh), "4711", home)),
        "a ticket that was seen before": _us(lambda: gate.judge(Traffic.MEDIA, seen, "4711", home)),
        "a forged ticket": _us(lambda: gate.judge(Traffic.MEDIA, forged, "4711", home)),
        "no ticket, an address not seen before": _us(stranger),
        "no ticket, one address, refused": _us(lambda: strict.judge(Traffic.MEDIA, b"", "4711", home)),
    }
    bar = f"at most {CHECK_BAR_US:g} us"
    return [_finding(f"check: {what}", cost, "us", bar, cost <= CHECK_BAR_US) for what, cost in costs.items()]


def _requests() -> list[Finding]:
    """Whole requests, from bytes to bytes, without the kernel."""
    server = Server(Routes(), CLOCK, Bounds(connections=100))
    server.routes.files[PART] = media(b"x" * 4200)
    gate = server.gate
    gate.doorkeeper.keys_are(SigningKeys(current=new_key()))
    ticket = gate.doorkeeper.admit("4711", "7f000000")[1].encode()
    plain = b"GET " + PART + b" HTTP/1.1\r\n" + FIELDS + b"\r\n"
    bearing = b"GET " + PART + b" HTTP/1.1\r\n" + FIELDS + b"Cookie: rt=" + ticket + b"\r\n\r\n"
    connection = Connection(server)
    connection.connection_made(_Nowhere())  # type: ignore[arg-type]

    def refused() -> None:
        connection.rests_until_s = 0.0
        connection.data_received(plain)

    calm = _us(lambda: connection.data_received(plain))
    calm_ticket = _us(lambda: connection.data_received(bearing))
    gate.rules.set_level(Level.SIEGE)
    gate.reconsider()
    gate.rules.buckets = _Roomy()
    siege = _us(lambda: connection.data_received(bearing))
    refusal = _us(refused)
    return [
        _finding("request: part, calm, no ticket", calm, "us"),
        _finding("request: part, calm, with a ticket", calm_ticket, "us"),
        _finding("request: part, siege, with a ticket", siege, "us", served_calm_us=calm),
        _finding("request: refused in a siege", refusal, "us", served_us=siege),
    ]


class _Roomy(Buckets):
    """Does the work of a limit and lets everybody through."""

    def take(self, key: object, rate: Rate, now_s: float) -> float:
        super().take(key, rate, now_s)
        return 0.0


def _tables() -> list[Finding]:
    """Memory of a gate that has met so many prefixes, and has refused each of them too often."""
    findings = []
    for count in (10_000, 1_000_000):
        tracemalloc.start()
        gate = Gate(CLOCK, _keeper())
        gate.set_level(Level.BUSY)
        bars = Bars(0, lambda _: False)
        for number in range(count):
            origin = origin_of(_address(number))
            gate.judge(Traffic.MEDIA, b"", "4711", origin)
            for _ in range(STRIKES.burst + 1 if number < 10_000 else 1):
                bars.refused(origin.network, 1)
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        findings.append(
            _finding(f"memory of the limits after {count:,} prefixes", grown / 1e6, "MB", "the same for any number")
        )
    same = abs(findings[0].value - findings[1].value) < 0.5
    return [replace(each, kept=same) for each in findings]


def _flood(bench: Bench) -> list[Finding]:
    """64 connections that ask as fast as they are answered."""
    edge = edge_on_air(bench)
    url = f"{edge.url}{MEDIA}/{newest_part(edge)}"
    shares = {}
    for level in (Level.CALM, Level.SIEGE):
        asyncio.run(set_level(edge.nats_url, level))
        time.sleep(1)
        start_s, before_s = time.monotonic(), edge.process.cpu_s()
        load = wrk(url, seconds=5)
        passed_s, used_s = time.monotonic() - start_s, edge.process.cpu_s() - before_s
        shares[level] = (used_s / passed_s, load.requests / passed_s, load.wrong)
    calm, siege = shares[Level.CALM], shares[Level.SIEGE]
    return [
        _finding("flood of 64 connections, served", calm[0] * 100, "% of a core", requests_per_s=round(calm[1])),
        _finding(
            "flood of 64 connections, refused",
            siege[0] * 100,
            "% of a core",
            f"at most {REFUSED_BAR:.0%} of served",
            siege[0] <= REFUSED_BAR * calm[0],
            refusals_per_s=round(siege[1]),
            not_200=siege[2],
        ),
    ]


async def set_level(nats_url: str, level: Level) -> None:
    """As the operator sets it."""
    bus = await Bus.connect(nats_url, name="bench")
    said = LevelSet(level=level, reason="A measurement.", at_us=CLOCK.now_us())
    await bus.put(wire.LEVELS, wire.OPERATOR, said)
    await bus.close()
