"""Who waits for what, and who is woken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.waiting import Waiting


def test_one_arrival_wakes_all_that_wait_for_it_in_their_order() -> None:
    waiting: Waiting[str] = Waiting()
    for name in ("a", "b", "c"):
        waiting.hold(name, 5, until_s=10)
    waiting.hold("later", 6, until_s=10)
    assert waiting.released(5) == ["a", "b", "c"]
    assert waiting.released(5) == []
    assert len(waiting) == 1


def test_who_has_gone_is_not_woken() -> None:
    waiting: Waiting[str] = Waiting()
    waiting.hold("a", 5, until_s=10)
    waiting.forget("a")
    waiting.forget("a")
    assert waiting.released(9) == []


def test_who_waits_too_long_is_let_go() -> None:
    waiting: Waiting[str] = Waiting()
    waiting.hold("a", 5, until_s=10)
    waiting.hold("b", 7, until_s=11)
    assert waiting.expired(9.9) == []
    assert waiting.expired(10) == ["a"]
    assert waiting.everyone() == ["b"]


@given(st.lists(st.tuples(st.sampled_from(["hold", "forget", "release"]), st.integers(0, 9), st.integers(0, 9))))
def test_a_waiter_is_woken_once_and_only_when_it_is_time(acts: list[tuple[str, int, int]]) -> None:
    waiting: Waiting[int] = Waiting()
    held: dict[int, int] = {}
    for act, who, number in acts:
        if act == "hold":
            waiting.hold(who, number, until_s=1)
            held[who] = number
        elif act == "forget":
            waiting.forget(who)
            held.pop(who, None)
        else:
            woken = waiting.released(number)
            assert sorted(woken) == sorted(each for each, needed in held.items() if needed <= number)
            for each in woken:
                del held[each]
        assert len(waiting) == len(held)
