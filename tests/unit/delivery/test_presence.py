"""The count of listeners against audiences of known size."""

from __future__ import annotations

import random
from statistics import fmean

import pytest

from rostra.delivery.presence import (
    CAUTIOUS_DEPTH,
    DEEPEST,
    FORGET_S,
    PERIOD_S,
    SAMPLE_MOST,
    WINDOW_S,
    Audience,
    Presence,
    audience,
    limit_of,
)


class Crowd:
    """Players that follow the rules: each shows its number once a period while it lies below the limit it heard of."""

    def __init__(self, size: int, seed: int) -> None:
        chance = random.Random(seed)
        self.numbers = [chance.getrandbits(32) for _ in range(size)]
        self.requests = 0

    def speak(self, edges: list[Presence], start_s: float, seconds: float) -> None:
        """Time passes in periods of players and ticks of edges."""
        steps = round(seconds / PERIOD_S)
        for step in range(steps):
            now_s = start_s + step * PERIOD_S
            for n, number in enumerate(self.numbers):
                at_s = now_s + (n % 100) / 100 * PERIOD_S
                edge = edges[n % len(edges)]
                if number < limit_of(edge.depth):
                    self.requests += 1
                    edge.here(number, at_s)
            _exchange(edges, now_s + PERIOD_S)


def _exchange(edges: list[Presence], now_s: float) -> None:
    for place, edge in enumerate(edges):
        for other in [*edges[:place], *edges[place + 1 :]]:
            other.heard(f"edge {place}", edge.own(0), now_s)
    for edge in edges:
        edge.tick(now_s)


def counted(edge: Presence, radios: int = 0) -> Audience:
    found = edge.audience(radios)
    assert found is not None
    return found


def settled(
    size: int, seed: int, *, edges: int = 1, joins_late: bool = False
) -> tuple[Audience, Crowd, list[Presence]]:
    crowd = Crowd(size, seed)
    places = [Presence(0.0, joins_late=joins_late) for _ in range(edges)]
    crowd.speak(places, 0.0, 150.0)
    return counted(places[0]), crowd, places


@pytest.mark.parametrize("size", [0, 1, 10, 1000])
def test_small_audiences_are_counted_exactly(size: int) -> None:
    found, _, _ = settled(size, seed=1)
    assert found == Audience(size, 0.0)


@pytest.mark.parametrize("size", [5_000, 100_000])
def test_the_error_is_known_and_kept(size: int) -> None:
    """Of ten crowds at least eight lie within the 95 % interval that the edge itself names, and none far outside."""
    misses: list[float] = []
    for seed in range(10):
        found, _, _ = settled(size, seed)
        assert found.error <= 0.09
        misses.append(abs(found.listeners - size) / size / found.error)
    assert sum(miss <= 1 for miss in misses) >= 8
    assert max(misses) < 2
    assert fmean(misses) < 0.8


def test_the_load_stays_the_same_however_many_listen() -> None:
    loads = []
    for size in (10_000, 100_000):
        _, crowd, places = settled(size, seed=3)
        crowd.requests = 0
        crowd.speak(places, 150.0, PERIOD_S)
        loads.append(crowd.requests)
    assert all(SAMPLE_MOST / 4 <= load <= SAMPLE_MOST for load in loads)


def test_edges_count_together_and_nobody_twice() -> None:
    found, crowd, places = settled(3_000, seed=4, edges=3)
    assert abs(found.listeners - 3_000) <= 2 * found.error * 3_000
    for number in crowd.numbers[:200]:
        places[1].here(number, 150.0)  # they came from another edge
    _exchange(places, 150.0)
    assert counted(places[0]).listeners == found.listeners


def test_who_leaves_is_forgotten_within_the_window() -> None:
    edge = Presence(0.0, joins_late=False)
    edge.here(7, 0.0)
    edge.tick(WINDOW_S)
    assert counted(edge).listeners == 1
    edge.tick(WINDOW_S + 0.1)
    assert counted(edge).listeners == 0


def test_an_edge_that_is_gone_does_not_count() -> None:
    gone, edge = Presence(0.0, joins_late=False), Presence(0.0, joins_late=False)
    gone.here(7, 0.0)
    edge.heard("gone", gone.own(3), 0.0)
    assert counted(edge).listeners == 4
    edge.tick(FORGET_S + 0.1)
    assert counted(edge).listeners == 0


def test_an_edge_that_joins_late_begins_with_few_and_says_nothing_before_it_knows() -> None:
    """100,000 players must not all speak because one edge was started anew."""
    edge = Presence(0.0, joins_late=True)
    assert edge.depth == CAUTIOUS_DEPTH
    assert edge.audience(0) is None
    found, crowd, _ = settled(100_000, seed=5, joins_late=True)
    assert crowd.requests < 150 / PERIOD_S * SAMPLE_MOST
    assert abs(found.listeners - 100_000) / 100_000 < 0.15


def test_a_late_edge_counts_a_small_audience_exactly_soon() -> None:
    found, _, places = settled(12, seed=6, joins_late=True)
    assert places[0].depth == 0
    assert found == Audience(12, 0.0)


def test_an_audience_that_leaves_is_counted_exactly_in_the_end() -> None:
    _, crowd, places = settled(50_000, seed=7)
    assert places[0].depth > 0
    crowd.numbers = crowd.numbers[:40]
    crowd.speak(places, 150.0, 120.0)
    assert counted(places[0]) == Audience(40, 0.0)


def test_radios_are_counted_by_connection() -> None:
    edge = Presence(0.0, joins_late=False)
    edge.here(7, 0.0)
    assert counted(edge, radios=5) == Audience(6, 0.0)


def test_a_flood_of_made_up_numbers_does_not_grow_memory_for_ever() -> None:
    """It can spoil the count, as anybody can who opens a thousand players, but nothing else."""
    edge = Presence(0.0, joins_late=False)
    for number in range(200_000):
        edge.here(number * 20_000, 1.0)
    assert len(edge.own(0).numbers) <= SAMPLE_MOST
    assert edge.depth <= DEEPEST
    assert audience([edge.own(0)]).listeners > 100_000
