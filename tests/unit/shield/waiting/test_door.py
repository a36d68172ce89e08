"""The door of one edge, over time: in at once while there is room, a place in the line when there is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from rostra.media.wire import SigningKeys
from rostra.shield.levels import Newcomers
from rostra.shield.tickets import new_key
from rostra.shield.waiting.challenge import HOLD_S
from rostra.shield.waiting.door import Admitted, Door, Reason, Waits
from rostra.shield.waiting.house import CALL_S, TURN_S, House, turn
from rostra.shield.waiting.seats import KEPT_S, Seats
from rostra.shield.waiting.tickets import LIFETIME_S, WaitingKeys
from tests.kit.clock import FakeClock

PAIR = SigningKeys(current=new_key())


@dataclass
class Place:
    """Doors that share one entry, as edges do on the bus, and listeners who play while they are inside."""

    clock: FakeClock
    capacity: int = 2
    names: str = "a"
    house: House = field(default_factory=House)
    bus: bool = True

    def __post_init__(self) -> None:
        self.doors = {name: Door(Seats(0.0), self.capacity) for name in self.names}
        self.inside = dict.fromkeys(self.names, 0)
        for door in self.doors.values():
            door.keys = WaitingKeys(PAIR, "17")
        self.open()
        self.pass_time(2)

    def open(self) -> None:
        for door in self.doors.values():
            door.opened_us = self.clock.now_us()

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.clock.jump(seconds=TURN_S)
            for name, door in self.doors.items():
                door.seats.heard_s += TURN_S * self.inside[name]
                door.tick(self.clock.now_us(), self.clock.monotonic(), 0)
                if not self.bus:
                    continue
                report = door.report(name, seats=self.capacity)
                self.house = turn(self.house, report, now_us=self.clock.now_us())
                door.reported(report, self.house)

    def ask(self, token: str = "", answer: str = "", *, at: str = "a") -> Admitted | Waits:
        came = self.doors[at].ask(token, answer, now_us=self.clock.now_us(), mono_s=self.clock.monotonic())
        if isinstance(came, Admitted):
            self.inside[at] += 1
        return came

    def waits(self, token: str = "", answer: str = "", *, at: str = "a") -> Waits:
        came = self.ask(token, answer, at=at)
        assert isinstance(came, Waits)
        return came


def test_a_calm_house_lets_in_at_once(clock: FakeClock) -> None:
    place = Place(clock)
    assert place.ask() == Admitted()
    assert place.ask() == Admitted()
    assert place.waits().reason is Reason.FULL


def test_whoever_leaves_makes_room_for_the_next(clock: FakeClock) -> None:
    place = Place(clock, capacity=1)
    place.ask()
    place.pass_time(20)
    first = place.waits()
    place.pass_time(6)
    second = place.waits()
    assert (first.ahead, second.ahead) == (0, 1)
    place.inside["a"] = 0
    place.pass_time(10)
    assert place.waits(first.token).reason is Reason.FULL
    place.pass_time(KEPT_S + 10)
    assert place.waits(second.token).ahead == 0
    came = place.ask(first.token)
    assert isinstance(came, Admitted)
    assert came.jti is not None
    place.pass_time(20)
    assert place.waits(second.token).reason is Reason.FULL


def test_a_newcomer_does_not_pass_those_who_wait(clock: FakeClock) -> None:
    place = Place(clock, capacity=1)
    place.ask()
    place.pass_time(20)
    token = place.waits().token
    place.inside["a"] = 0
    while not place.house.calls:
        place.pass_time(TURN_S)
    assert place.doors["a"].free == 1
    assert place.waits().reason is Reason.FULL
    assert isinstance(place.ask(token), Admitted)


def test_one_ticket_is_one_listener_at_every_edge(clock: FakeClock) -> None:
    """Shown again (a lost answer, a second window, another edge), it is the same admission and takes no second seat."""
    place = Place(clock, capacity=1, names="ab")
    place.doors["a"].walk_in(clock.now_us(), clock.monotonic())
    place.doors["b"].walk_in(clock.now_us(), clock.monotonic())
    token = place.waits().token
    place.pass_time(KEPT_S + 40)
    first = place.ask(token)
    taken = place.doors["a"].seats.taken
    assert isinstance(first, Admitted)
    assert place.ask(token) == first
    assert place.doors["a"].seats.taken == taken
    place.doors["b"].spent_elsewhere(place.doors["a"].take_spent(), clock.now_us())
    before = place.doors["b"].seats.taken
    assert place.ask(token, at="b") == first
    assert place.doors["b"].seats.taken == before


def test_a_look_in_five_minutes_keeps_the_place(clock: FakeClock) -> None:
    place = Place(clock, capacity=1)
    place.ask()
    first = place.waits()
    place.pass_time(LIFETIME_S - 10)
    again = place.waits(first.token)
    assert again.place == first.place
    place.pass_time(LIFETIME_S - 10)
    assert place.waits(again.token).place == first.place
    place.pass_time(LIFETIME_S + 10)
    assert place.waits(again.token).place != first.place


def test_before_the_doors_all_have_one_bucket(clock: FakeClock) -> None:
    place = Place(clock, capacity=5)
    place.doors["a"].opened_us = None
    early = [place.waits() for _ in range(4)]
    place.pass_time(60)
    early.append(place.waits())
    assert {each.reason for each in early} == {Reason.DOORS}
    assert {each.place.bucket for each in early if each.place} == {0}
    place.open()
    assert place.waits().reason is Reason.FULL, "who comes now does not pass those who came early"
    place.pass_time(10)
    assert all(isinstance(place.ask(each.token), Admitted) for each in early)


def test_whoever_was_inside_comes_back_into_a_full_house(clock: FakeClock) -> None:
    place = Place(clock, capacity=1)
    place.ask()
    door = place.doors["a"]
    assert door.come_back(clock.monotonic()) == Admitted()
    assert door.free == -1
    place.inside["a"] = 2
    place.pass_time(20)
    assert place.waits().reason is Reason.FULL


def test_without_the_bus_the_last_lease_holds(clock: FakeClock) -> None:
    place = Place(clock, capacity=2)
    place.ask()
    place.pass_time(4)
    place.bus = False
    place.pass_time(600)
    assert place.ask() == Admitted()
    assert place.waits().reason is Reason.FULL
    place.inside["a"] = 1
    place.pass_time(KEPT_S + 20)
    token = place.waits().token
    place.bus = True
    place.pass_time(CALL_S + 10)
    assert isinstance(place.ask(token), Admitted)


def test_under_attack_a_newcomer_waits_a_minute_or_calculates(clock: FakeClock) -> None:
    place = Place(clock, capacity=5)
    place.doors["a"].newcomers = Newcomers.CHALLENGE
    patient, busy = place.waits(), place.waits()
    place.pass_time(10)
    assert patient.reason is Reason.CHALLENGE
    assert patient.held_s == HOLD_S
    given = busy.challenge
    assert given is not None
    tries = (number for number in range(given.most))
    number = next(n for n in tries if hashlib.sha256(f"{given.salt}{n}".encode()).hexdigest() == given.wanted)
    answer = f"{given.salt.split('.')[3]}.{number}"
    assert place.waits(patient.token, answer).reason is Reason.CHALLENGE, "an answer is of no use to another ticket"
    assert isinstance(place.ask(busy.token, answer), Admitted)
    place.pass_time(HOLD_S - 12)
    assert place.waits(patient.token).held_s <= 2
    place.pass_time(4)
    assert isinstance(place.ask(patient.token), Admitted)


def test_in_a_siege_places_are_kept_and_none_is_given(clock: FakeClock) -> None:
    place = Place(clock, capacity=1)
    place.ask()
    kept = place.waits()
    place.doors["a"].newcomers = Newcomers.CLOSED
    place.inside["a"] = 0
    place.pass_time(KEPT_S + 20)
    assert place.waits() == Waits(Reason.CLOSED)
    again = place.waits(kept.token)
    assert (again.reason, again.place) == (Reason.CLOSED, kept.place)
    place.doors["a"].newcomers = Newcomers.FREE
    place.pass_time(4)
    assert isinstance(place.ask(again.token), Admitted)


def test_without_keys_nobody_is_given_a_place(clock: FakeClock) -> None:
    door = Door(Seats(0.0), 10)
    assert door.ask("", "", now_us=clock.now_us(), mono_s=clock.monotonic()) == Waits(Reason.FULL)
