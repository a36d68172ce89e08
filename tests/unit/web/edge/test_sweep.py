"""Those who have had their time end a few at a time, so that nobody waits for the end of an attack."""

from __future__ import annotations

from collections.abc import Callable

from rostra.platform.clock import Clock
from rostra.web.edge.connection import Connection
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from rostra.web.edge.sweep import ENDS, LOOKS, Sweep
from tests.kit.clock import FakeClock


class Loop:
    """What is called when the sockets have been looked at; a test says when that is."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def soon(self, callback: Callable[[], None]) -> None:
        self.due.append(callback)

    def turn(self) -> None:
        due, self.due = self.due, []
        for each in due:
            each()


def connections(count: int, clock: Clock) -> list[Connection]:
    server = Server(Routes(), clock)
    return [Connection(server) for _ in range(count)]


def test_an_attack_ends_a_few_at_a_time(clock: FakeClock) -> None:
    """Each ends once, and what begins meanwhile does not start from the beginning."""
    ended: list[Connection] = []
    loop, made = Loop(), connections(ENDS * 2 + 5, clock)
    sweep = Sweep(lambda _: "idle", lambda connection, _: ended.append(connection))
    sweep.soon = loop.soon
    sweep.begin(made)
    assert len(ended) == ENDS
    sweep.begin(made)
    assert len(ended) == ENDS
    loop.turn()
    assert len(ended) == ENDS * 2
    loop.turn()
    assert (len(ended), set(ended), loop.due) == (len(made), set(made), [])


def test_a_full_house_is_looked_at_in_turns(clock: FakeClock) -> None:
    looked: list[Connection] = []
    loop = Loop()
    sweep = Sweep(lambda connection: looked.append(connection) or "", lambda *_: None)  # type: ignore[func-returns-value]
    sweep.soon = loop.soon
    sweep.begin(connections(LOOKS + 1, clock))
    assert len(looked) == LOOKS
    loop.turn()
    assert (len(looked), loop.due) == (LOOKS + 1, [])


def test_without_a_loop_all_are_looked_at_in_one_turn(clock: FakeClock) -> None:
    ended: list[Connection] = []
    Sweep(lambda _: "idle", lambda connection, _: ended.append(connection)).begin(connections(ENDS * 3, clock))
    assert len(ended) == ENDS * 3
