"""Tasks end when their owner closes them."""

from __future__ import annotations

import asyncio

import pytest

from rostra.platform import tasks as tasks_module
from rostra.platform.tasks import Tasks


async def test_a_swallowed_cancellation_does_not_keep_the_owner_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that eats one CancelledError is asked again."""
    monkeypatch.setattr(tasks_module, "CANCEL_AGAIN_S", 0.001)
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    tasks = Tasks()
    task = tasks.spawn("stubborn", stubborn())
    await asyncio.sleep(0)
    await tasks.close()
    assert task.cancelled()
    assert swallowed == 2
