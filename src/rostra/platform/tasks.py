"""Background tasks that cannot fail in silence and cannot outlive their owner."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from rostra.platform.log import get_logger

_log = get_logger(__name__)
CRASHED: Final = "task_crashed"
CANCEL_AGAIN_S: Final = 1.0


class Tasks:
    """The tasks of one owner. Close it and they are cancelled and awaited.

    A task that raises is logged with its traceback under its name; the others go on, since a lost state
    feed must not take the sound with it. What must be restarted restarts itself.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, name: str, work: Coroutine[Any, Any, Any], *, awaited: bool = False) -> asyncio.Task[Any]:
        """Start `work`. awaited: the owner will look at the result, so a failure is the owner's to report."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard if awaited else self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error(CRASHED, task=task.get_name(), exc_info=error)

    async def close(self) -> None:
        """Cancel what still runs and wait for it. A library may swallow a cancellation (nats-py does while it
        flushes), so what goes on after a second is cancelled again.
        """
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
