"""While the edge is pressed, whoever carries a ticket goes first and everybody else in turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.levels import Level
from rostra.shield.tickets import new_key
from rostra.web.edge.connection import MOST_WAITING_BYTES
from rostra.web.edge.lane import AT_ONCE, STAYS_S, Lane
from tests.unit.web.edge.conftest import MEDIA, Client, Desk

PART = f"{MEDIA}/p18.m4s"


class Turns:
    """The loop: what was asked to be called soon, turn by turn."""

    def __init__(self, lane: Lane) -> None:
        self.due: list[Callable[[], None]] = []
        lane.soon = self.due.append

    def pass_one(self) -> None:
        due, self.due[:] = list(self.due), []
        for act in due:
            act()

    def pass_all(self) -> int:
        count = 0
        while self.due:
            self.pass_one()
            count += 1
        return count


@pytest.fixture
def desk(live: Desk) -> Desk:
    """On the air, and pressed."""
    live.server.gate.doorkeeper.keys_are(SigningKeys(current=new_key()))
    live.server.press(late_ms=30, cpu=0.9)
    return live


@pytest.fixture
def turns(desk: Desk) -> Turns:
    return Turns(desk.server.lane)


def a_ticket(desk: Desk) -> str:
    return desk.server.gate.doorkeeper.admit("4711", "7f000000")[1]


def served(client: Client) -> int:
    return len(client.answers())


def test_a_ticket_is_answered_at_once_and_nobody_else(desk: Desk, turns: Turns) -> None:
    stranger, admitted = desk.client(), desk.client()
    stranger.ask(PART)
    assert admitted.get(PART, Cookie=f"rt={a_ticket(desk)}").status == 200
    assert served(stranger) == 0
    turns.pass_all()
    assert served(stranger) == 1


def test_a_turn_is_short_whatever_the_number_of_those_who_wait(desk: Desk, turns: Turns) -> None:
    strangers = [desk.client() for _ in range(2 * AT_ONCE)]
    for each in strangers:
        each.ask(PART)
    turns.pass_one()
    assert sum(served(each) for each in strangers) == AT_ONCE
    turns.pass_one()
    assert sum(served(each) for each in strangers) == AT_ONCE


def test_a_packet_of_many_requests_is_answered_one_by_one(desk: Desk, turns: Turns) -> None:
    greedy, modest = desk.client(), desk.client()
    greedy.send(f"GET {PART} HTTP/1.1\r\nHost: edge.test\r\n\r\n".encode() * 3)
    modest.ask(PART)
    turns.pass_one()
    assert (served(greedy), served(modest)) == (1, 1)
    assert turns.pass_all() == 2
    assert served(greedy) == 2


def test_a_ticket_that_does_not_count_loses_its_precedence(desk: Desk, turns: Turns) -> None:
    forger, cookie = desk.client(), {"Cookie": f"rt={a_ticket(desk)[:-4]}AAAA"}
    assert forger.get(PART, **cookie).status == 200
    forger.ask(PART, **cookie)
    assert served(forger) == 0
    turns.pass_all()
    assert served(forger) == 1


def test_a_crowd_without_tickets_is_counted_and_looked_at_no_further(desk: Desk, turns: Turns) -> None:
    """At a calm level, whatever a judge found, they would pass."""
    gate = desk.server.gate
    for path in (PART, f"{MEDIA}/index.m3u8"):
        desk.client().ask(path)
    turns.pass_all()
    assert gate.rules.strangers == 2
    gate.rules.set_level(Level.SIEGE)
    gate.reconsider()
    client = desk.client()
    client.ask(f"{MEDIA}/index.m3u8")
    turns.pass_all()
    assert [answer.status for answer in client.answers()] == [401]


def test_it_ends_when_the_edge_has_been_at_ease_for_a_while(desk: Desk, turns: Turns) -> None:
    waiting = desk.client()
    waiting.ask(PART)
    desk.clock.jump(seconds=STAYS_S - 0.1)
    desk.server.press(late_ms=30, cpu=0.3)  # late through no fault of its visitors
    assert desk.server.lane.is_open
    desk.clock.jump(seconds=0.1)
    desk.server.press(late_ms=0, cpu=0.7)
    assert not desk.server.lane.is_open
    assert not desk.server.gate.watches_media
    assert desk.client().get(PART).status == 200
    turns.pass_all()
    assert served(waiting) == 1


def test_who_leaves_or_waits_for_something_else_holds_up_nobody(desk: Desk, turns: Turns) -> None:
    gone, held, head = desk.client(), desk.client(), desk.client()
    gone.ask(PART)
    gone.wire.close()
    gone.lose()
    held.ask(f"{MEDIA}/index.m3u8?_HLS_msn=2&_HLS_part=4")
    held.ask(PART)
    head.send(b"GET /half HTTP/1.1\r\n")
    assert turns.pass_all() == 1
    assert served(held) == served(gone) == served(head) == 0
    desk.run(19, 22)
    turns.pass_all()
    assert served(held) == 2
    head.send(b"Host: edge.test\r\n\r\n")
    turns.pass_all()
    assert [answer.status for answer in head.answers()] == [404]


def test_a_fault_at_one_address_leaves_nobody_waiting(desk: Desk, turns: Turns) -> None:
    class Faulty:
        bulkhead = None

        def answer(self, connection: object, query: bytes, fields: object, *, head: bool) -> None:
            raise KeyError("a bug")

    desk.server.routes.endpoints[b"/faulty"] = Faulty()
    unlucky, other = desk.client(), desk.client()
    unlucky.ask("/faulty")
    other.ask(PART)
    with pytest.raises(KeyError):
        turns.pass_one()
    turns.pass_all()
    assert served(other) == 1


def test_a_refusal_comes_in_turn_too_and_then_the_rest(desk: Desk, turns: Turns) -> None:
    desk.server.gate.rules.set_level(Level.SIEGE)
    desk.server.gate.reconsider()
    client = desk.client()
    client.ask(PART)
    client.ask(PART)
    turns.pass_all()
    assert [answer.status for answer in client.answers()] == [401]
    assert len(desk.server.lane) == 0
    desk.pass_time(1.5)
    turns.pass_all()
    assert [answer.status for answer in client.answers()] == [401]


def test_nobody_may_leave_much_waiting(desk: Desk, turns: Turns) -> None:
    client = desk.client()
    client.send(f"GET {PART} HTTP/1.1\r\nHost: edge.test\r\n\r\n".encode() * (MOST_WAITING_BYTES // 50))
    assert client.wire.aborted
    assert turns.due == []


def test_a_lane_that_is_switched_off_never_opens() -> None:
    lane = Lane(off=True)
    lane.look(1, late_ms=500, cpu=1)
    assert not lane.is_open
