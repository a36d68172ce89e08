"""A house with ten times as many people as seats: is the draw fair, do the seats fill, what does a waiting page cost?

The first two are reckoned with the edge's own code and a clock that runs ahead: an evening in seconds. The third is a
real edge on loopback, and a crowd that does not slow down when the edge does.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.harness import Bench, Finding, need_files
from bench.on_air import BROADCAST, edge_on_air
from rostra.media.wire import SigningKeys
from rostra.shield.tickets import new_key
from rostra.shield.waiting.door import Admitted, Door
from rostra.shield.waiting.house import TURN_S, House, turn
from rostra.shield.waiting.seats import Seats
from rostra.shield.waiting.tickets import WaitingKeys

TITLE: Final = "ten times as many people as seats"
DRAWN: Final = 20_000
FIRST: Final = 2000
GROUPS: Final = 10
CHI_SQUARE_95: Final = 16.92
"""Of nine degrees of freedom: an even draw stays below it 95 times of 100."""
SEATS: Final = 300
KNEE: Final = 400
"""Where such an edge would begin to suffer; the setting is three quarters of it."""
CROWD: Final = 10
LEAVES: Final = 0.4
"""Share of those who wait that have gone when they are called."""
STAYS_S: Final = 1500.0
MINUTES: Final = 10
ARRIVE_IN_S: Final = 10.0
RENEW_S: Final = 150.0
PAGE_SEATS: Final = 100
PAGE_S: Final = 10.0
BAR_MS: Final = 250.0


def run(bench: Bench) -> list[Finding]:
    random.seed(4711)  # those who come and go; places are drawn by the system
    return [_fairness(), _seats(), *_pages(bench)]


class _Room:
    """One door, and a clock in the hand. `inside`: until when each listener stays, monotonic seconds."""

    def __init__(self, seats: int, *, open_now: bool) -> None:
        self.now_s = 0.0
        self.door = Door(Seats(0.0), seats)
        self.door.keys = WaitingKeys(SigningKeys(current=new_key()), BROADCAST)
        self.seats = seats
        self.house = House()
        self.inside: list[float] = []
        if open_now:
            self.door.opened_us = self.now_us

    @property
    def now_us(self) -> int:
        return 1_800_000_000_000_000 + int(self.now_s * 1e6)

    def pass_turn(self) -> None:
        self.now_s += TURN_S
        self.inside = [until_s for until_s in self.inside if until_s > self.now_s]
        self.door.seats.heard_s += TURN_S * len(self.inside)
        self.door.tick(self.now_us, self.now_s, 0)
        report = self.door.report("bench", seats=self.seats)
        self.house = turn(self.house, report, now_us=self.now_us)
        self.door.reported(report, self.house)

    def ask(self, place: str = "") -> str | None:
        """The place for the next look; None for who has been let in."""
        told = self.door.ask(place, "", now_us=self.now_us, mono_s=self.now_s)
        if not isinstance(told, Admitted):
            return told.token
        self.inside.append(self.now_s + random.expovariate(1 / STAYS_S))
        return None


def _fairness() -> Finding:
    """Who comes early and who comes just before the doors: the same share of both is among the first to be called."""
    room = _Room(DRAWN, open_now=False)
    keys = room.door.keys
    assert keys is not None
    places = []
    for number in range(DRAWN):
        ticket = keys.read(room.ask() or "", now_s=room.now_s + 1.8e9)
        assert ticket is not None
        places.append((ticket.place, number))
        if number % 1000 == 999:
            room.pass_turn()
    counts = np.zeros(GROUPS)
    for _, number in sorted(places)[:FIRST]:
        counts[number * GROUPS // DRAWN] += 1
    expected = FIRST / GROUPS
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    return Finding(
        "full_house", f"draw: chi-square over arrival, first {FIRST:,} of {DRAWN:,}", round(chi_square, 1), "",
        bar=f"at most {CHI_SQUARE_95} (95 % of even draws)", kept=chi_square <= CHI_SQUARE_95,
        facts={"by_tenth_of_arrival": counts.astype(int).tolist()},
    )  # fmt: skip


@dataclass
class _Person:
    """Somebody in the line. patient: still there when they are called; looked_s: when they looked last."""

    place: str
    patient: bool
    looked_s: float


def _seats() -> Finding:
    """A crowd comes in ten seconds, four of ten give up: how full the house is while people wait, against its knee."""
    room = _Room(SEATS, open_now=True)
    line: list[_Person] = []
    used: list[float] = []
    while room.now_s < MINUTES * 60:
        room.pass_turn()
        if room.now_s <= ARRIVE_IN_S:
            came = (room.ask() for _ in range(int(SEATS * CROWD / ARRIVE_IN_S * TURN_S)))
            line += [_Person(place, random.random() >= LEAVES, room.now_s) for place in came if place is not None]
        line = [person for person in line if _goes_on(room, person)]
        if room.now_s > 60 and line:
            used.append(len(room.inside) / KNEE * 100)
    share = float(np.mean(used))
    return Finding(
        "full_house", f"seats in use while people wait, of the knee ({SEATS} seats)", round(share, 1), "%",
        bar="between 70 and 80 %", kept=70 <= share <= 80,
        facts={"stays_s": STAYS_S, "least": round(float(np.min(used)), 1), "most": round(float(np.max(used)), 1),
               "shows": round(room.house.shows, 2), "minutes_with_a_line": round(len(used) * TURN_S / 60, 1)},
    )  # fmt: skip


def _goes_on(room: _Room, person: _Person) -> bool:
    """Whether the person waits on. As our player, they watch the published line and ask in person when called."""
    keys = room.door.keys
    assert keys is not None
    ticket = keys.read(person.place, now_s=room.now_us / 1e6)
    if ticket is None:
        return False
    called = room.house.line.called(ticket.place)
    if called and not person.patient:
        return False
    if not called and room.now_s - person.looked_s < RENEW_S:
        return True
    person.looked_s = room.now_s
    place = room.ask(person.place)
    person.place = place or ""
    return place is not None


def _pages(bench: Bench) -> list[Finding]:
    """Ten times the seats in ten seconds, each from its own address, against a real edge."""
    count = PAGE_SEATS * CROWD
    need_files(count + 200)
    edge = edge_on_air(bench, {"ROSTRA_EDGE_CAPACITY": str(PAGE_SEATS)})
    port = edge.url.rpartition(":")[2]
    before_s = edge.process.cpu_s()
    crowd = bench.python("newcomers", "bench.newcomers", port, BROADCAST, str(count), str(PAGE_S))
    crowd.popen.wait(120)
    cpu_s = edge.process.cpu_s() - before_s
    facts = json.loads(crowd.log_text().strip().splitlines()[-1])
    took = np.array(facts["took_s"])
    p99_ms = float(np.percentile(took, 99)) * 1000
    return [
        Finding(
            "full_house", f"waiting page, p99 of {count:,} newcomers in {PAGE_S:g} s", round(p99_ms, 1), "ms",
            bar=f"at most {BAR_MS:g} ms", kept=p99_ms <= BAR_MS,
            facts={"median_ms": round(float(np.median(took)) * 1000, 1), "answers": facts["kinds"],
                   "crowd_late_ms": round(facts["late_s"] * 1000, 1),
                   "edge_cpu_s": round(cpu_s, 2)},
        ),
        Finding("full_house", "waiting page, CPU of the edge for each newcomer", round(cpu_s / count * 1e6), "us"),
    ]  # fmt: skip
