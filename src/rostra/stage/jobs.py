"""The stage's workshop: takes orders from two queues, one at a time from each, and has each done by a process.

The process runs at a low priority and holds no lock of this one, so the sound of the rooms never waits for it.
It dies with the stage. An order that is not answered comes back to whichever stage is free.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import msgspec

from rostra.media.jobs import (
    JOBS,
    JOBS_STREAM,
    QUICK,
    QUICK_STREAM,
    AnyJob,
    AnyMade,
    Job,
    Made,
    NotMade,
    Progress,
    job_kind,
    made_subject,
    progress_subject,
)
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.files import FileStore
from rostra.platform.log import get_logger
from rostra.stage.errors import JobInterrupted

WORKER: Final = "stage"
BACK_AFTER_S: Final = 20.0
"""An order whose stage was killed comes back so soon; a living one says every few seconds that it is at it."""
CRASHES_MOST: Final = 5
LINE_BYTES: Final = 1 << 20
_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()
_jobs: Final = msgspec.json.Decoder(AnyJob)


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the process: how far it is, or its last word. again: the same order may work later."""

    share: float | None = None
    made: AnyMade | None = None
    code: str | None = None
    log: str = ""
    message: str = ""
    again: bool = False


class Workshop:
    """folder: for what is in the making; nothing in it is missed when it is lost."""

    def __init__(self, bus: Bus, files: FileStore, folder: Path) -> None:
        self._bus = bus
        self._files = files
        self._folder = folder
        self._crashes: dict[str, int] = {}

    async def run(self) -> None:
        """Work for ever. Cancelled, it ends the processes that are at work."""
        queues = ((JOBS_STREAM, JOBS), (QUICK_STREAM, QUICK))
        await asyncio.gather(
            *(
                self._bus.work(stream, subject, WORKER, self._take, back_after_s=BACK_AFTER_S)
                for stream, subject in queues
            )
        )

    async def _take(self, payload: bytes) -> None:
        """Carry out one order. Raises JobInterrupted when it is to come again."""
        try:
            job = _jobs.decode(payload)
        except msgspec.DecodeError as error:
            _log.error("job_unreadable", error=str(error))
            return
        kind = job_kind(job)
        made = await self._made(job, kind, payload)
        await self._bus.publish_durable(made_subject(made), _json.encode(made), message_id=f"made.{job.job_id}")
        self._crashes.pop(job.job_id, None)
        _log.info("job_done", job=job.job_id, kind=kind, outcome=job_kind(made), broadcast_id=job.broadcast_id)

    async def _made(self, job: Job, kind: str, payload: bytes) -> Made:
        last = await self._in_a_process(job, payload)
        if last is not None and last.made is not None:
            return last.made
        if last is None:
            crashes = self._crashes[job.job_id] = self._crashes.get(job.job_id, 0) + 1
            if crashes < CRASHES_MOST:
                raise JobInterrupted(f"job {job.job_id}: the process ended without a word ({crashes})")
            last = Said(code=JobInterrupted.code, message=JobInterrupted.user_message)
        if last.again:
            await self._tell(Progress(job_id=job.job_id, broadcast_id=job.broadcast_id, share=0, waiting=last.message))
            raise JobInterrupted(f"job {job.job_id}: {last.log}")
        _log.error("job_given_up", job=job.job_id, kind=kind, code=last.code, error=last.log)
        return NotMade(
            job_id=job.job_id, broadcast_id=job.broadcast_id, of=kind, code=last.code or "", message=last.message
        )

    async def _in_a_process(self, job: Job, payload: bytes) -> Said | None:
        """Its last word; None when it ended without one."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "rostra.stage.job_process",
            str(self._files.root),
            str(self._folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        last: Said | None = None
        try:
            process.stdin.write(payload)
            process.stdin.close()
            async for line in process.stdout:
                said = msgspec.json.decode(line, type=Said)
                if said.share is None:
                    last = said
                    continue
                share = round(said.share, 3)
                await self._tell(Progress(job_id=job.job_id, broadcast_id=job.broadcast_id, share=share))
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return last

    async def _tell(self, progress: Progress) -> None:
        try:
            await self._bus.publish(progress_subject(progress.broadcast_id), _json.encode(progress))
        except BusUnavailable as error:
            _log.debug("progress_not_told", job=progress.job_id, error=str(error))
