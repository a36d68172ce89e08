"""One supervised child process: started, logged, restarted with back-off, stopped in order."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from rostra.platform.clock import Clock
from rostra.platform.log import get_logger

_log = get_logger(__name__)

BACKOFF_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""After one end at once, two in a row, and so on."""
RAN_S: Final = 5.0
"""What ran so long had started, and somebody needs it: it is back without a pause. Crash loops are quicker."""
GRACE_S: Final = 8.0
_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Child:
    """A command that should always run.

    show: called with (name, line) for every line that the child writes. quiet_end: an exit with status 0 is
    the child's own decision and is not undone. ended: awaited when it has ended by itself, before it starts anew.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    show: Callable[[str, str], None]
    clock: Clock
    quiet_end: bool = False
    ended: Callable[[], Awaitable[None]] | None = None
    restarts: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _stopping: bool = field(default=False, init=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def run(self) -> None:
        """Keep the command running until `stop`."""
        failures = 0
        while not self._stopping:
            started = self.clock.monotonic()
            status = await self._run_once()
            if self._stopping or (status == 0 and self.quiet_end):
                return
            failures = failures_after(failures, ran_s=self.clock.monotonic() - started)
            wait_s = wait_before_restart_s(failures)
            self.restarts += 1
            _log.warning("process_ended", process=self.name, status=status, restart_in_s=wait_s)
            if self.ended is not None:
                await self.ended()
            await self.clock.sleep(wait_s)

    async def _run_once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            env=dict(self.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(_die_with_parent, os.getpid()),
            limit=1 << 20,
        )
        self.started.set()
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.show(self.name, line.decode("utf-8", "replace").rstrip("\n"))
        return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL when it has not ended within GRACE_S."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            _log.warning("process_killed", process=self.name, waited_s=GRACE_S)
            process.kill()
            await process.wait()


def failures_after(failures: int, *, ran_s: float) -> int:
    """How many times in a row a process has now ended before it had run for RAN_S."""
    return 0 if ran_s >= RAN_S else failures + 1


def wait_before_restart_s(failures: int) -> float:
    """Nothing after a good run; a little longer with each failure in a row, 10 s at most."""
    return BACKOFF_S[min(failures, len(BACKOFF_S)) - 1] if failures else 0.0


def _die_with_parent(parent: int) -> None:
    """Ask Linux to end this child when the supervisor is gone, even by SIGKILL, so that no orphan holds a port.

    The terminal's Ctrl-C reaches the supervisor alone (the child has a session of its own): it stops the
    children in order.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def readable(name: str, line: str) -> str:
    """A child's log line for people: JSON lines become `time process event fact=value`, others stay as they are."""
    label = f"{name:<7}"
    try:
        facts = json.loads(line)
        event = facts.pop("event")
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"         {label} {line}"
    stamp = str(facts.pop("timestamp", ""))[11:19]
    level = facts.pop("level", "info")
    facts.pop("logger", None)
    trace = facts.pop("exception", None)
    mark = "" if level in ("info", "debug") else f"{level.upper()} "
    text = " ".join(f"{key}={value}" for key, value in facts.items())
    return f"{stamp} {label} {mark}{event} {text}".rstrip() + (f"\n{trace}" if trace else "")
