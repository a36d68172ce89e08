"""What a process does in rounds goes on at once while there is work, and outlives whatever goes wrong in one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from rostra.platform.errors import Unavailable
from rostra.platform.files import StorageFull
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds
from rostra.platform.tasks import Tasks
from tests.kit.clock import FakeClock

_log = get_logger(__name__)
Round = Callable[[], object]


@asynccontextmanager
async def going(clock: FakeClock, rounds: list[Round], *, pause_s: float = 0.0) -> AsyncIterator[list[float]]:
    """Do these rounds, and then some in which there is nothing to do; when each of them began, in seconds."""
    begun: list[float] = []
    start_s = clock.monotonic()

    async def tick() -> object:
        begun.append(clock.monotonic() - start_s)
        return rounds.pop(0)() if rounds else False

    tasks = Tasks()
    tasks.spawn("rounds", in_rounds(tick, clock, _log, every_s=5, pause_s=pause_s))
    yield begun
    await tasks.close()


def failing(error: Exception) -> Round:
    def fails() -> object:
        raise error

    return fails


async def test_while_there_is_work_the_next_round_comes_at_once(clock: FakeClock) -> None:
    async with going(clock, [lambda: True, lambda: 3, lambda: 0]) as begun:
        await clock.advance(seconds=11)
        assert begun == [0, 0, 0, 5, 10]


async def test_others_get_their_turn_between_two_rounds(clock: FakeClock) -> None:
    async with going(clock, [lambda: True, lambda: True], pause_s=0.5) as begun:
        await clock.advance(seconds=7)
        assert begun == [0, 0.5, 1, 6]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unavailable("no database"), {"event": "round_waits", "log_level": "warning", "reason": "no database"}),
        (StorageFull("no room"), {"event": "round_waits", "log_level": "warning", "reason": "no room"}),
        (ZeroDivisionError(), {"event": "round_failed", "log_level": "error", "exc_info": True}),
    ],
)
async def test_what_goes_wrong_costs_one_round(clock: FakeClock, error: Exception, said: dict[str, object]) -> None:
    with capture_logs() as logs:
        async with going(clock, [failing(error), lambda: True]) as begun:
            await clock.advance(seconds=6)
            assert begun == [0, 5, 5]
    assert logs == [said]
