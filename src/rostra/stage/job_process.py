"""One job in a process of its own: `python -m rostra.stage.job_process FILES FOLDER`, the order on standard input.

Standard output carries lines of `rostra.stage.jobs.Said`. Nice first, then the imports: they alone take a while.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from pathlib import Path
from typing import Final

from rostra.platform.priority import give_way

_PR_SET_PDEATHSIG: Final = 1
NICENESS: Final = 10
"""A tenth of what a stage gets where both want the processor; with less a busy machine would never finish a replay."""


def main() -> int:
    """Carry out the order; 0 when something was said about it."""
    give_way(NICENESS)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    import msgspec

    from rostra.media.jobs import AnyJob
    from rostra.platform.clock import SystemClock
    from rostra.platform.errors import RostraError
    from rostra.platform.files import FileStore, StorageFull, StorageUnwritable
    from rostra.stage.errors import RecordingFailed
    from rostra.stage.jobs import Said
    from rostra.stage.makers import make
    from rostra.stage.replay_files import storage_error
    from rostra.stage.workbench import Bench

    clock = SystemClock()
    said_at = clock.monotonic()

    def say(said: Said) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        sys.stdout.buffer.flush()

    def progress(share: float) -> None:
        nonlocal said_at
        if clock.monotonic() - said_at >= 1:
            said_at = clock.monotonic()
            say(Said(share=share))

    files, folder = Path(sys.argv[1]), Path(sys.argv[2])
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=AnyJob)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        say(Said(made=make(job, Bench(FileStore(files), folder, progress))))
    except RostraError as error:
        again = isinstance(error, (StorageFull, StorageUnwritable, RecordingFailed))
        say(Said(code=error.code, log=str(error), message=error.user_message, again=again))
    except OSError as error:
        refused = storage_error(error)
        say(Said(code=refused.code, log=str(error), message=refused.user_message, again=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
