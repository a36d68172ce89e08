"""An end to what a test has running in the background."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_S = 1.0


async def call_off(*tasks: asyncio.Future[Any]) -> None:
    """Cancel them and wait until they are gone, whatever became of them.

    nats-py swallows a cancellation that comes while it flushes: who cancels once then waits for ever.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
