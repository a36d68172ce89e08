"""Levels rise in three seconds and fall step by step; what they do is one table."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from rostra.media.wire import OPERATOR, LevelSet
from rostra.shield.accord import Accord
from rostra.shield.levels import MEASURES, Gauge, Level, Newcomers, Signals, as_table
from rostra.shield.rates import as_table as rates_table

QUIET = Signals(cpu=0.1, lag_ms=1, answered=100, strangers=10)
CROWD = Signals(cpu=0.95, lag_ms=80, answered=1000, strangers=100)
FLOOD = Signals(cpu=0.95, lag_ms=80, answered=600, refused=100, strangers=500)
TURNED_AWAY = Signals(cpu=0.95, lag_ms=80, answered=100, refused=600, strangers=650)
WARDED = Signals(cpu=0.3, lag_ms=2, answered=100, refused=600, strangers=650)


def run(gauge: Gauge, signals: Signals, *, start_s: float, seconds: float) -> list[tuple[float, Level]]:
    """The turns, looking twice a second."""
    turns = []
    for look in range(int(seconds * 2)):
        now_s = start_s + look / 2
        if (turn := gauge.look(signals, now_s)) is not None:
            turns.append((now_s - start_s, turn.level))
    return turns


def test_overload_raises_the_level_within_three_seconds() -> None:
    [(after_s, level)] = run(Gauge(), CROWD, start_s=0, seconds=3)
    assert level is Level.BUSY
    assert after_s < 3


def test_a_crowd_of_listeners_is_no_enemy() -> None:
    """However long it lasts."""
    assert run(Gauge(), CROWD, start_s=0, seconds=600) == [(2.0, Level.BUSY)]


def test_a_flood_goes_to_hostile_and_to_siege_only_while_it_is_being_refused() -> None:
    gauge = Gauge()
    assert [level for _, level in run(gauge, FLOOD, start_s=0, seconds=60)] == [Level.BUSY, Level.HOSTILE]
    assert [level for _, level in run(gauge, TURNED_AWAY, start_s=60, seconds=60)] == [Level.SIEGE]


def test_a_short_peak_changes_nothing() -> None:
    gauge = Gauge()
    for second in range(60):
        assert run(gauge, CROWD if second % 2 else QUIET, start_s=second, seconds=1) == []


def test_the_level_falls_one_step_a_minute() -> None:
    gauge = Gauge()
    run(gauge, FLOOD, start_s=0, seconds=5)
    assert gauge.level is Level.HOSTILE
    assert run(gauge, QUIET, start_s=5, seconds=200) == [(60.0, Level.BUSY), (120.5, Level.CALM)]


def test_a_flood_that_is_turned_away_is_not_over() -> None:
    """We are at ease because we refuse; what it would cost to answer holds the level."""
    gauge = Gauge()
    run(gauge, FLOOD, start_s=0, seconds=5)
    assert run(gauge, WARDED, start_s=5, seconds=600) == []


def test_between_hot_and_cool_nothing_moves() -> None:
    gauge, warm = Gauge(), Signals(cpu=0.7, lag_ms=10, answered=500)
    run(gauge, CROWD, start_s=0, seconds=3)
    assert run(gauge, warm, start_s=3, seconds=600) == []


def test_a_machine_that_others_keep_busy_is_no_attack() -> None:
    assert run(Gauge(), Signals(cpu=0.2, lag_ms=400, answered=5), start_s=0, seconds=60) == []


def test_each_level_does_at_least_what_the_one_below_does() -> None:
    order = [Newcomers.FREE, Newcomers.WAIT, Newcomers.CHALLENGE, Newcomers.CLOSED]
    levels = [MEASURES[level] for level in Level]
    for below, above in pairwise(levels):
        assert order.index(above.newcomers) >= order.index(below.newcomers)
        assert above.media_needs_ticket >= below.media_needs_ticket
        assert above.factor <= below.factor


def said(level: Level, *, until_us: int | None = None, at_us: int = 0) -> bytes:
    return msgspec.json.encode(LevelSet(level=level, reason=f"{level.word}!", at_us=at_us, until_us=until_us))


def test_the_highest_of_the_edges_holds() -> None:
    accord = Accord()
    assert accord.now(0).level is Level.CALM
    accord.hear("edge.a", said(Level.BUSY, until_us=100))
    accord.hear("edge.b", said(Level.HOSTILE, until_us=50))
    assert accord.now(0) == (Level.HOSTILE, "edge", "hostile!")
    assert accord.now(50).level is Level.BUSY
    accord.hear("edge.a", None)
    assert accord.now(50).level is Level.CALM


@pytest.mark.parametrize("level", list(Level))
def test_the_operator_is_heard_before_all_edges_up_and_down(level: Level) -> None:
    accord = Accord()
    accord.hear("edge.a", said(Level.BUSY, until_us=1000))
    accord.hear(OPERATOR, said(level, until_us=500))
    assert accord.now(499) == (level, "operator", f"{level.word}!")
    assert accord.now(500).level is Level.BUSY


def test_without_the_bus_the_last_level_holds() -> None:
    """What edges have said does not lapse while nobody can say anything; an operator's own time runs on."""
    accord = Accord()
    accord.hear("edge.a", said(Level.HOSTILE, until_us=100))
    accord.bus_is(there=False, now_us=50)
    assert accord.now(10_000).level is Level.HOSTILE
    accord.bus_is(there=True, now_us=10_001)
    assert accord.now(10_001).level is Level.CALM


@pytest.mark.parametrize("value", [b"", b"{}", b'{"level": 9, "reason": "", "at_us": 0}', b"\xff"])
def test_nonsense_changes_nothing(value: bytes) -> None:
    accord = Accord()
    accord.hear("edge.a", said(Level.BUSY))
    assert not accord.hear("edge.a", value)
    assert accord.now(0).level is Level.BUSY


def test_the_page_for_operators_shows_the_tables_that_the_code_uses() -> None:
    page = (Path(__file__).parents[3] / "docs/operate/shield.md").read_text()
    assert as_table() in page
    assert rates_table() in page
