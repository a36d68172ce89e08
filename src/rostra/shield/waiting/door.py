"""What one edge decides at the door of one broadcast: in at once, or a place in the line.

Fails static: without the bus the last lease holds. Whoever is inside stays, seats that become free are given to who has
been called or, where nobody waits, to who comes; the front stands still, so everybody else keeps their place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Final

from rostra.shield.levels import Newcomers
from rostra.shield.waiting.challenge import HOLD_S, Challenge, challenge, solves
from rostra.shield.waiting.house import House, Report
from rostra.shield.waiting.seats import Seats
from rostra.shield.waiting.tickets import (
    LIFETIME_S,
    SKEW_S,
    Place,
    WaitingKeys,
    WaitingTicket,
    bucket_at,
    drawn,
    renewed,
)

MOST_SPENT: Final = 100_000
"""Tickets that have become admissions, until they expire. Fails open: of more, the oldest are forgotten, and whoever
shows one of those again still is the same listener (`WaitingKeys.admission_id`)."""
SOON_S: Final = 2
LOOK_LEAST_S: Final = 3
LOOK_MOST_S: Final = 20
"""Shorter than `house.CALL_S`, so that everybody who is there sees their call in time."""


class Reason(StrEnum):
    """Why somebody waits. FULL: no seat is free; NEXT: called, as soon as a seat is; DOORS: they are closed;
    CHALLENGE: newcomers wait longer at the moment; CLOSED: only tickets count at the moment."""

    FULL = "full"
    NEXT = "next"
    DOORS = "doors"
    CHALLENGE = "challenge"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Admitted:
    """jti: of the listener ticket; None for who had to wait for nothing, and is given one of chance."""

    jti: str | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """token: the waiting ticket, renewed; empty when none is given. ahead: people at most; estimate_s: None while
    nobody
    knows; look_again_s: when to come back; held_s: what of the longer wait is left."""

    reason: Reason
    token: str = ""
    place: Place | None = None
    ahead: int = 0
    estimate_s: int | None = None
    look_again_s: int = LOOK_MOST_S
    held_s: int = 0
    challenge: Challenge | None = None


class Door:
    """Sans-I/O. Unix times are microseconds, `mono_s` is monotonic.

    opened_us: when the doors opened, None while they are closed; keys: None until the bus has told.
    """

    def __init__(self, seats: Seats, capacity: int) -> None:
        self.seats = seats
        self.capacity = capacity
        self.house = House()
        self.keys: WaitingKeys | None = None
        self.opened_us: int | None = None
        self.newcomers = Newcomers.FREE
        self.admitted = self.placed = 0
        self._limit: int | None = None
        self._joined: Counter[int] = Counter()
        self._demand = self._came = 0
        self._spent: dict[int, int] = {}
        self._newly_spent: list[int] = []

    @property
    def free(self) -> int:
        """Seats that this edge may give away now. Before its first lease it has its own."""
        return (self.capacity if self._limit is None else self._limit) - self.seats.taken

    def waiting(self, now_us: int) -> int:
        """People who go before whoever comes now, at most."""
        return self.house.line.waiting + self._joined.total() + self.house.expected(now_us)

    @property
    def waits_for_doors(self) -> bool:
        return self.opened_us is None

    # who comes

    def walk_in(self, now_us: int, mono_s: float) -> bool:
        """Somebody without any ticket wants to listen. Whether they may, at once: then a seat is taken."""
        self._demand += 1
        if not self.has_room(now_us):
            return False
        self._let_in(mono_s)
        return True

    def has_room(self, now_us: int) -> bool:
        """Whether somebody without a ticket may come in at once: there is a seat more than people were here before."""
        is_free = not self.waits_for_doors and self.newcomers is Newcomers.FREE
        return is_free and self.free > self.waiting(now_us)

    def come_back(self, mono_s: float) -> Admitted:
        """Somebody has a good listener ticket: they do not wait again, whatever the house is like."""
        self._let_in(mono_s)
        return Admitted()

    def ask(self, token: str, answer: str, *, now_us: int, mono_s: float) -> Admitted | Waits:
        """token: a waiting ticket, or empty; answer: of its challenge, or empty."""
        keys, now_s = self.keys, now_us / 1e6
        ticket = keys.read(token, now_s=now_s) if keys is not None else None
        if keys is None or (ticket is None and self.newcomers is Newcomers.CLOSED):
            return Waits(Reason.CLOSED if keys is not None else Reason.FULL)
        if ticket is None:
            if self.walk_in(now_us, mono_s):
                return Admitted()
            ticket = self._new_place(now_us)
        else:
            self._demand += 1
            if ticket.number in self._spent:
                return Admitted(keys.admission_id(ticket))
            if ticket.held_s and answer and solves(keys, ticket, answer, now_s=now_s):
                ticket = replace(ticket, held_s=0)
            ticket = renewed(ticket, now_s=now_s)
        return self._in_line(keys, ticket, now_us, mono_s)

    def _new_place(self, now_us: int) -> WaitingTicket:
        opened_s = None if self.opened_us is None else self.opened_us / 1e6
        now_s = now_us / 1e6
        held_s = int(now_s) + HOLD_S if self.newcomers is Newcomers.CHALLENGE else 0
        ticket = drawn(bucket_at(now_s, opened_s), now_s=now_s, held_s=held_s)
        self._joined[ticket.place.bucket] += 1
        self.placed += 1
        return ticket

    def _in_line(self, keys: WaitingKeys, ticket: WaitingTicket, now_us: int, mono_s: float) -> Admitted | Waits:
        now_s = now_us / 1e6
        held_s = max(0, ceil(ticket.held_s - now_s))
        called = self.house.line.called(ticket.place)
        is_open = not self.waits_for_doors and self.newcomers is not Newcomers.CLOSED
        if called and is_open and not held_s and self.free > 0:
            self._spend(ticket)
            self._came += 1
            self._let_in(mono_s)
            return Admitted(keys.admission_id(ticket))
        ahead = self.ahead(ticket.place)
        reason, estimate_s = self._prospect(ahead, now_us, called=called, held_s=held_s)
        return Waits(
            reason,
            token=keys.mint(ticket),
            place=ticket.place,
            ahead=ahead,
            estimate_s=estimate_s,
            look_again_s=held_s if reason is Reason.CHALLENGE else self._look_again_s(reason, ahead, estimate_s),
            held_s=held_s,
            challenge=challenge(keys, ticket, now_s=now_s) if held_s else None,
        )

    def _prospect(self, ahead: int, now_us: int, *, called: bool, held_s: int) -> tuple[Reason, int | None]:
        if self.newcomers is Newcomers.CLOSED:
            return Reason.CLOSED, None
        if self.waits_for_doors:
            return Reason.DOORS, None
        speed = self.house.speed_per_s(now_us)
        estimate_s = ceil((ahead + 1) / speed) if speed else None
        if held_s:
            return Reason.CHALLENGE, max(held_s, estimate_s or 0)
        return (Reason.NEXT, None) if called else (Reason.FULL, estimate_s)

    def _look_again_s(self, reason: Reason, ahead: int, estimate_s: int | None) -> int:
        """Near the front often, far behind it seldom; nobody is called sooner than the rate allows."""
        if reason is Reason.NEXT:
            return SOON_S
        if reason is not Reason.FULL:
            return LOOK_MOST_S
        soonest_s = ceil(ahead / self.house.rate_per_s) if estimate_s is None else estimate_s
        return min(LOOK_MOST_S, max(LOOK_LEAST_S, soonest_s // 4))

    def ahead(self, place: Place) -> int:
        """People before a place at most, with those who came to this edge since its last turn."""
        lately = sum(count for bucket, count in self._joined.items() if bucket < place.bucket)
        return self.house.line.ahead(place) + lately

    def _let_in(self, mono_s: float) -> None:
        self.admitted += 1
        self.seats.let_in(mono_s)

    def _spend(self, ticket: WaitingTicket) -> None:
        self._spent[ticket.number] = ticket.expires_s
        self._newly_spent.append(ticket.number)

    # what the edges tell each other

    def report(self, edge: str, *, seats: int) -> Report:
        """For this edge's turn. seats: of its capacity, what it offers to this broadcast."""
        calls = not self.waits_for_doors and self.newcomers is not Newcomers.CLOSED
        joined = tuple(sorted(self._joined.items()))
        return Report(edge, seats, self.seats.taken, self._demand, joined, self._came, calls)

    def reported(self, report: Report, house: House) -> None:
        """The turn has been written: what it told is told."""
        self._joined -= Counter(dict(report.joined))
        self._demand -= report.demand
        self._came -= report.came
        self._limit = house.leases[report.edge].limit
        self.house = house

    def take_spent(self) -> list[int]:
        """Numbers of tickets that became admissions here since the last call, for the other edges."""
        numbers, self._newly_spent = self._newly_spent, []
        return numbers

    def spent_elsewhere(self, numbers: list[int], now_us: int) -> None:
        until_s = int(now_us / 1e6) + LIFETIME_S
        self._spent.update(dict.fromkeys(numbers, until_s))

    def tick(self, now_us: int, mono_s: float, radios: int) -> None:
        """About once a second."""
        self.seats.tick(mono_s, radios)
        now_s = now_us / 1e6
        for number in [number for number, until_s in self._spent.items() if until_s + SKEW_S <= now_s]:
            del self._spent[number]
        while len(self._spent) > MOST_SPENT:
            del self._spent[next(iter(self._spent))]
