"""The entry that edges share: leases never promise more than there is, and the front never stops for who has gone."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rostra.shield.waiting.house import CALL_S, FILLS_IN_S, LEASE_S, TURN_S, House, Report, turn

SECOND = 1_000_000
START = 1_800_000_000 * SECOND
steps_of_edges = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(0, 30), st.floats(0, 10)), max_size=40
)


@given(steps_of_edges)
def test_leases_promise_no_more_than_there_is(steps: list[tuple[str, int, int, float]]) -> None:
    """Whatever edges report, in whatever order: limits exceed the capacity only by listeners who are there."""
    house, now = House(), START
    for edge, used, demand, passed_s in steps:
        now += int(passed_s * SECOND)
        limit_before = {name: lease.limit for name, lease in house.leases.items()}
        used = max(used, 0)
        house = turn(house, Report(edge, 20, used, demand), now_us=now)
        limits = sum(lease.limit for lease in house.leases.values())
        there = sum(max(lease.used, limit_before.get(name, 0)) for name, lease in house.leases.items())
        assert limits <= max(house.capacity, there)
        assert all(lease.limit >= lease.used for lease in house.leases.values())


def test_one_edge_alone_has_it_all_and_two_share() -> None:
    house = turn(House(), Report("a", 100, 10, 0), now_us=START)
    assert house.leases["a"].limit == 100
    for step in range(4):
        house = turn(house, Report("ab"[step % 2], 100, 10, 0), now_us=START + step)
    assert {edge: lease.limit for edge, lease in house.leases.items()} == {"a": 100, "b": 100}


def test_slots_go_where_people_ask() -> None:
    house, now = House(), START
    for _ in range(4):
        now += SECOND
        house = turn(house, Report("busy", 100, 100, 99), now_us=now)
        house = turn(house, Report("idle", 100, 0, 0), now_us=now)
    assert house.leases["busy"].limit == 199
    assert house.leases["idle"].limit == 1


def test_a_dead_edge_takes_its_capacity_along_and_nobody_is_sent_away() -> None:
    house = turn(turn(House(), Report("a", 10, 10, 5), now_us=START), Report("b", 10, 10, 5), now_us=START)
    later = START + int(LEASE_S * SECOND) + 1
    house = turn(house, Report("b", 10, 17, 5, joined=((1, 4),)), now_us=later)
    assert set(house.leases) == {"b"}
    assert house.leases["b"].limit == 17
    assert house.line.waiting == 4


def people_called(house: House) -> int:
    return sum(call.people for call in house.calls)


def test_the_front_moves_by_free_seats_and_no_faster_than_the_rate() -> None:
    house = turn(House(moved_us=START), Report("a", 200, 0, 0, joined=((0, 500),)), now_us=START)
    rate = 200 / FILLS_IN_S
    now, called = START, 0
    for _ in range(30):
        now += int(TURN_S * SECOND)
        house = turn(house, Report("a", 200, 0, 0), now_us=now)
        assert people_called(house) - called <= rate * TURN_S
        called = people_called(house)
        assert house.expected(now) <= 200
    assert called >= 200


def test_who_has_gone_holds_up_nobody() -> None:
    """Half of the people have left: the seats fill with the others all the same, in about as many calls again."""
    house = turn(House(moved_us=START), Report("a", 100, 0, 0, joined=((0, 1000),)), now_us=START)
    now, used, came, turns = START, 0, 0, 0
    while used < 90:
        now += int(TURN_S * SECOND)
        used += came
        house = turn(house, Report("a", 100, used, came, came=came), now_us=now)
        came = sum(call.people for call in house.calls if call.at_us == now) // 2
        turns += 1
        assert turns < 60
    assert house.shows < 0.8


def test_a_tiny_house_calls_one_at_a_time() -> None:
    house = turn(House(moved_us=START), Report("a", 1, 1, 0, joined=((1, 3),)), now_us=START + SECOND)
    assert people_called(house) == 0
    house = turn(house, Report("a", 1, 0, 0), now_us=START + 3 * SECOND)
    assert people_called(house) == 1
    assert house.line.waiting == 2
    again = turn(house, Report("a", 1, 0, 0), now_us=START + 5 * SECOND)
    assert people_called(again) == 1
    late = turn(again, Report("a", 1, 0, 0), now_us=START + int((CALL_S + 6) * SECOND))
    assert people_called(late) == 2


def test_nobody_is_called_before_the_doors() -> None:
    house = turn(House(), Report("a", 100, 0, 0, joined=((0, 50),), calls=False), now_us=START)
    house = turn(house, Report("a", 100, 0, 0, calls=False), now_us=START + 600 * SECOND)
    assert house.line.waiting == 50
    house = turn(house, Report("a", 100, 0, 0), now_us=START + 602 * SECOND)
    assert people_called(house) == int(TURN_S * 100 / FILLS_IN_S)


def test_the_entry_survives_json() -> None:
    house = turn(House(), Report("a", 10, 12, 3, joined=((0, 50), (4, 2))), now_us=START)
    assert msgspec.json.decode(msgspec.json.encode(house), type=House) == house
