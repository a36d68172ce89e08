"""A memory that stays small and never says anything old."""

from __future__ import annotations

from rostra.platform.remembered import Remembered


def test_what_was_kept_is_found() -> None:
    memory: Remembered[str, int] = Remembered(2)
    assert memory.get("one") is None
    assert memory.keep("one", 1) == 1
    assert memory.get("one") == 1


def test_it_stays_bounded() -> None:
    memory: Remembered[int, int] = Remembered(10)
    for number in range(1000):
        memory.keep(number, number)
        assert len(memory) <= 20
    assert memory.get(999) == 999
    assert memory.get(0) is None


def test_what_is_asked_for_stays() -> None:
    memory: Remembered[int, str] = Remembered(10)
    memory.keep(0, "wanted")
    for number in range(1, 1000):
        memory.keep(number, "")
        assert memory.get(0) == "wanted"
