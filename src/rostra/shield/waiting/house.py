"""The house: one entry of the bus for each broadcast, from which every edge leases slots and which holds the line.

Each edge, every `TURN_S`, reads the entry, puts in what it knows (`Report`), takes its lease anew, moves the front if
it is time, and writes the entry back if nobody was faster (compare and set by revision). So there is no leader, and no
edge that must not die: an edge that is silent for `LEASE_S` is left out, with its capacity and its lease.

Invariant: the limits of all leases together exceed the capacity of the living edges only by listeners who are there
already. An admitted listener is never sent away to make room; a house that is over its limit lets nobody in until it is
below.

Who is called must still come. Of those called lately the share `shows` is expected (measured: who came of those that
were called), so people who have given up do not hold the place of those who have not. And the front moves at
`rate_per_s` at most, since a join costs an edge several times what a second of listening does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Final

import msgspec

from rostra.shield.waiting.line import Line

TURN_S: Final = 2.0
LEASE_S: Final = 8.0
CALL_S: Final = 30.0
"""After this long, who was called and has not come is taken for gone. They may still come while their ticket lives."""
SPEED_S: Final = 60.0
"""The span over which the speed of the front is measured."""
FILLS_IN_S: Final = 20.0
"""How long an empty house takes to fill: capacity / FILLS_IN_S joins a second."""
_LEAST_SHOWS: Final = 0.1
_LEARNS: Final = 0.3
_FEW: Final = 5
"""A call of so many people teaches half as much about the share that comes as one of very many."""


class Lease(msgspec.Struct, frozen=True, array_like=True):
    """What one edge has. seats: what it can serve; used: who is there; limit: up to how many it may let in by itself;
    demand: who asked since its last turn; until_us: unix microseconds."""

    seats: int
    used: int
    limit: int
    demand: int
    until_us: int


class Call(msgspec.Struct, frozen=True, array_like=True):
    """So many people were called at `at_us`; `came` of them have been let in."""

    at_us: int
    people: int
    came: int = 0


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The entry. moved_us: when the front was last looked at."""

    leases: dict[str, Lease] = {}
    line: Line = Line()
    calls: tuple[Call, ...] = ()
    shows: float = 1.0
    moved_us: int = 0

    @property
    def capacity(self) -> int:
        return sum(lease.seats for lease in self.leases.values())

    @property
    def used(self) -> int:
        return sum(lease.used for lease in self.leases.values())

    @property
    def rate_per_s(self) -> float:
        """Joins a second at most."""
        return max(1.0, self.capacity / FILLS_IN_S)

    def expected(self, now_us: int) -> int:
        """Called, not there yet, and likely to come."""
        since_us = now_us - int(CALL_S * 1e6)
        return round(self.shows * sum(call.people - call.came for call in self.calls if call.at_us > since_us))

    def speed_per_s(self, now_us: int) -> float:
        """People by which the front moved in a second, over the last minute."""
        since_us = now_us - int(SPEED_S * 1e6)
        lately = [call for call in self.calls if call.at_us > since_us]
        if not lately:
            return 0.0
        span_s = max(TURN_S, (now_us - lately[0].at_us) / 1e6 + TURN_S)
        return sum(call.people for call in lately) / min(SPEED_S, span_s)


@dataclass(frozen=True, slots=True)
class Report:
    """What an edge has to say: see `Lease`; joined: (bucket, people) it gave places to; came: called ones it let in;
    calls: whether anybody may be called now (open doors, no siege)."""

    edge: str
    seats: int
    used: int
    demand: int
    joined: tuple[tuple[int, int], ...] = ()
    came: int = 0
    calls: bool = True


def turn(house: House, report: Report, *, now_us: int) -> House:
    """The entry after this edge's turn."""
    others = {edge: lease for edge, lease in house.leases.items() if edge != report.edge and lease.until_us > now_us}
    lease = _lease(others, report, now_us)
    house = msgspec.structs.replace(
        house,
        leases={**others, report.edge: lease},
        line=house.line.joined(report.joined),
        calls=_arrived(house.calls, report.came, now_us),
    )
    house = _forget(house, now_us)
    return _call(house, now_us) if report.calls else msgspec.structs.replace(house, moved_us=now_us)


def _lease(others: dict[str, Lease], report: Report, now_us: int) -> Lease:
    """This edge's limit: what it uses, and of the free slots a share that follows its share of those who ask.

    What others have leased is theirs until their own next turn, so a share is right after two turns at the latest.
    """
    capacity = report.seats + sum(lease.seats for lease in others.values())
    used = report.used + sum(lease.used for lease in others.values())
    asked = report.demand + 1 + sum(lease.demand + 1 for lease in others.values())
    fair = floor((capacity - used) * (report.demand + 1) / asked + 0.5)
    left = capacity - report.used - sum(max(lease.limit, lease.used) for lease in others.values())
    limit = report.used + max(0, min(fair, left))
    return Lease(report.seats, report.used, limit, report.demand, now_us + int(LEASE_S * 1e6))


def _arrived(calls: tuple[Call, ...], came: int, now_us: int) -> tuple[Call, ...]:
    """Whoever came is taken for one of the oldest call that is still open."""
    result = []
    for call in calls:
        is_open = call.at_us > now_us - int(CALL_S * 1e6)
        here = min(came, call.people - call.came) if is_open else 0
        came -= here
        result.append(msgspec.structs.replace(call, came=call.came + here) if here else call)
    return tuple(result)


def _forget(house: House, now_us: int) -> House:
    """Learn from calls that have ended; drop those that nobody measures any more."""
    shows = house.shows
    ended_us, kept_us = now_us - int(CALL_S * 1e6), now_us - int(SPEED_S * 1e6)
    for call in house.calls:
        if house.moved_us - int(CALL_S * 1e6) < call.at_us <= ended_us:
            shows += _LEARNS * call.people / (call.people + _FEW) * (call.came / call.people - shows)
    calls = tuple(call for call in house.calls if call.at_us > kept_us)
    return msgspec.structs.replace(house, shows=max(_LEAST_SHOWS, shows), calls=calls)


def _call(house: House, now_us: int) -> House:
    """Move the front over as many as there is room for, no faster than the rate."""
    passed_s = min(2 * TURN_S, max(0.0, (now_us - house.moved_us) / 1e6))
    allowance = floor(passed_s * house.rate_per_s)
    if allowance < 1 and house.line.waiting:
        return house  # and `moved_us` stays: a slow rate adds up
    free = house.capacity - house.used - house.expected(now_us)
    wanted = min(allowance, floor(free / house.shows)) if free > 0 else 0
    line, called = house.line.moved(max(0, min(wanted, house.line.waiting)))
    calls = (*house.calls, Call(now_us, called)) if called else house.calls
    return msgspec.structs.replace(house, line=line, calls=calls, moved_us=now_us)
