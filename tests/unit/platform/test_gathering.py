"""Calls that are done together: each gets its own answer, nobody waits for company, nobody suffers for a neighbour."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from rostra.platform.errors import NotFound, RostraError, Unavailable
from rostra.platform.gathering import Gathering


class Act:
    """Doubles numbers; refuses odd ones above a hundred, and fails with everybody beside a negative one."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, asked: Sequence[int]) -> list[int | RostraError]:
        self.turns.append(list(asked))
        await self.open.wait()
        if min(asked) < 0:
            raise ValueError("negative")
        return [NotFound(f"{each}") if each > 100 and each % 2 else 2 * each for each in asked]


async def test_who_comes_while_others_are_served_is_served_next_together() -> None:
    line, act = Gathering[int, int]("test"), Act()
    assert await line.ask(1, act) == 2
    assert act.turns == [[1]]
    assert await asyncio.gather(*(line.ask(each, act) for each in range(5))) == [0, 2, 4, 6, 8]
    assert act.turns == [[1], [0, 1, 2, 3, 4]]


async def test_a_turn_has_an_end() -> None:
    line, act = Gathering[int, int]("test", most=2), Act()
    await asyncio.gather(*(line.ask(each, act) for each in range(5)))
    assert act.turns == [[0, 1], [2, 3], [4]]


async def test_an_error_as_an_answer_is_for_one_alone() -> None:
    line, act = Gathering[int, int]("test"), Act()
    first, second, third = await asyncio.gather(*(line.ask(each, act) for each in (1, 101, 3)), return_exceptions=True)
    assert (first, third) == (2, 6)
    assert isinstance(second, NotFound)


async def test_what_fails_together_is_tried_apart() -> None:
    line, act = Gathering[int, int]("test"), Act()
    first, second, third = await asyncio.gather(*(line.ask(each, act) for each in (1, -1, 3)), return_exceptions=True)
    assert (first, third) == (2, 6)
    assert isinstance(second, ValueError)


async def test_what_does_not_answer_is_not_asked_again_for_each() -> None:
    line, asked = Gathering[int, int]("test"), 0

    async def gone(_: Sequence[int]) -> list[int | RostraError]:
        nonlocal asked
        asked += 1
        raise Unavailable("gone")

    answers = await asyncio.gather(*(line.ask(each, gone) for each in range(3)), return_exceptions=True)
    assert all(isinstance(each, Unavailable) for each in answers)
    assert asked == 1


async def test_who_goes_away_leaves_their_call_in_its_turn() -> None:
    line, act = Gathering[int, int]("test"), Act()
    act.open.clear()
    calls = [asyncio.ensure_future(line.ask(each, act)) for each in (1, 2)]
    while not act.turns:
        await asyncio.sleep(0)
    calls[0].cancel()
    act.open.set()
    assert await calls[1] == 4
    with pytest.raises(asyncio.CancelledError):
        await calls[0]
    assert await line.ask(3, act) == 6
