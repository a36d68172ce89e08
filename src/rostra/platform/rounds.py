"""Work that goes on for ever in rounds: what is due is done, and whatever goes wrong costs one round."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from structlog.stdlib import BoundLogger

from rostra.platform.clock import Clock
from rostra.platform.errors import Unavailable
from rostra.platform.files import StorageFull, StorageUnwritable


async def in_rounds(
    tick: Callable[[], Awaitable[object]], clock: Clock, log: BoundLogger, *, every_s: float, pause_s: float = 0.0
) -> None:
    """For ever. tick: one round; while it says that there was something to do, the next follows after `pause_s`.

    A database, a bus or a disk that is away is waited for. A bug is logged, and the next round comes all the same: one
    row that nobody can work on must not keep a process from everything else that is due.
    """
    while True:
        more: object = False
        try:
            more = await tick()
        except (Unavailable, StorageFull, StorageUnwritable) as error:
            log.warning("round_waits", reason=str(error))
        except Exception:  # the work outlives a bug in one round; the log shows it
            log.exception("round_failed")
        if not more:
            await clock.sleep(every_s)
        elif pause_s:
            await clock.sleep(pause_s)
